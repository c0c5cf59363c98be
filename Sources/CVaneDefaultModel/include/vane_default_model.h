#ifndef VANE_DEFAULT_MODEL_H
#define VANE_DEFAULT_MODEL_H

#include <stddef.h>

// The files of the folder `model/`, embedded byte for byte: the default model and its starter concepts.
typedef struct {
    const char *name;  // relative to the folder
    const unsigned char *bytes;
    size_t count;
} vdm_file;

// All files, and how many there are.
const vdm_file *vdm_files(size_t *count);

#endif
