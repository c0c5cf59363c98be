/// Reference kernels of a training step.

static void scale_all(float *y, const float *x, float scale, long n) {
    for (long i = 0; i < n; i++) y[i] = x[i] * scale;
}

static void target_log_softmax(float *y, const float *x, const int32_t *targets, long rows, long width) {
    for (long row = 0; row < rows; row++, x += width) {
        const float most = largest(x, width);
        double sums[LANES] = {0};
        for (long i = 0; i < width; i++) sums[i % LANES] += (double)exponential(x[i] - most);
        y[row] = x[targets[row]] - most - (float)log(tree_sum_double(sums));
    }
}

static void cross_entropy_gradient(float *dx, const float *x, const int32_t *targets, float scale, long rows,
                                   long width) {
    softmax(dx, x, rows, width);
    scale_all(dx, dx, scale, rows * width);
    for (long row = 0; row < rows; row++) dx[row * width + targets[row]] -= scale;
}

static void adam(float *p, float *m, float *v, const float *from_p, const float *from_m, const float *from_v,
                 const float *g, const vk_adam_rule *rule, long n) {
    for (long i = 0; i < n; i++) {
        const float gradient = g[i] + rule->decay * from_p[i];
        m[i] = rule->beta1 * from_m[i] + rule->rest1 * gradient;
        v[i] = rule->beta2 * from_v[i] + rule->rest2 * gradient * gradient;
        p[i] = rule->keep * from_p[i] - rule->length * m[i] / (sqrtf(v[i]) / rule->root + rule->epsilon);
    }
}
