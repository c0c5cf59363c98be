/// Division of row and element kernels between threads.
#include "internal/kernels.h"

/// Elements per part, and the fewest elements worth waking the pool for.
enum { PART = 8192, SMALL = 16384 };

typedef struct row_call {
    float *y;
    const float *x, *gain, *bias;
    long rows, width, rows_per_part;
    float epsilon;
    const vk_kernels *kernels;
    void (*run)(const struct row_call *call, long first, long count);
} row_call;

static void row_part(void *context, long part, int slot) {
    (void)slot;
    const row_call *call = context;
    const long first = part * call->rows_per_part;
    call->run(call, first, vk_min(call->rows_per_part, call->rows - first));
}

static void run_rows(row_call call) {
    if (call.rows <= 0 || call.width <= 0) return;
    call.kernels = vk_active();
    if (call.rows * call.width < SMALL) {
        call.run(&call, 0, call.rows);
        return;
    }
    call.rows_per_part = vk_max(1, PART / call.width);
    vk_pool_run(vk_ceil_div(call.rows, call.rows_per_part), row_part, &call);
}

#define ROW_RUN(NAME, ...)                                                        \
    static void run_##NAME(const row_call *call, long first, long count) {        \
        float *y = call->y + first * call->width;                                 \
        const float *x = call->x + first * call->width;                           \
        call->kernels->NAME(y, x, __VA_ARGS__);                                   \
    }
ROW_RUN(layer_norm, call->gain, call->bias, count, call->width, call->epsilon)
ROW_RUN(rms_norm, call->gain, count, call->width, call->epsilon)
ROW_RUN(softmax, count, call->width)
ROW_RUN(log_softmax, count, call->width)

void vk_layer_norm(float *y, const float *x, const float *gain, const float *bias, long rows, long width,
                   float epsilon) {
    run_rows((row_call){y, x, gain, bias, rows, width, 0, epsilon, NULL, run_layer_norm});
}
void vk_rms_norm(float *y, const float *x, const float *gain, long rows, long width, float epsilon) {
    run_rows((row_call){y, x, gain, NULL, rows, width, 0, epsilon, NULL, run_rms_norm});
}
void vk_softmax(float *y, const float *x, long rows, long width) {
    run_rows((row_call){y, x, NULL, NULL, rows, width, 0, 0, NULL, run_softmax});
}
void vk_log_softmax(float *y, const float *x, long rows, long width) {
    run_rows((row_call){y, x, NULL, NULL, rows, width, 0, 0, NULL, run_log_softmax});
}

typedef struct rotary_call {
    float *x;
    const int32_t *positions;
    const float *cosines, *sines;
    long row_stride, rows, heads, head_dim, rotary_dim, rows_per_part;
    const vk_kernels *kernels;
} rotary_call;

static void rotary_part(void *context, long part, int slot) {
    (void)slot;
    const rotary_call *c = context;
    const long first = part * c->rows_per_part;
    c->kernels->rotary(c->x + first * c->row_stride, c->row_stride, c->positions + first,
                       vk_min(c->rows_per_part, c->rows - first), c->heads, c->head_dim, c->rotary_dim,
                       c->cosines, c->sines);
}

void vk_rotary(float *x, long row_stride, const int32_t *positions, long rows, long heads, long head_dim,
               long rotary_dim, const float *cosines, const float *sines) {
    const long width = heads * rotary_dim;
    if (rows <= 0 || width <= 0) return;
    const long rows_per_part = rows * width < SMALL ? rows : vk_max(1, PART / width);
    rotary_call call = {x,    positions, cosines,  sines,      row_stride,
                        rows, heads,     head_dim, rotary_dim, rows_per_part,
                        vk_active()};
    vk_pool_run(vk_ceil_div(rows, rows_per_part), rotary_part, &call);
}

typedef struct element_call {
    float *y;
    const float *a, *b;
    const void *source;
    long n, part;
    float scale;
    vk_type type;
    const vk_kernels *kernels;
    void (*run)(const struct element_call *call, long first, long count);
} element_call;

static void element_part(void *context, long part, int slot) {
    (void)slot;
    const element_call *call = context;
    const long first = part * call->part;
    call->run(call, first, vk_min(call->part, call->n - first));
}

static void run_elements(element_call call) {
    if (call.n <= 0) return;
    call.kernels = vk_active();
    call.part = call.n < SMALL ? call.n : PART;
    vk_pool_run(vk_ceil_div(call.n, call.part), element_part, &call);
}

static void run_gelu(const element_call *c, long i, long n) { c->kernels->gelu(c->y + i, c->a + i, n); }
static void run_gelu_tanh(const element_call *c, long i, long n) {
    c->kernels->gelu_tanh(c->y + i, c->a + i, n);
}
static void run_silu(const element_call *c, long i, long n) { c->kernels->silu(c->y + i, c->a + i, n); }
static void run_relu(const element_call *c, long i, long n) { c->kernels->relu(c->y + i, c->a + i, n); }
static void run_add(const element_call *c, long i, long n) {
    c->kernels->add(c->y + i, c->a + i, c->b + i, n);
}
static void run_multiply(const element_call *c, long i, long n) {
    c->kernels->multiply(c->y + i, c->a + i, c->b + i, n);
}
static void run_add_scaled(const element_call *c, long i, long n) {
    c->kernels->add_scaled(c->y + i, c->a + i, c->scale, n);
}
static void run_widen(const element_call *c, long i, long n) {
    const char *source = (const char *)c->source + (size_t)i * vk_type_size(c->type);
    c->kernels->widen(c->type, c->y + i, source, n);
}

void vk_gelu(float *y, const float *x, long n) {
    run_elements((element_call){.y = y, .a = x, .n = n, .run = run_gelu});
}
void vk_gelu_tanh(float *y, const float *x, long n) {
    run_elements((element_call){.y = y, .a = x, .n = n, .run = run_gelu_tanh});
}
void vk_silu(float *y, const float *x, long n) {
    run_elements((element_call){.y = y, .a = x, .n = n, .run = run_silu});
}
void vk_relu(float *y, const float *x, long n) {
    run_elements((element_call){.y = y, .a = x, .n = n, .run = run_relu});
}
void vk_add(float *y, const float *a, const float *b, long n) {
    run_elements((element_call){.y = y, .a = a, .b = b, .n = n, .run = run_add});
}
void vk_multiply(float *y, const float *a, const float *b, long n) {
    run_elements((element_call){.y = y, .a = a, .b = b, .n = n, .run = run_multiply});
}
void vk_add_scaled(float *y, const float *x, float scale, long n) {
    run_elements((element_call){.y = y, .a = x, .n = n, .scale = scale, .run = run_add_scaled});
}
void vk_widen(vk_type type, float *y, const void *x, long n) {
    run_elements((element_call){.y = y, .source = x, .n = n, .type = type, .run = run_widen});
}

/// Never divided: the order of a sum must not depend on the number of threads.
double vk_dot(const float *a, const float *b, long n) { return vk_active()->dot(a, b, n); }
