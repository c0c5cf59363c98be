/// Division of attention gradients between threads.
#include "internal/kernels.h"

/// Floats between the scores of two queries; the extra block keeps rows from falling on one cache set.
static long score_stride(long tokens) {
    return vk_ceil_div(vk_max(tokens, 0), VK_KEY_BLOCK) * VK_KEY_BLOCK + VK_KEY_BLOCK;
}

/// Keys in two layouts and values; queries, gradients of outputs, probabilities and gradients of scores of
/// one block of queries.
static long slice(long tokens, long head_dim) {
    const long padded = vk_ceil_div(vk_max(tokens, 0), VK_KEY_BLOCK) * VK_KEY_BLOCK;
    return vk_ceil_div(3 * padded * head_dim + 2 * VK_GRADIENT_QUERIES * (head_dim + score_stride(tokens)),
                       VK_KEY_BLOCK) *
           VK_KEY_BLOCK;
}

/// For the most threads there can be, as in `vk_attention_scratch`.
size_t vk_attention_gradient_scratch(long tokens, long head_dim) {
    return (size_t)VK_MAX_THREADS * (size_t)slice(tokens, head_dim);
}

typedef struct gradient_parts {
    vk_attention_gradient_call call;
    const vk_kernels *kernels;
} gradient_parts;

static void gradient_part(void *context, long part, int slot) {
    const gradient_parts *parts = context;
    const vk_attention_gradient_call *call = &parts->call;
    const vk_attention_gradient_sequence *sequence = &call->sequences[part / call->kv_heads];
    if (sequence->tokens <= 0) return;
    parts->kernels->attention_gradient(call, sequence, part % call->kv_heads,
                                       call->scratch + slot * call->slice);
}

void vk_attention_gradient(const vk_attention_gradient_sequence *sequences, long count, long heads,
                           long kv_heads, long head_dim, long query_stride, long key_stride,
                           long value_stride, long output_stride, float scale, long window, float *scratch) {
    long tokens = 0, work = 0;
    for (long i = 0; i < count; i++) {
        const long length = vk_max(sequences[i].tokens, 0);
        tokens = vk_max(tokens, length);
        work += length * length * heads * head_dim;
    }
    gradient_parts parts = {
        .call = {.sequences = sequences,
                 .count = count,
                 .heads = heads,
                 .kv_heads = kv_heads,
                 .head_dim = head_dim,
                 .query_stride = query_stride,
                 .key_stride = key_stride,
                 .value_stride = value_stride,
                 .output_stride = output_stride,
                 .window = window,
                 .scale = scale,
                 .scratch = scratch,
                 .slice = slice(tokens, head_dim),
                 .score_stride = score_stride(tokens)},
        .kernels = vk_active(),
    };
    const long total = vk_max(count, 0) * kv_heads;
    if (work < 16384) {
        for (long part = 0; part < total; part++) gradient_part(&parts, part, 0);
        return;
    }
    vk_pool_run(total, gradient_part, &parts);
}
