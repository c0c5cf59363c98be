/// The kernels in plain C: runs anywhere, and is the reference for the others.
#include "functions.h"
#include "rows.h"
#include "gradients.h"
#include "training.h"
#include "sparse.h"

static void linear(const vk_linear_call *call, long row_begin, long row_end, long panel_begin,
                   long panel_end) {
    const long stop = vk_min(panel_end * VK_PANEL, call->n);
    for (long row = row_begin; row < row_end; row++) {
        const float *x = call->transposed ? call->x + row : call->x + row * call->x_stride;
        const long step = call->transposed ? call->x_stride : 1;
        for (long i = panel_begin * VK_PANEL; i < stop; i++) {
            const long first = i / VK_PANEL * VK_PANEL * call->k + i % VK_PANEL;
            float sum = 0;
            for (long j = 0; j < call->k; j++)
                sum = fmaf(x[j * step], element(call->type, call->packed, first + j * VK_PANEL), sum);
            call->y[row * call->y_stride + i] = call->bias ? sum + call->bias[i] : sum;
        }
    }
}

/// One query at `position`. `scores` holds `score_stride` floats.
static void attend(const vk_attention_call *call, float *out, const float *q, const float *keys,
                   const float *values, long position, float *scores) {
    const long d = call->head_dim;
    const long begin = call->window > 0 ? vk_max(0, position - call->window + 1) : 0;
    // Scores from the start of the first key block, so that long windows at high positions fit as well.
    const long base = begin / VK_KEY_BLOCK * VK_KEY_BLOCK;
    float *s = scores - base;
    for (long t = begin; t <= position; t++) {
        const float *key = keys + t / VK_KEY_BLOCK * VK_KEY_BLOCK * d + t % VK_KEY_BLOCK;
        float sum = 0;
        for (long j = 0; j < d; j++) sum = fmaf(q[j], key[j * VK_KEY_BLOCK], sum);
        s[t] = sum * call->scale;
    }
    const float most = largest(s + begin, position + 1 - begin);
    float sums[LANES] = {0};
    for (long t = begin; t <= position; t++) {
        s[t] = exponential(s[t] - most);
        sums[t % LANES] += s[t];
    }
    const float sum = tree_sum(sums);
    for (long j = 0; j < d; j++) {
        float mixed = 0;
        for (long t = begin; t <= position; t++) mixed = fmaf(s[t], values[t * d + j], mixed);
        out[j] = mixed / sum;
    }
}

static void attention(const vk_attention_call *call, const vk_attention_sequence *sequence, long head,
                      long token, long tokens, float *scratch) {
    const long d = call->head_dim;
    const long offset = head / (call->heads / call->kv_heads) * sequence->capacity * d;
    for (long i = token; i < token + tokens; i++)
        attend(call, sequence->output + i * call->output_stride + head * d,
               sequence->queries + i * call->query_stride + head * d, sequence->keys + offset,
               sequence->values + offset, sequence->first_position + i, scratch);
}

#define TABLE vk_kernels_scalar
#define TILE_ROWS 1
#define K_BLOCK 768
#include "../template/table.h"
