#if defined(__x86_64__)
#include <immintrin.h>

#include "../internal/kernels.h"

// Thirty-two registers of sixteen floats: twelve rows by two vectors leave room for weights and inputs.
#define TILE_ROWS 12
#define SQUARE 16
#define K_BLOCK 768
#define FEW_ROWS 4
#define WIDE(ROWS) ((ROWS) <= 2 ? 8 : 4)
#define NARROW(ROWS) 2
#define TILES(X, SUFFIX, TYPE)                                                          \
    X(1, 8, SUFFIX, TYPE) X(2, 8, SUFFIX, TYPE) X(3, 4, SUFFIX, TYPE) X(4, 4, SUFFIX, TYPE) \
    X(1, 2, SUFFIX, TYPE) X(2, 2, SUFFIX, TYPE) X(3, 2, SUFFIX, TYPE) X(4, 2, SUFFIX, TYPE) \
    X(5, 2, SUFFIX, TYPE) X(6, 2, SUFFIX, TYPE) X(7, 2, SUFFIX, TYPE) X(8, 2, SUFFIX, TYPE) \
    X(9, 2, SUFFIX, TYPE) X(10, 2, SUFFIX, TYPE) X(11, 2, SUFFIX, TYPE) X(12, 2, SUFFIX, TYPE)
#define SCORE_BLOCKS(ROWS) ((ROWS) == 1 ? 8 : 4)
#define MIX_VECTORS(ROWS) 4

#define TABLE vk_kernels_avx512
#define VK_MASKED 1
#pragma clang attribute push(                                                                  \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)
#include "../template/all.h"
#pragma clang attribute pop
#endif
