/// Attention for a tile of up to four queries of one head. The queries share loads of keys and values and
/// nothing else: each one's sums run over exactly its own positions, in ascending order.

/// Scores of R queries against B blocks of 16 keys; lanes run along positions.
INLINE void scores(const int R, const int B, float *out, long out_stride, const float *q, long q_stride,
                   const float *keys, long head_dim, float scale) {
    vf sum[16];
    UNROLL for (int i = 0; i < R * B; i++) sum[i] = splat(0);
    for (long j = 0; j < head_dim; j++) {
        vf key[8];
        UNROLL for (int b = 0; b < B; b++) key[b] = load(keys + (b * head_dim + j) * VK_KEY_BLOCK);
        UNROLL for (int r = 0; r < R; r++) {
            const vf input = splat(q[r * q_stride + j]);
            UNROLL for (int b = 0; b < B; b++) sum[r * B + b] = fma16(input, key[b], sum[r * B + b]);
        }
    }
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int b = 0; b < B; b++)
            store(out + r * out_stride + b * VK_KEY_BLOCK, sum[r * B + b] * splat(scale));
}

/// Adds p · value over `count` positions to R rows of output, V vectors (or `part` lanes of one) wide. The
/// weights of one row are `p_step` apart, those of one position `p_stride`.
INLINE void mix(const int R, const int V, float *out, long out_stride, const float *p, long p_stride,
                long p_step, const float *values, long value_stride, long count, long part) {
    vf sum[16];
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int v = 0; v < V; v++) {
            const float *o = out + r * out_stride + v * LANES;
            sum[r * V + v] = part ? load_part(o, part) : load(o);
        }
    for (long t = 0; t < count; t++) {
        vf value[4];
        UNROLL for (int v = 0; v < V; v++) {
            const float *x = values + t * value_stride + v * LANES;
            value[v] = part ? load_part(x, part) : load(x);
        }
        UNROLL for (int r = 0; r < R; r++) {
            const vf weight = splat(p[r * p_stride + t * p_step]);
            UNROLL for (int v = 0; v < V; v++) sum[r * V + v] = fma16(weight, value[v], sum[r * V + v]);
        }
    }
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int v = 0; v < V; v++) {
            float *o = out + r * out_stride + v * LANES;
            if (part)
                store_part(o, sum[r * V + v], part);
            else
                store(o, sum[r * V + v]);
        }
}

INLINE void scores_rows(const int R, float *out, long out_stride, const float *q, long q_stride,
                        const float *keys, long blocks, long head_dim, float scale) {
    long b = 0;
    for (; b + SCORE_BLOCKS(R) <= blocks; b += SCORE_BLOCKS(R))
        scores(R, SCORE_BLOCKS(R), out + b * VK_KEY_BLOCK, out_stride, q, q_stride,
               keys + b * VK_KEY_BLOCK * head_dim, head_dim, scale);
    if (SCORE_BLOCKS(R) > 2 && b + 2 <= blocks) {
        scores(R, 2, out + b * VK_KEY_BLOCK, out_stride, q, q_stride, keys + b * VK_KEY_BLOCK * head_dim,
               head_dim, scale);
        b += 2;
    }
    for (; b < blocks; b++)
        scores(R, 1, out + b * VK_KEY_BLOCK, out_stride, q, q_stride, keys + b * VK_KEY_BLOCK * head_dim,
               head_dim, scale);
}

INLINE void mix_rows(const int R, float *out, long out_stride, const float *p, long p_stride, long p_step,
                     const float *values, long value_stride, long head_dim, long count) {
    long i = 0;
    for (; i + MIX_VECTORS(R) * LANES <= head_dim; i += MIX_VECTORS(R) * LANES)
        mix(R, MIX_VECTORS(R), out + i, out_stride, p, p_stride, p_step, values + i, value_stride, count, 0);
    if (MIX_VECTORS(R) > 2 && i + 2 * LANES <= head_dim) {
        mix(R, 2, out + i, out_stride, p, p_stride, p_step, values + i, value_stride, count, 0);
        i += 2 * LANES;
    }
    for (; i + LANES <= head_dim; i += LANES)
        mix(R, 1, out + i, out_stride, p, p_stride, p_step, values + i, value_stride, count, 0);
    if (i < head_dim)
        mix(R, 1, out + i, out_stride, p, p_stride, p_step, values + i, value_stride, count, head_dim - i);
}

