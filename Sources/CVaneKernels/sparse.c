/// Kernels on one sparse row: they run on the calling thread, so that a caller divides its rows as it likes.
#include "internal/selection.h"

void vk_sparse_sum(float *y, const float *start, const int32_t *indices, const float *values, long count,
                   const float *matrix, long stride, long width) {
    vk_active()->sparse_sum(y, start, indices, values, count, matrix, stride, width);
}

void vk_sparse_dots(float *y, const int32_t *indices, long count, const float *matrix, long stride,
                    const float *x, long width) {
    vk_active()->sparse_dots(y, indices, count, matrix, stride, x, width);
}

size_t vk_top_k_scratch(long k) { return 2 * (size_t)(vk_top_capacity(vk_max(k, 0)) + 16); }

long vk_top_k(int32_t *indices, float *values, const float *x, long width, long k, uint64_t *scratch) {
    return vk_active()->top_k(indices, values, x, width, k, scratch);
}

long vk_above(int32_t *indices, float *values, const float *x, const float *bounds, long width) {
    return vk_active()->above(indices, values, x, bounds, width);
}
