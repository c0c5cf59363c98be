#if defined(__x86_64__)
#include <immintrin.h>

#include "../internal/kernels.h"
#include "../template/small_registers.h"

// The compiler warns that passing a vector of sixteen floats differs between instruction sets. Every
// function that does so is inlined into this file.
#pragma clang diagnostic ignored "-Wpsabi"

#define TABLE vk_kernels_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "../template/all.h"
#pragma clang attribute pop
#endif
