/// Gradients of the kernels on rows and elements, transposition and sums over rows. Sums along a row go as in
/// rows.h; sums over rows are one chain per column, in ascending order.

/// The first min(n, 16) lanes from memory, the rest zero.
INLINE vf load_most(const float *p, long n) { return n >= LANES ? load(p) : load_part(p, n); }
INLINE void store_most(float *p, vf v, long n) {
    if (n >= LANES)
        store(p, v);
    else
        store_part(p, v, n);
}

static void norm_statistics(float *means, float *inverses, const float *x, long rows, long width,
                            float epsilon, int centred) {
    for (long row = 0; row < rows; row++, x += width) {
        means[row] = centred ? row_sum(x, width) / (float)width : 0;
        const float variance = row_squares(x, means[row], width) / (float)width;
        inverses[row] = 1.0f / __builtin_sqrtf(variance + epsilon);
    }
}

static void norm_gradient(float *dx, const float *dy, const float *x, const float *gain, const float *means,
                          const float *inverses, long rows, long width, int centred) {
    for (long row = 0; row < rows; row++, dx += width, dy += width, x += width) {
        const vf mean = splat(means[row]), inverse = splat(inverses[row]);
        vf sums = splat(0), products = splat(0);
        long i = 0;
        for (; i + LANES <= width; i += LANES) {
            const vf scaled = load(dy + i) * load(gain + i);
            sums += scaled;
            products = fma16(scaled, (load(x + i) - mean) * inverse, products);
        }
        const long rest = width - i;
        if (rest > 0) {
            const vf scaled = load_part(dy + i, rest) * load_part(gain + i, rest);
            const vf normed = (load_part(x + i, rest) - mean) * inverse;
            sums += scaled;
            products = fma16(scaled, lanes_before(rest) ? normed : splat(0), products);
        }
        const vf sum = splat(centred ? sum_lanes(sums) / (float)width : 0);
        const vf product = splat(sum_lanes(products) / (float)width);
        for (i = 0; i < width; i += LANES) {
            const long n = width - i;
            const vf scaled = load_most(dy + i, n) * load_most(gain + i, n);
            const vf normed = (load_most(x + i, n) - mean) * inverse;
            store_most(dx + i, fma16(-normed, product, scaled - sum) * inverse, n);
        }
    }
}

/// V vectors of columns, the last `part` lanes wide if `part` is not zero.
INLINE void gain_columns(const int V, float *dgain, float *dbias, const float *dy, const float *x,
                         const float *means, const float *inverses, long rows, long stride, long part) {
    vf gains[4], biases[4];
    UNROLL for (int v = 0; v < V; v++) gains[v] = biases[v] = splat(0);
    if (dgain)
        UNROLL for (int v = 0; v < V; v++)
            gains[v] = part ? load_part(dgain, part) : load(dgain + v * LANES);
    if (dbias)
        UNROLL for (int v = 0; v < V; v++)
            biases[v] = part ? load_part(dbias, part) : load(dbias + v * LANES);
    for (long row = 0; row < rows; row++, dy += stride, x += stride) {
        const vf mean = splat(means[row]), inverse = splat(inverses[row]);
        UNROLL for (int v = 0; v < V; v++) {
            const vf d = part ? load_part(dy, part) : load(dy + v * LANES);
            const vf value = part ? load_part(x, part) : load(x + v * LANES);
            gains[v] = fma16(d, (value - mean) * inverse, gains[v]);
            biases[v] += d;
        }
    }
    UNROLL for (int v = 0; v < V; v++) {
        if (part) {
            if (dgain) store_part(dgain, gains[v], part);
            if (dbias) store_part(dbias, biases[v], part);
        } else {
            if (dgain) store(dgain + v * LANES, gains[v]);
            if (dbias) store(dbias + v * LANES, biases[v]);
        }
    }
}

static void norm_gain_gradient(float *dgain, float *dbias, const float *dy, const float *x,
                               const float *means, const float *inverses, long rows, long columns,
                               long stride) {
    for (long i = 0; i < columns;) {
        const long left = columns - i;
        float *gains = dgain ? dgain + i : NULL, *biases = dbias ? dbias + i : NULL;
        if (left >= 4 * LANES) {
            gain_columns(4, gains, biases, dy + i, x + i, means, inverses, rows, stride, 0);
            i += 4 * LANES;
        } else {
            const long part = left < LANES ? left : 0;
            if (part)
                gain_columns(1, gains, biases, dy + i, x + i, means, inverses, rows, stride, part);
            else
                gain_columns(1, gains, biases, dy + i, x + i, means, inverses, rows, stride, 0);
            i += LANES;
        }
    }
}

static void softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width) {
    for (long row = 0; row < rows; row++, dx += width, dy += width, y += width) {
        vf products = splat(0);
        for (long i = 0; i < width; i += LANES)
            products = fma16(load_most(dy + i, width - i), load_most(y + i, width - i), products);
        const vf product = splat(sum_lanes(products));
        for (long i = 0; i < width; i += LANES) {
            const long n = width - i;
            store_most(dx + i, load_most(y + i, n) * (load_most(dy + i, n) - product), n);
        }
    }
}

