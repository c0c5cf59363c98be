/// Kernels on sparse rows: a few entries, each a row of a matrix and a number.
#include "../internal/selection.h"

/// Vectors of sums held at once: registers less what the loop needs.
#if defined(VK_MASKED)
enum { SPARSE_VECTORS = 24 };
#else
enum { SPARSE_VECTORS = 6 };
#endif

INLINE void sum_vectors(float *y, const float *start, const int32_t *indices, const float *values, long count,
                        const float *matrix, long stride, const long vectors) {
    vf sums[SPARSE_VECTORS];
    UNROLL
    for (long v = 0; v < vectors; v++) sums[v] = start ? load(start + v * LANES) : splat(0);
    for (long e = 0; e < count; e++) {
        const float *row = matrix + (long)indices[e] * stride;
        const vf factor = splat(values[e]);
        UNROLL
        for (long v = 0; v < vectors; v++) sums[v] = fma16(factor, load(row + v * LANES), sums[v]);
    }
    UNROLL
    for (long v = 0; v < vectors; v++) store(y + v * LANES, sums[v]);
}

static void sparse_sum(float *y, const float *start, const int32_t *indices, const float *values, long count,
                       const float *matrix, long stride, long width) {
    long i = 0;
    for (; i + SPARSE_VECTORS * LANES <= width; i += SPARSE_VECTORS * LANES)
        sum_vectors(y + i, start ? start + i : start, indices, values, count, matrix + i, stride,
                    SPARSE_VECTORS);
    for (; i + 2 * LANES <= width; i += 2 * LANES)
        sum_vectors(y + i, start ? start + i : start, indices, values, count, matrix + i, stride, 2);
    for (; i + LANES <= width; i += LANES)
        sum_vectors(y + i, start ? start + i : start, indices, values, count, matrix + i, stride, 1);
    if (i >= width) return;
    const long rest = width - i;
    vf sum = start ? load_part(start + i, rest) : splat(0);
    for (long e = 0; e < count; e++)
        sum = fma16(splat(values[e]), load_part(matrix + (long)indices[e] * stride + i, rest), sum);
    store_part(y + i, sum, rest);
}

INLINE void dot_rows(float *y, const int32_t *indices, const float *matrix, long stride, const float *x,
                     long width, const long rows) {
    vf sums[4];
    const float *row[4];
    UNROLL
    for (long r = 0; r < rows; r++) {
        sums[r] = splat(0);
        row[r] = matrix + (long)indices[r] * stride;
    }
    long i = 0;
    for (; i + LANES <= width; i += LANES) {
        const vf part = load(x + i);
        UNROLL
        for (long r = 0; r < rows; r++) sums[r] = fma16(part, load(row[r] + i), sums[r]);
    }
    if (i < width) {
        const vf part = load_part(x + i, width - i);
        UNROLL
        for (long r = 0; r < rows; r++) sums[r] = fma16(part, load_part(row[r] + i, width - i), sums[r]);
    }
    UNROLL
    for (long r = 0; r < rows; r++) y[r] = sum_lanes(sums[r]);
}

static void sparse_dots(float *y, const int32_t *indices, long count, const float *matrix, long stride,
                        const float *x, long width) {
    long e = 0;
    for (; e + 4 <= count; e += 4) dot_rows(y + e, indices + e, matrix, stride, x, width, 4);
    for (; e < count; e++) dot_rows(y + e, indices + e, matrix, stride, x, width, 1);
}

/// One bit a lane, the first lane lowest.
INLINE uint32_t lane_bits(vi mask) {
    typedef _Bool vb __attribute__((ext_vector_type(16)));
    const vb lanes = __builtin_convertvector(mask, vb);
    uint16_t bits;
    __builtin_memcpy(&bits, &lanes, sizeof bits);
    return bits;
}

/// A number that at least `k` positive numbers of the row exceed or equal, so that smaller ones need not be looked
/// at, or 0: the `k`-th of the largest numbers of twice as many groups. `keys` has room for 2k + 16.
INLINE float least_bound(const float *x, long width, long k, uint64_t *keys) {
    const long groups = (2 * k + LANES - 1) / LANES, length = width / LANES / groups;
    if (length < 4) return 0;
    long count = 0;
    for (long group = 0; group < groups; group++) {
        const float *own = x + group * length * LANES;
        vf most = splat(0);
        for (long i = 0; i < length; i++) most = max16(most, load(own + i * LANES));
        for (long lane = 0; lane < LANES; lane++)
            if (most[lane] > 0) keys[count++] = vk_top_key(most[lane], group * LANES + lane);
    }
    if (count < k) return 0;
    // One less than the bits of that number, so that the number itself exceeds it.
    const uint32_t bits = (uint32_t)(vk_kth_key(keys, count, k) >> 32) - 1;
    float bound;
    __builtin_memcpy(&bound, &bits, sizeof bound);
    return bound;
}

static long top_k(int32_t *indices, float *values, const float *x, long width, long k, uint64_t *scratch) {
    if (k <= 0) return 0;
    const long capacity = vk_top_capacity(k);
    vk_top top = {scratch, scratch + capacity + LANES, 0, k, 0};
    top.bound = least_bound(x, width, k, scratch);
    long i = 0;
    for (; i + LANES <= width; i += LANES) {
        uint32_t bits = lane_bits(load(x + i) > splat(top.bound));
        for (; bits; bits &= bits - 1) {
            const long j = i + __builtin_ctz(bits);
            top.keys[top.count++] = vk_top_key(x[j], j);
        }
        if (top.count > capacity) vk_top_cut(&top);
    }
    for (; i < width; i++)
        if (x[i] > top.bound) top.keys[top.count++] = vk_top_key(x[i], i);
    return vk_top_finish(&top, indices, values);
}

static long above(int32_t *indices, float *values, const float *x, const float *bounds, long width) {
    long count = 0, i = 0;
    for (; i + LANES <= width; i += LANES) {
        uint32_t bits = lane_bits(load(x + i) > load(bounds + i));
        for (; bits; bits &= bits - 1) {
            const long j = i + __builtin_ctz(bits);
            indices[count] = (int32_t)j;
            values[count++] = x[j];
        }
    }
    for (; i < width; i++) {
        if (!(x[i] > bounds[i])) continue;
        indices[count] = (int32_t)i;
        values[count++] = x[i];
    }
    return count;
}
