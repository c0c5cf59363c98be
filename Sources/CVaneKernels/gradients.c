/// Division of gradient kernels between threads.
#include <string.h>

#include "internal/kernels.h"

/// Elements per part, and the fewest elements worth waking the pool for.
enum { PART = 8192, SMALL = 16384 };
/// Columns per part of a sum over rows; rows whose statistics are kept at a time; side of a transposed tile.
enum { COLUMNS = 64, STATISTICS = 1024, TILE = 64 };

// MARK: Norms

typedef struct norm_call {
    float *dx, *dgain, *dbias;
    const float *dy, *x, *gain;
    float *means, *inverses;
    long rows, width, rows_per_part, columns_per_part;
    float epsilon;
    int centred;
    const vk_kernels *kernels;
} norm_call;

static void statistics_part(void *context, long part, int slot) {
    (void)slot;
    const norm_call *c = context;
    const long first = part * c->rows_per_part, count = vk_min(c->rows_per_part, c->rows - first);
    c->kernels->norm_statistics(c->means + first, c->inverses + first, c->x + first * c->width, count,
                                c->width, c->epsilon, c->centred);
}

static void gain_part(void *context, long part, int slot) {
    (void)slot;
    const norm_call *c = context;
    const long first = part * c->columns_per_part;
    c->kernels->norm_gain_gradient(c->dgain ? c->dgain + first : NULL, c->dbias ? c->dbias + first : NULL,
                                   c->dy + first, c->x + first, c->means, c->inverses, c->rows,
                                   vk_min(c->columns_per_part, c->width - first), c->width);
}

static void norm_part(void *context, long part, int slot) {
    (void)slot;
    const norm_call *c = context;
    const long first = part * c->rows_per_part, count = vk_min(c->rows_per_part, c->rows - first);
    const long offset = first * c->width;
    c->kernels->norm_gradient(c->dx + offset, c->dy + offset, c->x + offset, c->gain, c->means + first,
                              c->inverses + first, count, c->width, c->centred);
}

/// Rows in groups whose statistics fit the stack. Within a group dx comes last, so it may take the place of
/// dy or x.
static void run_norm(norm_call c) {
    if (c.width <= 0) return;
    if (c.dgain) memset(c.dgain, 0, (size_t)c.width * sizeof(float));
    if (c.dbias) memset(c.dbias, 0, (size_t)c.width * sizeof(float));
    float means[STATISTICS], inverses[STATISTICS];
    const long rows = c.rows;
    c.means = means;
    c.inverses = inverses;
    c.kernels = vk_active();
    for (long row = 0; row < rows; row += STATISTICS) {
        c.rows = vk_min(STATISTICS, rows - row);
        const int small = c.rows * c.width < SMALL;
        c.rows_per_part = small ? c.rows : vk_max(1, PART / c.width);
        c.columns_per_part = small ? c.width : COLUMNS;
        vk_pool_run(vk_ceil_div(c.rows, c.rows_per_part), statistics_part, &c);
        if (c.dgain || c.dbias) vk_pool_run(vk_ceil_div(c.width, c.columns_per_part), gain_part, &c);
        vk_pool_run(vk_ceil_div(c.rows, c.rows_per_part), norm_part, &c);
        c.dx += c.rows * c.width;
        c.dy += c.rows * c.width;
        c.x += c.rows * c.width;
    }
}

void vk_layer_norm_gradient(float *dx, float *dgain, float *dbias, const float *dy, const float *x,
                            const float *gain, long rows, long width, float epsilon) {
    run_norm((norm_call){.dx = dx,
                         .dgain = dgain,
                         .dbias = dbias,
                         .dy = dy,
                         .x = x,
                         .gain = gain,
                         .rows = rows,
                         .width = width,
                         .epsilon = epsilon,
                         .centred = 1});
}

void vk_rms_norm_gradient(float *dx, float *dgain, const float *dy, const float *x, const float *gain,
                          long rows, long width, float epsilon) {
    run_norm((norm_call){.dx = dx,
                         .dgain = dgain,
                         .dy = dy,
                         .x = x,
                         .gain = gain,
                         .rows = rows,
                         .width = width,
                         .epsilon = epsilon});
}

// MARK: Rows and elements

typedef struct gradient_call {
    float *dx;
    /// The second operand is x or y.
    const float *dy, *x;
    /// Elements are rows of width 1.
    long rows, width, rows_per_part;
    void (*rows_kernel)(float *dx, const float *dy, const float *x, long rows, long width);
    void (*elements_kernel)(float *dx, const float *dy, const float *x, long n);
} gradient_call;

