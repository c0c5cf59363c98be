/// Division of a training step's kernels between threads.
#include "internal/kernels.h"

/// Elements per part, and the fewest elements worth waking the pool for.
enum { PART = 8192, SMALL = 16384 };

// MARK: Cross-entropy

typedef struct entropy_call {
    float *y;
    const float *x;
    const int32_t *targets;
    long rows, width, rows_per_part;
    float scale;
    int gradient;
    const vk_kernels *kernels;
} entropy_call;

static void entropy_part(void *context, long part, int slot) {
    (void)slot;
    const entropy_call *c = context;
    const long first = part * c->rows_per_part, count = vk_min(c->rows_per_part, c->rows - first);
    const float *x = c->x + first * c->width;
    if (c->gradient)
        c->kernels->cross_entropy_gradient(c->y + first * c->width, x, c->targets + first, c->scale, count,
                                           c->width);
    else
        c->kernels->target_log_softmax(c->y + first, x, c->targets + first, count, c->width);
}

static void run_entropy(entropy_call c) {
    if (c.rows <= 0 || c.width <= 0) return;
    c.kernels = vk_active();
    c.rows_per_part = c.rows * c.width < SMALL ? c.rows : vk_max(1, PART / c.width);
    vk_pool_run(vk_ceil_div(c.rows, c.rows_per_part), entropy_part, &c);
}

void vk_target_log_softmax(float *y, const float *x, const int32_t *targets, long rows, long width) {
    run_entropy((entropy_call){.y = y, .x = x, .targets = targets, .rows = rows, .width = width});
}

void vk_cross_entropy_gradient(float *dx, const float *x, const int32_t *targets, float scale, long rows,
                               long width) {
    run_entropy((entropy_call){
        .y = dx, .x = x, .targets = targets, .rows = rows, .width = width, .scale = scale, .gradient = 1});
}

// MARK: Elements

typedef struct scale_call {
    float *y;
    const float *x;
    float scale;
    long n;
    const vk_kernels *kernels;
} scale_call;

static void scale_part(void *context, long part, int slot) {
    (void)slot;
    const scale_call *c = context;
    const long i = part * PART;
    c->kernels->scale(c->y + i, c->x + i, c->scale, vk_min(PART, c->n - i));
}

void vk_scale(float *y, const float *x, float scale, long n) {
    scale_call call = {y, x, scale, n, vk_active()};
    if (n < SMALL) {
        call.kernels->scale(y, x, scale, vk_max(n, 0));
        return;
    }
    vk_pool_run(vk_ceil_div(n, PART), scale_part, &call);
}

typedef struct adam_call {
    float *p, *m, *v;
    const float *from_p, *from_m, *from_v, *g;
    vk_adam_rule rule;
    long n;
    const vk_kernels *kernels;
} adam_call;

static void adam_part(void *context, long part, int slot) {
    (void)slot;
    const adam_call *c = context;
    const long i = part * PART;
    c->kernels->adam(c->p + i, c->m + i, c->v + i, c->from_p + i, c->from_m + i, c->from_v + i, c->g + i,
                     &c->rule, vk_min(PART, c->n - i));
}

void vk_adam(float *p, float *m, float *v, const float *from_p, const float *from_m, const float *from_v,
             const float *g, vk_adam_rule rule, long n) {
    adam_call call = {p, m, v, from_p, from_m, from_v, g, rule, n, vk_active()};
    if (n < SMALL) {
        call.kernels->adam(p, m, v, from_p, from_m, from_v, g, &call.rule, vk_max(n, 0));
        return;
    }
    vk_pool_run(vk_ceil_div(n, PART), adam_part, &call);
}
