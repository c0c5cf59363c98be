/// Division of attention between threads, and writing into the key-value cache.
#include "internal/kernels.h"

/// Floats between the scores of two queries; the extra block keeps rows from falling on one cache set.
static long score_stride(long positions) {
    return vk_ceil_div(vk_max(positions, 0), VK_KEY_BLOCK) * VK_KEY_BLOCK + VK_KEY_BLOCK;
}

/// For the most threads there can be, so that a change of their number cannot make a buffer too small.
/// Pages of slices that no thread uses are never touched.
size_t vk_attention_scratch(long positions) {
    return (size_t)VK_MAX_THREADS * VK_QUERY_TILE * (size_t)score_stride(positions);
}

typedef struct attention_parts {
    vk_attention_call call;
    const vk_kernels *kernels;
} attention_parts;

static long tiles_of(const vk_attention_sequence *sequence) {
    return vk_ceil_div(vk_max(sequence->tokens, 0), VK_QUERY_TILE);
}

static void attention_part(void *context, long part, int slot) {
    const attention_parts *parts = context;
    const vk_attention_call *call = &parts->call;
    const vk_attention_sequence *sequence = call->sequences;
    while (part >= tiles_of(sequence) * call->heads) {
        part -= tiles_of(sequence) * call->heads;
        sequence++;
    }
    const long tiles = tiles_of(sequence);
    // Late tiles read the most keys: they go first, so that threads end together.
    const long token = (tiles - 1 - part % tiles) * VK_QUERY_TILE;
    parts->kernels->attention(call, sequence, part / tiles, token,
                              vk_min(VK_QUERY_TILE, sequence->tokens - token),
                              call->scratch + slot * call->slice);
}

void vk_attention(const vk_attention_sequence *sequences, long count, long heads, long kv_heads,
                  long head_dim, long query_stride, long output_stride, float scale, long window,
                  float *scratch) {
    long positions = 0, total = 0, work = 0;
    for (long i = 0; i < count; i++) {
        const long reach = sequences[i].first_position + sequences[i].tokens;
        positions = vk_max(positions, reach);
        total += tiles_of(&sequences[i]) * heads;
        work += vk_max(sequences[i].tokens, 0) * reach * heads * head_dim;
    }
    attention_parts parts = {
        .call = {.sequences = sequences,
                 .count = count,
                 .heads = heads,
                 .kv_heads = kv_heads,
                 .head_dim = head_dim,
                 .query_stride = query_stride,
                 .output_stride = output_stride,
                 .window = window,
                 .scale = scale,
                 .scratch = scratch,
                 .slice = VK_QUERY_TILE * score_stride(positions),
                 .score_stride = score_stride(positions)},
        .kernels = vk_active(),
    };
    if (work < 32768) {
        for (long part = 0; part < total; part++) attention_part(&parts, part, 0);
        return;
    }
    vk_pool_run(total, attention_part, &parts);
}

typedef struct append_call {
    float *keys, *values;
    const float *new_keys, *new_values;
    long key_stride, value_stride, tokens, first_position, capacity, head_dim;
} append_call;

static void append_head(void *context, long head, int slot) {
    (void)slot;
    const append_call *call = context;
    const long d = call->head_dim;
    float *values = call->values + (head * call->capacity + call->first_position) * d;
    const float *new_values = call->new_values + head * d;
    for (long t = 0; t < call->tokens; t++, values += d, new_values += call->value_stride)
        for (long j = 0; j < d; j++) values[j] = new_values[j];
    // Block by block, so that each line of a block is written while it is in the cache.
    float *keys = call->keys + head * call->capacity * d;
    const long end = call->first_position + call->tokens;
    for (long t = call->first_position; t < end;) {
        const long block = t / VK_KEY_BLOCK, stop = vk_min((block + 1) * VK_KEY_BLOCK, end);
        const float *from = call->new_keys + (t - call->first_position) * call->key_stride + head * d;
        float *to = keys + block * VK_KEY_BLOCK * d + t % VK_KEY_BLOCK;
        for (long j = 0; j < d; j++)
            for (long i = 0; i < stop - t; i++) to[j * VK_KEY_BLOCK + i] = from[i * call->key_stride + j];
        t = stop;
    }
}

void vk_append_cache(float *keys, float *values, const float *new_keys, long key_stride,
                     const float *new_values, long value_stride, long tokens, long first_position,
                     long capacity, long kv_heads, long head_dim) {
    append_call call = {keys,         values, new_keys,       new_values, key_stride,
                        value_stride, tokens, first_position, capacity,   head_dim};
    if (tokens <= 0) return;
    if (tokens * kv_heads * head_dim < 16384) {
        for (long head = 0; head < kv_heads; head++) append_head(&call, head, 0);
        return;
    }
    vk_pool_run(kv_heads, append_head, &call);
}