static void gradient_part(void *context, long part, int slot) {
    (void)slot;
    const gradient_call *c = context;
    const long first = part * c->rows_per_part, count = vk_min(c->rows_per_part, c->rows - first);
    const long offset = first * c->width;
    if (c->rows_kernel)
        c->rows_kernel(c->dx + offset, c->dy + offset, c->x + offset, count, c->width);
    else
        c->elements_kernel(c->dx + offset, c->dy + offset, c->x + offset, count);
}

static void run_gradient(gradient_call c) {
    if (c.rows <= 0 || c.width <= 0) return;
    c.rows_per_part = c.rows * c.width < SMALL ? c.rows : vk_max(1, PART / c.width);
    vk_pool_run(vk_ceil_div(c.rows, c.rows_per_part), gradient_part, &c);
}

void vk_softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width) {
    run_gradient((gradient_call){dx, dy, y, rows, width, 0, vk_active()->softmax_gradient, NULL});
}
void vk_log_softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width) {
    run_gradient((gradient_call){dx, dy, y, rows, width, 0, vk_active()->log_softmax_gradient, NULL});
}
void vk_gelu_gradient(float *dx, const float *dy, const float *x, long n) {
    run_gradient((gradient_call){dx, dy, x, n, 1, 0, NULL, vk_active()->gelu_gradient});
}
void vk_gelu_tanh_gradient(float *dx, const float *dy, const float *x, long n) {
    run_gradient((gradient_call){dx, dy, x, n, 1, 0, NULL, vk_active()->gelu_tanh_gradient});
}
void vk_silu_gradient(float *dx, const float *dy, const float *x, long n) {
    run_gradient((gradient_call){dx, dy, x, n, 1, 0, NULL, vk_active()->silu_gradient});
}
void vk_relu_gradient(float *dx, const float *dy, const float *x, long n) {
    run_gradient((gradient_call){dx, dy, x, n, 1, 0, NULL, vk_active()->relu_gradient});
}

// MARK: Columns

typedef struct column_call {
    float *y;
    const float *x;
    const int32_t *indices;
    long rows, width, x_stride, columns_per_part;
    const vk_kernels *kernels;
} column_call;

static void transpose_part(void *context, long part, int slot) {
    (void)slot;
    const column_call *c = context;
    const long across = vk_ceil_div(c->width, TILE);
    const long row = part / across * TILE, column = part % across * TILE;
    c->kernels->transpose(c->y + column * c->rows + row, c->rows, c->x + row * c->x_stride + column,
                          c->x_stride, vk_min(TILE, c->rows - row), vk_min(TILE, c->width - column));
}

void vk_transpose(float *y, const float *x, long rows, long columns, long x_stride) {
    if (rows <= 0 || columns <= 0) return;
    column_call c = {y, x, NULL, rows, columns, x_stride, 0, vk_active()};
    if (rows * columns < SMALL) {
        c.kernels->transpose(y, rows, x, x_stride, rows, columns);
        return;
    }
    vk_pool_run(vk_ceil_div(rows, TILE) * vk_ceil_div(columns, TILE), transpose_part, &c);
}

static void sum_part(void *context, long part, int slot) {
    (void)slot;
    const column_call *c = context;
    const long first = part * c->columns_per_part;
    c->kernels->column_sums(c->y + first, c->x + first, c->rows,
                            vk_min(c->columns_per_part, c->width - first), c->x_stride);
}

static void scatter_part(void *context, long part, int slot) {
    (void)slot;
    const column_call *c = context;
    const long first = part * c->columns_per_part;
    c->kernels->scatter_add(c->y + first, c->x + first, c->indices, c->rows,
                            vk_min(c->columns_per_part, c->width - first), c->x_stride);
}

static void run_columns(column_call c, vk_slot_job job) {
    if (c.width <= 0) return;
    c.columns_per_part = c.rows * c.width < SMALL ? c.width : COLUMNS;
    vk_pool_run(vk_ceil_div(c.width, c.columns_per_part), job, &c);
}

void vk_column_sums(float *y, const float *x, long rows, long width, long x_stride) {
    run_columns((column_call){y, x, NULL, rows, width, x_stride, 0, vk_active()}, sum_part);
}

void vk_scatter_add(float *table, const float *x, const int32_t *indices, long rows, long width) {
    run_columns((column_call){table, x, indices, rows, width, width, 0, vk_active()}, scatter_part);
}
