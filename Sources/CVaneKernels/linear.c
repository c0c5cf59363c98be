/// Packing of weights, and the division of a matrix product between threads.
#include <string.h>

#include "internal/kernels.h"

/// Multiply-adds below which a product stays on the calling thread.
enum { SMALL_PRODUCT = 65536 };
/// Blocks of rows from which on all but the last are whole, so that they are whole tiles too. Fewer are made
/// equal instead.
enum { WHOLE_BLOCKS = 4 };

size_t vk_pack_bytes(vk_type type, long n, long k) {
    return (size_t)vk_ceil_div(n, VK_PANEL) * VK_PANEL * (size_t)k * vk_type_size(type);
}

typedef struct pack_call {
    char *packed;
    const char *w;
    long n, k, row_stride, column_stride;
    size_t size;
    const vk_kernels *kernels;
} pack_call;

#define PACK_PANEL(NAME, ELEMENT)                                                                  \
    static void NAME(const pack_call *call, long panel) {                                          \
        ELEMENT *out = (ELEMENT *)(void *)call->packed + panel * VK_PANEL * call->k;               \
        const ELEMENT *w = (const ELEMENT *)(const void *)call->w + panel * VK_PANEL * call->row_stride; \
        const long present = vk_min(VK_PANEL, call->n - panel * VK_PANEL);                         \
        for (long j = 0; j < call->k; j++, out += VK_PANEL) {                                      \
            for (long i = 0; i < present; i++)                                                     \
                out[i] = w[i * call->row_stride + j * call->column_stride];                        \
            for (long i = present; i < VK_PANEL; i++) out[i] = 0;                                  \
        }                                                                                          \
    }
PACK_PANEL(pack_panel_32, uint32_t)
PACK_PANEL(pack_panel_16, uint16_t)

/// The two common layouts of a whole panel of floats: outputs side by side are copied, and rows of inputs
/// are transposed in registers.
static int pack_whole_panel(const pack_call *call, long panel) {
    if (call->size != sizeof(float) || (panel + 1) * VK_PANEL > call->n) return 0;
    float *out = (float *)(void *)call->packed + panel * VK_PANEL * call->k;
    const float *w = (const float *)(const void *)call->w + panel * VK_PANEL * call->row_stride;
    if (call->row_stride == 1) {
        for (long j = 0; j < call->k; j++, out += VK_PANEL, w += call->column_stride)
            memcpy(out, w, VK_PANEL * sizeof(float));
        return 1;
    }
    if (call->column_stride != 1) return 0;
    call->kernels->transpose(out, VK_PANEL, w, call->row_stride, VK_PANEL, call->k);
    return 1;
}

static void pack_part(void *context, long part, int slot) {
    (void)slot;
    const pack_call *call = context;
    if (pack_whole_panel(call, part)) return;
    if (call->size == 4)
        pack_panel_32(call, part);
    else
        pack_panel_16(call, part);
}

void vk_pack(vk_type type, void *packed, const void *w, long n, long k, long row_stride, long column_stride) {
    pack_call call = {packed, w, n, k, row_stride, column_stride, vk_type_size(type), vk_active()};
    const long panels = vk_ceil_div(n, VK_PANEL);
    if (n * k < SMALL_PRODUCT) {
        for (long panel = 0; panel < panels; panel++) pack_part(&call, panel, 0);
        return;
    }
    vk_pool_run(panels, pack_part, &call);
}

typedef struct linear_parts {
    vk_linear_call call;
    const vk_kernels *kernels;
    /// Parts run over row groups first: one group of panels stays in the second-level cache meanwhile.
    long row_groups, panel_groups;
} linear_parts;

static void linear_part(void *context, long part, int slot) {
    (void)slot;
    const linear_parts *parts = context;
    const long panels = vk_ceil_div(parts->call.n, VK_PANEL), m = parts->call.m;
    const long row = part % parts->row_groups, panel = part / parts->row_groups;
    long begin = m * row / parts->row_groups, end = m * (row + 1) / parts->row_groups;
    if (m >= WHOLE_BLOCKS * VK_ROW_BLOCK) {
        begin = row * VK_ROW_BLOCK;
        end = vk_min(begin + VK_ROW_BLOCK, m);
    }
    parts->kernels->linear(&parts->call, begin, end, panels * panel / parts->panel_groups,
                           panels * (panel + 1) / parts->panel_groups);
}

/// Packed weights, in floats, that a group of panels may take of a second-level cache meanwhile.
enum { CACHED_WEIGHTS = 98304 };

static void run_linear(vk_linear_call call) {
    const long m = call.m, n = call.n, k = call.k;
    if (m <= 0 || n <= 0) return;
    linear_parts parts = {.call = call, .kernels = vk_active(), .row_groups = 1, .panel_groups = 1};
    const long panels = vk_ceil_div(n, VK_PANEL);
    if (m * n * k < SMALL_PRODUCT) {
        // One call of the table covers VK_ROW_BLOCK rows, however little work they are.
        for (long row = 0; row < m; row += VK_ROW_BLOCK)
            parts.kernels->linear(&parts.call, row, vk_min(row + VK_ROW_BLOCK, m), 0, panels);
        return;
    }
    // Enough parts that a thread which loses its core does not hold up the rest for long, but panels in
    // groups of four or more, which is what the kernels for few rows take at a time.
    const long wanted = 8L * vk_thread_count();
    parts.row_groups = vk_ceil_div(m, VK_ROW_BLOCK);
    parts.panel_groups = vk_max(1, vk_min(vk_ceil_div(panels, 4), wanted));
    // Every group of panels copies the rows' inputs again, so where there are rows enough for all threads,
    // groups are as large as the cache allows.
    const long most = vk_max(4, CACHED_WEIGHTS / (VK_PANEL * vk_max(1, vk_min(k, parts.kernels->k_block))));
    if (2 * parts.row_groups * vk_ceil_div(panels, most) >= wanted)
        parts.panel_groups = vk_min(parts.panel_groups, vk_ceil_div(panels, most));
    vk_pool_run(parts.row_groups * parts.panel_groups, linear_part, &parts);
}

void vk_linear(float *y, long y_stride, const float *x, long x_stride, vk_type type, const void *packed,
               const float *bias, long m, long n, long k) {
    run_linear((vk_linear_call){y, x, packed, bias, y_stride, x_stride, m, n, k, type, 0});
}

void vk_linear_transposed(float *y, long y_stride, const float *x, long x_stride, const void *packed, long m,
                          long n, long k) {
    run_linear((vk_linear_call){y, x, packed, NULL, y_stride, x_stride, m, n, k, VK_F32, 1});
}
