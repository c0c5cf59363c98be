/// Kernels of a training step: cross-entropy, scaling and the optimiser's update.

static void scale_all(float *y, const float *x, float scale, long n) {
    const vf s = splat(scale);
    long i = 0;
    for (; i + LANES <= n; i += LANES) store(y + i, load(x + i) * s);
    if (i < n) store_part(y + i, load_part(x + i, n - i) * s, n - i);
}

/// As `log_softmax`, for one entry of each row.
static void target_log_softmax(float *y, const float *x, const int32_t *targets, long rows, long width) {
    for (long row = 0; row < rows; row++, x += width) {
        const float top = row_max(x, width);
        y[row] = x[targets[row]] - top - row_log_sum(x, splat(top), width);
    }
}

/// The `softmax` of each row times `scale`, less `scale` at the row's target.
static void cross_entropy_gradient(float *dx, const float *x, const int32_t *targets, float scale, long rows,
                                   long width) {
    const vf s = splat(scale);
    for (long row = 0; row < rows; row++, x += width, dx += width) {
        const vf sum = splat(row_exponentials(dx, x, width));
        long i = 0;
        for (; i + LANES <= width; i += LANES) store(dx + i, load(dx + i) / sum * s);
        if (i < width) store_part(dx + i, load_part(dx + i, width - i) / sum * s, width - i);
        dx[targets[row]] -= scale;
    }
}

/// One vector of parameters and moments.
INLINE void adam_step(vf *p, vf *m, vf *v, vf g, const vk_adam_rule *r) {
    const vf gradient = g + splat(r->decay) * *p;
    *m = splat(r->beta1) * *m + splat(r->rest1) * gradient;
    *v = splat(r->beta2) * *v + splat(r->rest2) * gradient * gradient;
    const vf length = splat(r->length) * *m;
    *p = splat(r->keep) * *p - length / (__builtin_elementwise_sqrt(*v) / splat(r->root) + splat(r->epsilon));
}

static void adam(float *p, float *m, float *v, const float *from_p, const float *from_m, const float *from_v,
                 const float *g, const vk_adam_rule *rule, long n) {
    for (long i = 0; i < n; i += LANES) {
        const long rest = n - i;
        vf parameter = load_most(from_p + i, rest), first = load_most(from_m + i, rest);
        vf second = load_most(from_v + i, rest);
        adam_step(&parameter, &first, &second, load_most(g + i, rest), rule);
        store_most(p + i, parameter, rest);
        store_most(m + i, first, rest);
        store_most(v + i, second, rest);
    }
}