/// Turns the scores of the blocks of one query into exp(score - max), zero outside the lanes
/// `begin ..< end`, and returns their sum. Position i adds to partial sum i mod 16.
static float exponentials(float *s, long begin, long end) {
    const vf lowest = splat(-__builtin_inff());
    const long stop = vk_ceil_div(end, LANES) * LANES;
    vf most = lowest;
    for (long i = begin / LANES * LANES; i < stop; i += LANES) {
        vf score = load(s + i);
        if (i < begin) score = lanes_before(begin - i) ? lowest : score;
        if (i + LANES > end) score = lanes_before(end - i) ? score : lowest;
        most = max16(score, most);
    }
    const vf top = splat(max_lanes(most));
    vf sums = splat(0);
    for (long i = begin / LANES * LANES; i < stop; i += LANES) {
        vf e = exp16(load(s + i) - top);
        if (i < begin) e = lanes_before(begin - i) ? splat(0) : e;
        if (i + LANES > end) e = lanes_before(end - i) ? e : splat(0);
        store(s + i, e);
        sums += e;
    }
    return sum_lanes(sums);
}

static void attention(const vk_attention_call *call, const vk_attention_sequence *sequence, long head,
                      long token, long tokens, float *scratch) {
    const long d = call->head_dim, stride = call->score_stride;
    const long q_stride = call->query_stride, o_stride = call->output_stride;
    const long kv_head = head / (call->heads / call->kv_heads);
    const float *keys = sequence->keys + kv_head * sequence->capacity * d;
    const float *values = sequence->values + kv_head * sequence->capacity * d;
    const float *q = sequence->queries + token * q_stride + head * d;
    float *out = sequence->output + token * o_stride + head * d;

    // Query i reads positions begin[i] ..< end[i], counted from the first position of the first block.
    long begin[VK_QUERY_TILE], end[VK_QUERY_TILE];
    float sums[VK_QUERY_TILE];
    long base = 0;
    for (long i = 0; i < tokens; i++) {
        const long position = sequence->first_position + token + i;
        const long first = call->window > 0 ? vk_max(0, position - call->window + 1) : 0;
        if (i == 0) base = first / VK_KEY_BLOCK * VK_KEY_BLOCK;
        begin[i] = first - base;
        end[i] = position + 1 - base;
    }
    keys += base * d;
    values += base * d;
    const long blocks = vk_ceil_div(end[tokens - 1], VK_KEY_BLOCK);
    switch (tokens) {
    case 1: scores_rows(1, scratch, stride, q, q_stride, keys, blocks, d, call->scale); break;
    case 2: scores_rows(2, scratch, stride, q, q_stride, keys, blocks, d, call->scale); break;
    case 3: scores_rows(3, scratch, stride, q, q_stride, keys, blocks, d, call->scale); break;
    default: scores_rows(4, scratch, stride, q, q_stride, keys, blocks, d, call->scale); break;
    }
    for (long i = 0; i < tokens; i++) {
        sums[i] = exponentials(scratch + i * stride, begin[i], end[i]);
        __builtin_memset(out + i * o_stride, 0, (size_t)d * sizeof(float));
    }

    // Positions that all queries read go together; those before and after, query by query.
    const long shared_begin = begin[tokens - 1], shared_end = vk_max(shared_begin, end[0]);
    for (long i = 0; i < tokens; i++)
        mix_rows(1, out + i * o_stride, o_stride, scratch + i * stride + begin[i], stride, 1,
                 values + begin[i] * d, d, d, vk_min(shared_begin, end[i]) - begin[i]);
    const float *p = scratch + shared_begin, *v = values + shared_begin * d;
    const long shared = end[0] - shared_begin;
    switch (shared > 0 ? tokens : 0) {
    case 0: break;
    case 1: mix_rows(1, out, o_stride, p, stride, 1, v, d, d, shared); break;
    case 2: mix_rows(2, out, o_stride, p, stride, 1, v, d, d, shared); break;
    case 3: mix_rows(3, out, o_stride, p, stride, 1, v, d, d, shared); break;
    default: mix_rows(4, out, o_stride, p, stride, 1, v, d, d, shared); break;
    }
    for (long i = 0; i < tokens; i++) {
        float *o = out + i * o_stride;
        const long from = vk_max(shared_end, begin[i]);
        if (end[i] > from)
            mix_rows(1, o, o_stride, scratch + i * stride + from, stride, 1, values + from * d, d,
                     d, end[i] - from);
        const vf sum = splat(sums[i]);
        long j = 0;
        for (; j + LANES <= d; j += LANES) store(o + j, load(o + j) / sum);
        if (j < d) store_part(o + j, load_part(o + j, d - j) / sum, d - j);
    }
}
