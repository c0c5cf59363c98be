// SwiftPM wants one source file in a C target; the declarations in the header are all there is.
#include "vane_lapack.h"
