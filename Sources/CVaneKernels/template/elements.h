/// Kernels on single elements, the dot product and the conversions.

#define UNARY(NAME, FUNCTION)                                                                 \
    static void NAME(float *y, const float *x, long n) {                                      \
        long i = 0;                                                                           \
        for (; i + LANES <= n; i += LANES) store(y + i, FUNCTION(load(x + i)));               \
        if (i < n) store_part(y + i, FUNCTION(load_part(x + i, n - i)), n - i);               \
    }
UNARY(gelu, gelu16)
UNARY(gelu_tanh, gelu_tanh16)
UNARY(silu, silu16)
UNARY(relu, relu16)
#undef UNARY

#define BINARY(NAME, OPERATOR)                                                                \
    static void NAME(float *y, const float *a, const float *b, long n) {                      \
        long i = 0;                                                                           \
        for (; i + LANES <= n; i += LANES) store(y + i, load(a + i) OPERATOR load(b + i));    \
        const long rest = n - i;                                                              \
        if (rest > 0)                                                                         \
            store_part(y + i, load_part(a + i, rest) OPERATOR load_part(b + i, rest), rest);  \
    }
BINARY(add, +)
BINARY(multiply, *)
#undef BINARY

static void add_scaled(float *y, const float *x, float scale, long n) {
    const vf s = splat(scale);
    long i = 0;
    for (; i + LANES <= n; i += LANES) store(y + i, fma16(s, load(x + i), load(y + i)));
    const long rest = n - i;
    if (rest > 0) store_part(y + i, fma16(s, load_part(x + i, rest), load_part(y + i, rest)), rest);
}

/// A product of two floats is exact in double, so fused or not makes no difference.
static double dot(const float *a, const float *b, long n) {
    vd sum = (vd)(0.0);
    long i = 0;
    for (; i + LANES <= n; i += LANES)
        sum += __builtin_convertvector(load(a + i), vd) * __builtin_convertvector(load(b + i), vd);
    const long rest = n - i;
    if (rest > 0)
        sum += __builtin_convertvector(load_part(a + i, rest), vd) *
               __builtin_convertvector(load_part(b + i, rest), vd);
    return sum_lanes_double(sum);
}

INLINE void widen_all(const vk_type type, float *y, const uint16_t *x, long n) {
    long i = 0;
    for (; i + LANES <= n; i += LANES) store(y + i, widen16(type, x + i));
    if (i < n) {
        uint16_t padded[LANES] = {0};
        __builtin_memcpy(padded, x + i, (size_t)(n - i) * sizeof *x);
        store_part(y + i, widen16(type, padded), n - i);
    }
}

static void widen(vk_type type, float *y, const void *x, long n) {
    if (type == VK_F32)
        __builtin_memmove(y, x, (size_t)n * sizeof *y);
    else if (type == VK_BF16)
        widen_all(VK_BF16, y, x, n);
    else
        widen_all(VK_F16, y, x, n);
}
