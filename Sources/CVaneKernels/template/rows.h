/// Kernels on rows. Element i of a row adds to partial sum i mod 16; the sixteen partial sums then go
/// through the tree of `sum_lanes`. Lanes past the end of the row add zero.

INLINE float row_sum(const float *x, long width) {
    vf sum = splat(0);
    long i = 0;
    for (; i + LANES <= width; i += LANES) sum += load(x + i);
    if (i < width) sum += load_part(x + i, width - i);
    return sum_lanes(sum);
}

/// Σ (x - centre)²
INLINE float row_squares(const float *x, float centre, long width) {
    const vf c = splat(centre);
    vf sum = splat(0);
    long i = 0;
    for (; i + LANES <= width; i += LANES) {
        const vf d = load(x + i) - c;
        sum = fma16(d, d, sum);
    }
    if (i < width) {
        const vf d = lanes_before(width - i) ? load_part(x + i, width - i) - c : splat(0);
        sum = fma16(d, d, sum);
    }
    return sum_lanes(sum);
}

static void layer_norm(float *y, const float *x, const float *gain, const float *bias, long rows,
                       long width, float epsilon) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        const float mean = row_sum(x, width) / (float)width;
        const float variance = row_squares(x, mean, width) / (float)width;
        const vf centre = splat(mean), inverse = splat(1.0f / __builtin_sqrtf(variance + epsilon));
        for (long i = 0; i < width; i += LANES) {
            const long n = width - i;
            if (n >= LANES) {
                const vf normed = (load(x + i) - centre) * inverse;
                store(y + i, bias ? fma16(normed, load(gain + i), load(bias + i)) : normed * load(gain + i));
            } else {
                const vf normed = (load_part(x + i, n) - centre) * inverse, g = load_part(gain + i, n);
                store_part(y + i, bias ? fma16(normed, g, load_part(bias + i, n)) : normed * g, n);
            }
        }
    }
}

static void rms_norm(float *y, const float *x, const float *gain, long rows, long width, float epsilon) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        const float square = row_squares(x, 0, width) / (float)width;
        const vf inverse = splat(1.0f / __builtin_sqrtf(square + epsilon));
        long i = 0;
        for (; i + LANES <= width; i += LANES) store(y + i, load(x + i) * inverse * load(gain + i));
        const long rest = width - i;
        if (rest > 0) store_part(y + i, load_part(x + i, rest) * inverse * load_part(gain + i, rest), rest);
    }
}

INLINE float row_max(const float *x, long width) {
    vf most = splat(-__builtin_inff());
    long i = 0;
    for (; i + LANES <= width; i += LANES) most = max16(load(x + i), most);
    if (i < width) most = max16(lanes_before(width - i) ? load_part(x + i, width - i) : most, most);
    return max_lanes(most);
}

/// y = exp(x - max); returns their sum.
INLINE float row_exponentials(float *y, const float *x, long width) {
    const vf most = splat(row_max(x, width));
    vf sums = splat(0);
    long i = 0;
    for (; i + LANES <= width; i += LANES) {
        const vf e = exp16(load(x + i) - most);
        store(y + i, e);
        sums += e;
    }
    const long rest = width - i;
    if (rest > 0) {
        const vf e = lanes_before(rest) ? exp16(load_part(x + i, rest) - most) : splat(0);
        store_part(y + i, e, rest);
        sums += e;
    }
    return sum_lanes(sums);
}

/// log Σ exp(x - most), the sum in double.
INLINE float row_log_sum(const float *x, vf most, long width) {
    vd sums = (vd)(0.0);
    long i = 0;
    for (; i + LANES <= width; i += LANES) sums += __builtin_convertvector(exp16(load(x + i) - most), vd);
    const long rest = width - i;
    if (rest > 0) {
        const vf e = lanes_before(rest) ? exp16(load_part(x + i, rest) - most) : splat(0);
        sums += __builtin_convertvector(e, vd);
    }
    return (float)__builtin_log(sum_lanes_double(sums));
}

static void softmax(float *y, const float *x, long rows, long width) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        const vf sum = splat(row_exponentials(y, x, width));
        long i = 0;
        for (; i + LANES <= width; i += LANES) store(y + i, load(y + i) / sum);
        const long rest = width - i;
        if (rest > 0) store_part(y + i, load_part(y + i, rest) / sum, rest);
    }
}

static void log_softmax(float *y, const float *x, long rows, long width) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        const vf most = splat(row_max(x, width));
        const vf log_sum = splat(row_log_sum(x, most, width));
        long i = 0;
        for (; i + LANES <= width; i += LANES) store(y + i, load(x + i) - most - log_sum);
        if (i < width) store_part(y + i, load_part(x + i, width - i) - most - log_sum, width - i);
    }
}

static void rotary(float *x, long row_stride, const int32_t *positions, long rows, long heads,
                   long head_dim, long rotary_dim, const float *cosines, const float *sines) {
    const long half = rotary_dim / 2;
    for (long row = 0; row < rows; row++) {
        const float *c = cosines + positions[row] * half, *s = sines + positions[row] * half;
        for (long head = 0; head < heads; head++) {
            float *a = x + row * row_stride + head * head_dim, *b = a + half;
            long i = 0;
            for (; i + LANES <= half; i += LANES) {
                const vf first = load(a + i), second = load(b + i), cosine = load(c + i), sine = load(s + i);
                store(a + i, fma16(first, cosine, -(second * sine)));
                store(b + i, fma16(second, cosine, first * sine));
            }
            const long n = half - i;
            if (n > 0) {
                const vf first = load_part(a + i, n), second = load_part(b + i, n);
                const vf cosine = load_part(c + i, n), sine = load_part(s + i, n);
                store_part(a + i, fma16(first, cosine, -(second * sine)), n);
                store_part(b + i, fma16(second, cosine, first * sine), n);
            }
        }
    }
}
