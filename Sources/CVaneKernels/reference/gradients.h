/// Reference kernels for gradients.

static void norm_statistics(float *means, float *inverses, const float *x, long rows, long width,
                            float epsilon, int centred) {
    for (long row = 0; row < rows; row++, x += width) {
        float sums[LANES] = {0}, squares[LANES] = {0};
        for (long i = 0; i < width; i++) sums[i % LANES] += x[i];
        const float mean = centred ? tree_sum(sums) / (float)width : 0;
        for (long i = 0; i < width; i++) {
            const float d = x[i] - mean;
            squares[i % LANES] = fmaf(d, d, squares[i % LANES]);
        }
        means[row] = mean;
        inverses[row] = 1 / sqrtf(tree_sum(squares) / (float)width + epsilon);
    }
}

static void norm_gradient(float *dx, const float *dy, const float *x, const float *gain, const float *means,
                          const float *inverses, long rows, long width, int centred) {
    for (long row = 0; row < rows; row++, dx += width, dy += width, x += width) {
        float sums[LANES] = {0}, products[LANES] = {0};
        for (long i = 0; i < width; i++) {
            const float scaled = dy[i] * gain[i], normed = (x[i] - means[row]) * inverses[row];
            sums[i % LANES] += scaled;
            products[i % LANES] = fmaf(scaled, normed, products[i % LANES]);
        }
        const float sum = centred ? tree_sum(sums) / (float)width : 0;
        const float product = tree_sum(products) / (float)width;
        for (long i = 0; i < width; i++) {
            const float scaled = dy[i] * gain[i], normed = (x[i] - means[row]) * inverses[row];
            dx[i] = fmaf(-normed, product, scaled - sum) * inverses[row];
        }
    }
}

static void norm_gain_gradient(float *dgain, float *dbias, const float *dy, const float *x,
                               const float *means, const float *inverses, long rows, long columns,
                               long stride) {
    for (long row = 0; row < rows; row++, dy += stride, x += stride)
        for (long i = 0; i < columns; i++) {
            if (dgain) dgain[i] = fmaf(dy[i], (x[i] - means[row]) * inverses[row], dgain[i]);
            if (dbias) dbias[i] += dy[i];
        }
}

static void softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width) {
    for (long row = 0; row < rows; row++, dx += width, dy += width, y += width) {
        float products[LANES] = {0};
        for (long i = 0; i < width; i++) products[i % LANES] = fmaf(dy[i], y[i], products[i % LANES]);
        const float product = tree_sum(products);
        for (long i = 0; i < width; i++) dx[i] = y[i] * (dy[i] - product);
    }
}

static void log_softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width) {
    for (long row = 0; row < rows; row++, dx += width, dy += width, y += width) {
        float sums[LANES] = {0};
        for (long i = 0; i < width; i++) sums[i % LANES] += dy[i];
        const float sum = tree_sum(sums);
        for (long i = 0; i < width; i++) dx[i] = fmaf(-exponential(y[i]), sum, dy[i]);
    }
}

static void gelu_gradient(float *dx, const float *dy, const float *x, long n) {
    for (long i = 0; i < n; i++) dx[i] = dy[i] * gelu_slope(x[i]);
}
static void gelu_tanh_gradient(float *dx, const float *dy, const float *x, long n) {
    for (long i = 0; i < n; i++) dx[i] = dy[i] * gelu_tanh_slope(x[i]);
}
static void silu_gradient(float *dx, const float *dy, const float *x, long n) {
    for (long i = 0; i < n; i++) dx[i] = dy[i] * silu_slope(x[i]);
}
static void relu_gradient(float *dx, const float *dy, const float *x, long n) {
    for (long i = 0; i < n; i++) dx[i] = x[i] > 0 ? dy[i] : 0;
}

static void transpose(float *y, long y_stride, const float *x, long x_stride, long rows, long columns) {
    for (long i = 0; i < columns; i++)
        for (long j = 0; j < rows; j++) y[i * y_stride + j] = x[j * x_stride + i];
}

static void column_sums(float *y, const float *x, long rows, long columns, long stride) {
    for (long i = 0; i < columns; i++) {
        float sum = 0;
        for (long row = 0; row < rows; row++) sum += x[row * stride + i];
        y[i] = sum;
    }
}

static void scatter_add(float *table, const float *x, const int32_t *indices, long rows, long columns,
                        long stride) {
    for (long row = 0; row < rows; row++)
        for (long i = 0; i < columns; i++) table[indices[row] * stride + i] += x[row * stride + i];
}

static void attention_gradient(const vk_attention_gradient_call *call,
                               const vk_attention_gradient_sequence *sequence, long kv_head, float *scratch) {
    const long d = call->head_dim, group = call->heads / call->kv_heads;
    const float *keys = sequence->keys + kv_head * d, *values = sequence->values + kv_head * d;
    float *dkeys = sequence->dkeys + kv_head * d, *dvalues = sequence->dvalues + kv_head * d;
    float *p = scratch, *ds = scratch + call->score_stride;
    for (long t = 0; t < sequence->tokens; t++)
        for (long j = 0; j < d; j++)
            dkeys[t * call->key_stride + j] = dvalues[t * call->value_stride + j] = 0;
    for (long head = kv_head * group; head < (kv_head + 1) * group; head++)
        for (long token = 0; token < sequence->tokens; token++) {
            const float *q = sequence->queries + token * call->query_stride + head * d;
            const float *dout = sequence->doutput + token * call->output_stride + head * d;
            float *dq = sequence->dqueries + token * call->query_stride + head * d;
            const long begin = call->window > 0 ? vk_max(0, token - call->window + 1) : 0, end = token + 1;
            for (long t = begin; t < end; t++) {
                float score = 0, gradient = 0;
                for (long j = 0; j < d; j++) {
                    score = fmaf(q[j], keys[t * call->key_stride + j], score);
                    gradient = fmaf(dout[j], values[t * call->value_stride + j], gradient);
                }
                p[t] = score * call->scale;
                ds[t] = gradient;
            }
            const float most = largest(p + begin, end - begin);
            float sums[LANES] = {0}, products[LANES] = {0};
            for (long t = begin; t < end; t++) {
                p[t] = exponential(p[t] - most);
                sums[t % LANES] += p[t];
            }
            const float inverse = 1 / tree_sum(sums);
            for (long t = begin; t < end; t++) {
                p[t] *= inverse;
                products[t % LANES] = fmaf(p[t], ds[t], products[t % LANES]);
            }
            const float product = tree_sum(products);
            for (long j = 0; j < d; j++) dq[j] = 0;
            for (long t = begin; t < end; t++) {
                const float gradient = p[t] * (ds[t] - product) * call->scale;
                float *dkey = dkeys + t * call->key_stride, *dvalue = dvalues + t * call->value_stride;
                for (long j = 0; j < d; j++) {
                    dq[j] = fmaf(gradient, keys[t * call->key_stride + j], dq[j]);
                    dkey[j] = fmaf(gradient, q[j], dkey[j]);
                    dvalue[j] = fmaf(p[t], dout[j], dvalue[j]);
                }
            }
        }
}