static void log_softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width) {
    for (long row = 0; row < rows; row++, dx += width, dy += width, y += width) {
        const vf sum = splat(row_sum(dy, width));
        for (long i = 0; i < width; i += LANES) {
            const long n = width - i;
            store_most(dx + i, fma16(-exp16(load_most(y + i, n)), sum, load_most(dy + i, n)), n);
        }
    }
}

#define GRADIENT(NAME, FUNCTION)                                                              \
    static void NAME(float *dx, const float *dy, const float *x, long n) {                    \
        long i = 0;                                                                           \
        for (; i + LANES <= n; i += LANES)                                                    \
            store(dx + i, FUNCTION(load(dy + i), load(x + i)));                               \
        const long rest = n - i;                                                              \
        if (rest > 0)                                                                         \
            store_part(dx + i, FUNCTION(load_part(dy + i, rest), load_part(x + i, rest)), rest); \
    }
GRADIENT(gelu_gradient, gelu_gradient16)
GRADIENT(gelu_tanh_gradient, gelu_tanh_gradient16)
GRADIENT(silu_gradient, silu_gradient16)
GRADIENT(relu_gradient, relu_gradient16)
#undef GRADIENT

#if SQUARE == 8
/// Transposes eight vectors of eight: pairs, fours, then halves, within the lanes of a register first.
INLINE void transpose_square(v8f v[8]) {
    v8f w[8];
    UNROLL for (int i = 0; i < 8; i += 2) {
        w[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        w[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    UNROLL for (int i = 0; i < 8; i += 4)
        UNROLL for (int j = 0; j < 2; j++) {
            v[i + 2 * j] = __builtin_shufflevector(w[i + j], w[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            v[i + 2 * j + 1] = __builtin_shufflevector(w[i + j], w[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    UNROLL for (int i = 0; i < 4; i++) {
        w[i] = __builtin_shufflevector(v[i], v[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        w[i + 4] = __builtin_shufflevector(v[i], v[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    UNROLL for (int i = 0; i < 8; i++) v[i] = w[i];
}

INLINE void transpose_tile(float *to, long y_stride, const float *from, long x_stride) {
    v8f v[8];
    UNROLL for (int k = 0; k < 8; k++) v[k] = *(const v8f_any *)(from + k * x_stride);
    transpose_square(v);
    UNROLL for (int k = 0; k < 8; k++) *(v8f_any *)(to + k * y_stride) = v[k];
}
#else
/// Transposes sixteen vectors: four rounds of interleaving the first half with the second.
INLINE void transpose_square(vf v[16]) {
    UNROLL for (int round = 0; round < 4; round++) {
        vf w[16];
        UNROLL for (int i = 0; i < 8; i++) {
            w[2 * i] = __builtin_shufflevector(v[i], v[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                               22, 7, 23);
            w[2 * i + 1] = __builtin_shufflevector(v[i], v[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                                   29, 14, 30, 15, 31);
        }
        UNROLL for (int i = 0; i < 16; i++) v[i] = w[i];
    }
}

INLINE void transpose_tile(float *to, long y_stride, const float *from, long x_stride) {
    vf v[16];
    UNROLL for (int k = 0; k < 16; k++) v[k] = load(from + k * x_stride);
    transpose_square(v);
    UNROLL for (int k = 0; k < 16; k++) store(to + k * y_stride, v[k]);
}
#endif

static void transpose(float *y, long y_stride, const float *x, long x_stride, long rows, long columns) {
    for (long j = 0; j < columns; j += SQUARE)
        for (long i = 0; i < rows; i += SQUARE) {
            const float *from = x + i * x_stride + j;
            float *to = y + j * y_stride + i;
            const long height = vk_min(rows - i, SQUARE), width = vk_min(columns - j, SQUARE);
            if (height == SQUARE && width == SQUARE) {
                transpose_tile(to, y_stride, from, x_stride);
            } else {
                for (long c = 0; c < width; c++)
                    for (long r = 0; r < height; r++) to[c * y_stride + r] = from[r * x_stride + c];
            }
        }
}

INLINE void sum_columns(const int V, float *y, const float *x, long rows, long stride, long part) {
    vf sum[4];
    UNROLL for (int v = 0; v < V; v++) sum[v] = splat(0);
    for (long row = 0; row < rows; row++, x += stride)
        UNROLL for (int v = 0; v < V; v++) sum[v] += part ? load_part(x, part) : load(x + v * LANES);
    UNROLL for (int v = 0; v < V; v++) {
        if (part)
            store_part(y, sum[v], part);
        else
            store(y + v * LANES, sum[v]);
    }
}

static void column_sums(float *y, const float *x, long rows, long columns, long stride) {
    long i = 0;
    for (; i + 4 * LANES <= columns; i += 4 * LANES) sum_columns(4, y + i, x + i, rows, stride, 0);
    for (; i + LANES <= columns; i += LANES) sum_columns(1, y + i, x + i, rows, stride, 0);
    if (i < columns) sum_columns(1, y + i, x + i, rows, stride, columns - i);
}

static void scatter_add(float *table, const float *x, const int32_t *indices, long rows, long columns,
                        long stride) {
    for (long row = 0; row < rows; row++, x += stride) {
        float *to = table + indices[row] * stride;
        for (long i = 0; i < columns; i += LANES) {
            const long n = columns - i;
            store_most(to + i, load_most(to + i, n) + load_most(x + i, n), n);
        }
    }
}
