/// What the parts of the kernel target share: one table of serial kernels per instruction set, and the pool.
#ifndef VANE_KERNELS_INTERNAL_H
#define VANE_KERNELS_INTERNAL_H

#include "../include/vane_kernels.h"

/// Outputs per packed weight panel.
enum { VK_PANEL = 32 };
/// Most queries that share one pass over keys and values.
enum { VK_QUERY_TILE = 4 };
enum { VK_MAX_THREADS = 64 };
/// Most rows that one call of the table's `linear` may cover.
enum { VK_ROW_BLOCK = 48 };
/// Queries whose probabilities are in scratch memory at a time in attention gradients.
enum { VK_GRADIENT_QUERIES = 64 };

typedef struct vk_linear_call {
    float *y;
    const float *x;
    const void *packed;
    const float *bias;
    long y_stride, x_stride;
    long m, n, k;
    vk_type type;
    /// Whether x is `[k, m]`, rows `x_stride` apart.
    int transposed;
} vk_linear_call;

typedef struct vk_attention_call {
    const vk_attention_sequence *sequences;
    long count;
    long heads, kv_heads, head_dim;
    long query_stride, output_stride;
    long window;
    float scale;
    float *scratch;
    /// Floats of scratch per thread, and per query of a tile.
    long slice, score_stride;
} vk_attention_call;

typedef struct vk_attention_gradient_call {
    const vk_attention_gradient_sequence *sequences;
    long count;
    long heads, kv_heads, head_dim;
    long query_stride, key_stride, value_stride, output_stride;
    long window;
    float scale;
    float *scratch;
    /// Floats of scratch per thread, and per query.
    long slice, score_stride;
} vk_attention_gradient_call;

/// Serial kernels of one instruction set. All tables give the same bits.
typedef struct vk_kernels {
    /// Rows that one register tile of `linear` holds.
    long tile_rows;
    /// Inputs that `linear` takes at a time.
    long k_block;
    void (*linear)(const vk_linear_call *call, long row_begin, long row_end, long panel_begin,
                   long panel_end);
    /// `tokens` (at most VK_QUERY_TILE) queries of one head, the first at row `token` of its sequence.
    void (*attention)(const vk_attention_call *call, const vk_attention_sequence *sequence, long head,
                      long token, long tokens, float *scratch);
    void (*layer_norm)(float *y, const float *x, const float *gain, const float *bias, long rows,
                       long width, float epsilon);
    void (*rms_norm)(float *y, const float *x, const float *gain, long rows, long width, float epsilon);
    void (*softmax)(float *y, const float *x, long rows, long width);
    void (*log_softmax)(float *y, const float *x, long rows, long width);
    void (*rotary)(float *x, long row_stride, const int32_t *positions, long rows, long heads,
                   long head_dim, long rotary_dim, const float *cosines, const float *sines);
    void (*gelu)(float *y, const float *x, long n);
    void (*gelu_tanh)(float *y, const float *x, long n);
    void (*silu)(float *y, const float *x, long n);
    void (*relu)(float *y, const float *x, long n);
    void (*add)(float *y, const float *a, const float *b, long n);
    void (*multiply)(float *y, const float *a, const float *b, long n);
    void (*add_scaled)(float *y, const float *x, float scale, long n);
    double (*dot)(const float *a, const float *b, long n);
    void (*widen)(vk_type type, float *y, const void *x, long n);

    /// Mean (zero unless `centred`) and inverse deviation of each row.
    void (*norm_statistics)(float *means, float *inverses, const float *x, long rows, long width,
                            float epsilon, int centred);
    void (*norm_gradient)(float *dx, const float *dy, const float *x, const float *gain, const float *means,
                          const float *inverses, long rows, long width, int centred);
    /// Adds the rows' part to `dgain` and `dbias`, either of which may be NULL; rows `stride` apart.
    void (*norm_gain_gradient)(float *dgain, float *dbias, const float *dy, const float *x,
                               const float *means, const float *inverses, long rows, long columns,
                               long stride);
    void (*softmax_gradient)(float *dx, const float *dy, const float *y, long rows, long width);
    void (*log_softmax_gradient)(float *dx, const float *dy, const float *y, long rows, long width);
    void (*gelu_gradient)(float *dx, const float *dy, const float *x, long n);
    void (*gelu_tanh_gradient)(float *dx, const float *dy, const float *x, long n);
    void (*silu_gradient)(float *dx, const float *dy, const float *x, long n);
    void (*relu_gradient)(float *dx, const float *dy, const float *x, long n);
    void (*transpose)(float *y, long y_stride, const float *x, long x_stride, long rows, long columns);
    void (*column_sums)(float *y, const float *x, long rows, long columns, long stride);
    void (*scatter_add)(float *table, const float *x, const int32_t *indices, long rows, long columns,
                        long stride);
    void (*attention_gradient)(const vk_attention_gradient_call *call,
                               const vk_attention_gradient_sequence *sequence, long kv_head, float *scratch);
    void (*scale)(float *y, const float *x, float scale, long n);
    void (*target_log_softmax)(float *y, const float *x, const int32_t *targets, long rows, long width);
    void (*cross_entropy_gradient)(float *dx, const float *x, const int32_t *targets, float scale, long rows,
                                   long width);
    void (*adam)(float *p, float *m, float *v, const float *from_p, const float *from_m, const float *from_v,
                 const float *g, const vk_adam_rule *rule, long n);
    void (*sparse_sum)(float *y, const float *start, const int32_t *indices, const float *values, long count,
                       const float *matrix, long stride, long width);
    void (*sparse_dots)(float *y, const int32_t *indices, long count, const float *matrix, long stride,
                        const float *x, long width);
    long (*top_k)(int32_t *indices, float *values, const float *x, long width, long k, uint64_t *scratch);
    long (*above)(int32_t *indices, float *values, const float *x, const float *bounds, long width);
} vk_kernels;

extern const vk_kernels vk_kernels_scalar;
#if defined(__x86_64__)
extern const vk_kernels vk_kernels_avx2;
extern const vk_kernels vk_kernels_avx512;
#endif
#if defined(__aarch64__)
extern const vk_kernels vk_kernels_neon;
#endif

/// The table in use.
const vk_kernels *vk_active(void);

/// Like `vk_job`, with the slot of the thread that runs the part: 0 is the caller, less than
/// `VK_MAX_THREADS`, and no two threads of one call share a slot.
typedef void (*vk_slot_job)(void *context, long part, int slot);
void vk_pool_run(long parts, vk_slot_job job, void *context);

static inline long vk_min(long a, long b) { return a < b ? a : b; }
static inline long vk_max(long a, long b) { return a > b ? a : b; }
static inline long vk_ceil_div(long a, long b) { return (a + b - 1) / b; }
static inline size_t vk_type_size(vk_type type) { return type == VK_F32 ? 4 : 2; }

#endif
