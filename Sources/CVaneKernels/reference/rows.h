/// Reference kernels on rows and elements.

static void layer_norm(float *y, const float *x, const float *gain, const float *bias, long rows, long width,
                       float epsilon) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        float sums[LANES] = {0}, squares[LANES] = {0};
        for (long i = 0; i < width; i++) sums[i % LANES] += x[i];
        const float mean = tree_sum(sums) / (float)width;
        for (long i = 0; i < width; i++) {
            const float d = x[i] - mean;
            squares[i % LANES] = fmaf(d, d, squares[i % LANES]);
        }
        const float inverse = 1 / sqrtf(tree_sum(squares) / (float)width + epsilon);
        for (long i = 0; i < width; i++) {
            const float normed = (x[i] - mean) * inverse;
            y[i] = bias ? fmaf(normed, gain[i], bias[i]) : normed * gain[i];
        }
    }
}

static void rms_norm(float *y, const float *x, const float *gain, long rows, long width, float epsilon) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        float squares[LANES] = {0};
        for (long i = 0; i < width; i++) squares[i % LANES] = fmaf(x[i], x[i], squares[i % LANES]);
        const float inverse = 1 / sqrtf(tree_sum(squares) / (float)width + epsilon);
        for (long i = 0; i < width; i++) y[i] = x[i] * inverse * gain[i];
    }
}

static void softmax(float *y, const float *x, long rows, long width) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        const float most = largest(x, width);
        float sums[LANES] = {0};
        for (long i = 0; i < width; i++) {
            y[i] = exponential(x[i] - most);
            sums[i % LANES] += y[i];
        }
        const float sum = tree_sum(sums);
        for (long i = 0; i < width; i++) y[i] /= sum;
    }
}

static void log_softmax(float *y, const float *x, long rows, long width) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        const float most = largest(x, width);
        double sums[LANES] = {0};
        for (long i = 0; i < width; i++) sums[i % LANES] += (double)exponential(x[i] - most);
        const float log_sum = (float)log(tree_sum_double(sums));
        for (long i = 0; i < width; i++) y[i] = x[i] - most - log_sum;
    }
}

static void rotary(float *x, long row_stride, const int32_t *positions, long rows, long heads, long head_dim,
                   long rotary_dim, const float *cosines, const float *sines) {
    const long half = rotary_dim / 2;
    for (long row = 0; row < rows; row++) {
        const float *cosine = cosines + positions[row] * half, *sine = sines + positions[row] * half;
        for (long head = 0; head < heads; head++) {
            float *pair = x + row * row_stride + head * head_dim;
            for (long i = 0; i < half; i++) {
                const float first = pair[i], second = pair[i + half];
                pair[i] = fmaf(first, cosine[i], -(second * sine[i]));
                pair[i + half] = fmaf(second, cosine[i], first * sine[i]);
            }
        }
    }
}

static void gelu(float *y, const float *x, long n) {
    for (long i = 0; i < n; i++) y[i] = gelu_of(x[i]);
}
static void gelu_tanh(float *y, const float *x, long n) {
    for (long i = 0; i < n; i++) y[i] = gelu_tanh_of(x[i]);
}
static void silu(float *y, const float *x, long n) {
    for (long i = 0; i < n; i++) y[i] = silu_of(x[i]);
}
static void relu(float *y, const float *x, long n) {
    for (long i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i];
}
static void add(float *y, const float *a, const float *b, long n) {
    for (long i = 0; i < n; i++) y[i] = a[i] + b[i];
}
static void multiply(float *y, const float *a, const float *b, long n) {
    for (long i = 0; i < n; i++) y[i] = a[i] * b[i];
}
static void add_scaled(float *y, const float *x, float scale, long n) {
    for (long i = 0; i < n; i++) y[i] = fmaf(scale, x[i], y[i]);
}

static double dot(const float *a, const float *b, long n) {
    double sums[LANES] = {0};
    for (long i = 0; i < n; i++) sums[i % LANES] += (double)a[i] * (double)b[i];
    return tree_sum_double(sums);
}

/// Element `i` of an array of `type`.
static float element(vk_type type, const void *x, long i) {
    if (type == VK_F32) return ((const float *)x)[i];
    const uint16_t bits = ((const uint16_t *)x)[i];
    return type == VK_F16 ? float_from_f16(bits) : float_from_bf16(bits);
}

static void widen(vk_type type, float *y, const void *x, long n) {
    for (long i = 0; i < n; i++) y[i] = element(type, x, i);
}
