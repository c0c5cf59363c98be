/// Compute kernels of Vane: dense float32 arithmetic with a fixed order of additions.
///
/// Conventions
/// - Matrices are row-major; `rows` and `width` count elements, strides count elements, sizes ending in
///   `_bytes` count bytes. All arithmetic is float32 unless a comment says otherwise.
/// - Every result depends on the inputs and the chosen instruction set alone: not on the number of threads,
///   and, for one row, not on how many other rows travel with it. A kernel splits rows, columns or heads
///   between threads, never the axis that is summed.
/// - Elementwise kernels may be called with `y == x`. Counts of zero are allowed everywhere.
/// - No kernel allocates; what it needs beyond its arguments was set up when the thread pool started.
#ifndef VANE_KERNELS_H
#define VANE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction sets

typedef enum vk_simd { VK_SIMD_SCALAR = 0, VK_SIMD_NEON = 1, VK_SIMD_AVX2 = 2, VK_SIMD_AVX512 = 3 } vk_simd;

/// The instruction set in use. Chosen once: `VANE_SIMD` (scalar, neon, avx2, avx512) if the machine has it,
/// else the widest one the machine has.
vk_simd vk_simd_active(void);
/// 1 if this machine can run kernels of `simd`, else 0.
int vk_simd_available(vk_simd simd);
/// Switches every later call to `simd`; returns 0, or -1 if the machine lacks it. For tests: not to be
/// called while another thread is inside a kernel.
int vk_simd_select(vk_simd simd);
/// "scalar", "neon", "avx2" or "avx512".
const char *vk_simd_name(vk_simd simd);

// MARK: Thread pool

/// Threads that share the work, the caller included. Starts at `VANE_THREADS`, else at the number of
/// cores this process may use.
int vk_thread_count(void);
/// Sets the number of threads (clamped to 1...64). Waits until a running job has ended.
void vk_set_thread_count(int count);
typedef void (*vk_job)(void *context, long part);
/// Calls `job(context, 0) … job(context, parts - 1)`, each once, on the pool, and returns when all have
/// returned. A call from inside a job, or while another thread holds the pool, runs on the calling thread.
void vk_parallel(long parts, vk_job job, void *context);

// MARK: Matrices

typedef enum vk_type { VK_F32 = 0, VK_BF16 = 1, VK_F16 = 2 } vk_type;

/// Bytes of a packed `[n, k]` weight matrix.
size_t vk_pack_bytes(vk_type type, long n, long k);
/// Packs the weights `w[i * row_stride + j * column_stride]` (i < n outputs, j < k inputs) of element type
/// `type` into panels of 32 outputs by k, k-major, the last panel padded with zeros. `packed` is 64-byte
/// aligned. `row_stride = k, column_stride = 1` reads `[n, k]`; `row_stride = 1, column_stride = n` reads
/// the transposed `[k, n]`.
void vk_pack(vk_type type, void *packed, const void *w, long n, long k, long row_stride, long column_stride);
/// y = x·Wᵀ (+ bias): `y[m, n]`, rows `y_stride` apart; `x[m, k]`, rows `x_stride` apart; `packed` from
/// `vk_pack`; `bias[n]` or NULL. Per output one chain of fused multiply-adds over k in ascending order,
/// starting from zero, then the bias is added: one row gives the same bits alone and in any batch.
void vk_linear(float *y, long y_stride, const float *x, long x_stride, vk_type type, const void *packed,
               const float *bias, long m, long n, long k);

// MARK: Attention

/// Positions per block of the key cache.
enum { VK_KEY_BLOCK = 16 };

/// One sequence's part of an attention call.
typedef struct vk_attention_sequence {
    /// `[tokens, heads, head_dim]`, rows `query_stride` apart.
    const float *queries;
    /// `[tokens, heads, head_dim]`, rows `output_stride` apart.
    float *output;
    /// `[kv_heads][capacity / VK_KEY_BLOCK][head_dim][VK_KEY_BLOCK]`
    const float *keys;
    /// `[kv_heads][capacity][head_dim]`
    const float *values;
    /// Query rows; the first stands at position `first_position`. Keys and values are present for positions
    /// `0 ..< first_position + tokens`.
    long tokens;
    long first_position;
    /// Positions allocated, a multiple of VK_KEY_BLOCK.
    long capacity;
} vk_attention_sequence;

