/// Reference kernels on sparse rows.
#include "../internal/selection.h"

static void sparse_sum(float *y, const float *start, const int32_t *indices, const float *values, long count,
                       const float *matrix, long stride, long width) {
    for (long i = 0; i < width; i++) {
        float sum = start ? start[i] : 0;
        for (long e = 0; e < count; e++) sum = fmaf(values[e], matrix[(long)indices[e] * stride + i], sum);
        y[i] = sum;
    }
}

static void sparse_dots(float *y, const int32_t *indices, long count, const float *matrix, long stride,
                        const float *x, long width) {
    for (long e = 0; e < count; e++) {
        const float *row = matrix + (long)indices[e] * stride;
        float sums[LANES] = {0};
        for (long i = 0; i < width; i++) sums[i % LANES] = fmaf(x[i], row[i], sums[i % LANES]);
        y[e] = tree_sum(sums);
    }
}

static long top_k(int32_t *indices, float *values, const float *x, long width, long k, uint64_t *scratch) {
    const long capacity = vk_top_capacity(k);
    vk_top top = {scratch, scratch + capacity + LANES, 0, k, 0};
    if (k <= 0) return 0;
    for (long i = 0; i < width; i++) {
        if (x[i] > top.bound) top.keys[top.count++] = vk_top_key(x[i], i);
        if (top.count > capacity) vk_top_cut(&top);
    }
    return vk_top_finish(&top, indices, values);
}

static long above(int32_t *indices, float *values, const float *x, const float *bounds, long width) {
    long count = 0;
    for (long i = 0; i < width; i++) {
        if (!(x[i] > bounds[i])) continue;
        indices[count] = (int32_t)i;
        values[count++] = x[i];
    }
    return count;
}