/// Floats of scratch memory `vk_attention` needs when no sequence reaches past `positions`.
size_t vk_attention_scratch(long positions);
/// Causal attention: for the query at position p, softmax over the keys at max(0, p - window + 1) ... p of
/// `scale · q·k`, times the values. `window` 0 means all. Query head h reads key-value head
/// h / (heads / kv_heads). One query's result does not depend on the other queries of the call.
void vk_attention(const vk_attention_sequence *sequences, long count, long heads, long kv_heads, long head_dim,
                  long query_stride, long output_stride, float scale, long window, float *scratch);
/// Writes `tokens` rows of keys and values (`[tokens, kv_heads, head_dim]`, rows `key_stride` and
/// `value_stride` apart) into the cache at positions `first_position...`.
void vk_append_cache(float *keys, float *values, const float *new_keys, long key_stride,
                     const float *new_values, long value_stride, long tokens, long first_position,
                     long capacity, long kv_heads, long head_dim);

// MARK: Rows

/// y = (x - mean) / sqrt(variance + epsilon) · gain + bias, per row; biased variance; `bias` may be NULL.
void vk_layer_norm(float *y, const float *x, const float *gain, const float *bias, long rows, long width,
                   float epsilon);
/// y = x / sqrt(mean(x²) + epsilon) · gain, per row.
void vk_rms_norm(float *y, const float *x, const float *gain, long rows, long width, float epsilon);
/// y = exp(x - max) / Σ exp(x - max), per row.
void vk_softmax(float *y, const float *x, long rows, long width);
/// y = x - max - log Σ exp(x - max), per row; the sum is kept in double.
void vk_log_softmax(float *y, const float *x, long rows, long width);
/// Rotary embedding in place on `x[rows, heads, head_dim]`, rows `row_stride` apart: for i < rotary_dim / 2
/// the pair (x[i], x[i + rotary_dim / 2]) turns by the angle of `positions[row]`; `cosines` and `sines`
/// are `[position, rotary_dim / 2]`. Entries from `rotary_dim` on stay.
void vk_rotary(float *x, long row_stride, const int32_t *positions, long rows, long heads, long head_dim,
               long rotary_dim, const float *cosines, const float *sines);

// MARK: Elements

/// 0.5·x·(1 + erf(x / √2))
void vk_gelu(float *y, const float *x, long n);
/// 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
void vk_gelu_tanh(float *y, const float *x, long n);
/// x / (1 + exp(-x))
void vk_silu(float *y, const float *x, long n);
/// max(x, 0)
void vk_relu(float *y, const float *x, long n);
/// y = a + b
void vk_add(float *y, const float *a, const float *b, long n);
/// y = a · b
void vk_multiply(float *y, const float *a, const float *b, long n);
/// y = y + scale · x, one fused multiply-add per element
void vk_add_scaled(float *y, const float *x, float scale, long n);
/// Σ a·b, products and sums in double.
double vk_dot(const float *a, const float *b, long n);
/// Converts `n` elements of `type` to float32.
void vk_widen(vk_type type, float *y, const void *x, long n);

// MARK: Gradients
//
// Names: `dy` is the gradient of a scalar with respect to a kernel's result, `dx` the one with respect to its
// operand. All `d…` results are overwritten, not added to. Sums over rows run in ascending order of the rows,
// so results depend neither on the number of threads nor on the machine's load.

/// Gradients of `vk_layer_norm`. `dgain` and `dbias` (`[width]`) may be NULL.
void vk_layer_norm_gradient(float *dx, float *dgain, float *dbias, const float *dy, const float *x,
                            const float *gain, long rows, long width, float epsilon);
/// Gradients of `vk_rms_norm`. `dgain` may be NULL.
void vk_rms_norm_gradient(float *dx, float *dgain, const float *dy, const float *x, const float *gain,
                          long rows, long width, float epsilon);
/// dx = y · (dy - Σ dy·y) per row, `y` the result of `vk_softmax`.
void vk_softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width);
/// dx = dy - exp(y) · Σ dy per row, `y` the result of `vk_log_softmax`.
void vk_log_softmax_gradient(float *dx, const float *dy, const float *y, long rows, long width);
/// dx = dy · f′(x) for the function of the same name.
void vk_gelu_gradient(float *dx, const float *dy, const float *x, long n);
void vk_gelu_tanh_gradient(float *dx, const float *dy, const float *x, long n);
void vk_silu_gradient(float *dx, const float *dy, const float *x, long n);
void vk_relu_gradient(float *dx, const float *dy, const float *x, long n);
/// y[columns, rows] = x[rows, columns] transposed; rows of x `x_stride` apart, rows of y `rows` apart.
void vk_transpose(float *y, const float *x, long rows, long columns, long x_stride);
/// y[j] = Σ over rows of x[row, j].
void vk_column_sums(float *y, const float *x, long rows, long width, long x_stride);
/// table[indices[row]] += x[row] for rows in ascending order; `table` is `[entries, width]`.
void vk_scatter_add(float *table, const float *x, const int32_t *indices, long rows, long width);

/// One whole sequence's part of `vk_attention_gradient`: `tokens` rows, the first at position 0.
typedef struct vk_attention_gradient_sequence {
    /// `[tokens, heads, head_dim]`, rows `query_stride` apart; also the layout of `dqueries`.
    const float *queries;
    /// `[tokens, kv_heads, head_dim]`, rows `key_stride` apart (`value_stride` for values); also the layout of
    /// `dkeys` and `dvalues`.
    const float *keys, *values;
    /// `[tokens, heads, head_dim]`, rows `output_stride` apart: gradient of the attention's output.
    const float *doutput;
    float *dqueries, *dkeys, *dvalues;
    long tokens;
} vk_attention_gradient_sequence;

/// Floats of scratch memory `vk_attention_gradient` needs for sequences of at most `tokens` tokens.
size_t vk_attention_gradient_scratch(long tokens, long head_dim);
/// Gradients of `vk_attention` over whole sequences (no cache before them). The probabilities are computed
/// again. Tasks are (sequence, key-value head); within one the query heads of the group and the queries are
/// taken in ascending order.
void vk_attention_gradient(const vk_attention_gradient_sequence *sequences, long count, long heads,
                           long kv_heads, long head_dim, long query_stride, long key_stride,
                           long value_stride, long output_stride, float scale, long window, float *scratch);

// MARK: Training

/// y = xᵀ·Wᵀ: as `vk_linear` in float32 without a bias, with x given as `[k, m]`, rows `x_stride` apart. The
/// gradient of a weight matrix is such a product; k is then the number of tokens.
void vk_linear_transposed(float *y, long y_stride, const float *x, long x_stride, const void *packed, long m,
                          long n, long k);
/// y[row] = entry `targets[row]` of the `vk_log_softmax` of row `row` of `x[rows, width]`.
void vk_target_log_softmax(float *y, const float *x, const int32_t *targets, long rows, long width);
/// dx = scale · (softmax(x) - 1 at the row's target), per row.
void vk_cross_entropy_gradient(float *dx, const float *x, const int32_t *targets, float scale, long rows,
                               long width);
/// y = scale · x
void vk_scale(float *y, const float *x, float scale, long n);

/// The numbers of one step of Adam.
typedef struct vk_adam_rule {
    /// Decay of the two moments, and 1 less these.
    float beta1, beta2, rest1, rest2;
    /// The rate divided by 1 - beta1^step, and the root of 1 - beta2^step.
    float length, root;
    float epsilon;
    /// `decay`·p joins the gradient; p is multiplied by `keep` apart from it.
    float decay, keep;
} vk_adam_rule;

/// h = g + decay·p₀, m = beta1·m₀ + rest1·h, v = beta2·v₀ + rest2·h·h,
/// p = keep·p₀ - length·m / (√v / root + epsilon), from `from_p`, `from_m`, `from_v`, which may be the same
/// memory as the results. Nothing is fused.
void vk_adam(float *p, float *m, float *v, const float *from_p, const float *from_m, const float *from_v,
             const float *g, vk_adam_rule rule, long n);

// MARK: Sparse rows
//
// One row at a time, on the calling thread: callers divide their rows with `vk_parallel`.

/// y = start + Σ over entries of values[e] · matrix[indices[e]], one chain of fused multiply-adds per column in
/// the order of the entries. `matrix` has rows of `width` floats `stride` apart; `start` may be y or NULL (zero).
void vk_sparse_sum(float *y, const float *start, const int32_t *indices, const float *values, long count,
                   const float *matrix, long stride, long width);
/// y[e] = Σ over i < width of x[i] · matrix[indices[e]][i], for each entry.
void vk_sparse_dots(float *y, const int32_t *indices, long count, const float *matrix, long stride,
                    const float *x, long width);
/// Words of scratch memory `vk_top_k` needs.
size_t vk_top_k_scratch(long k);
/// The `k` largest positive numbers of a row, in the order of their indices; of equal ones those with the lower
/// index. Returns how many there are, at most `k`. NaN is never one of them.
long vk_top_k(int32_t *indices, float *values, const float *x, long width, long k, uint64_t *scratch);
/// The numbers of a row above their bounds, `x[i] > bounds[i]`, in the order of their indices. Returns how many
/// there are; `indices` and `values` have room for `width`.
long vk_above(int32_t *indices, float *values, const float *x, const float *bounds, long width);

#ifdef __cplusplus
}
#endif
#endif
