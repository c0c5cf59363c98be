/// Gradients of attention for one key-value head of one sequence. Queries go in blocks of
/// VK_GRADIENT_QUERIES, whose probabilities and gradients of scores stand in scratch memory; every sum runs
/// over exactly the pairs of query and position that attend, in ascending order.

/// Row i of `out` += Σ p[i, t] · values[t] over t in begin[i] ..< end[i], both ascending in i.
INLINE void mix_ragged(long rows, float *out, long out_stride, const float *p, long p_stride, long p_step,
                       const float *values, long value_stride, long d, const long *begin, const long *end) {
    const long shared_begin = begin[rows - 1], shared_end = vk_max(shared_begin, end[0]);
    for (long i = 0; i < rows; i++) {
        const long stop = vk_min(shared_begin, end[i]);
        if (stop > begin[i])
            mix_rows(1, out + i * out_stride, out_stride, p + i * p_stride + begin[i] * p_step, p_stride,
                     p_step, values + begin[i] * value_stride, value_stride, d, stop - begin[i]);
    }
    const float *weights = p + shared_begin * p_step, *v = values + shared_begin * value_stride;
    const long shared = end[0] - shared_begin;
    if (shared > 0) {
        if (rows == VK_QUERY_TILE)
            mix_rows(VK_QUERY_TILE, out, out_stride, weights, p_stride, p_step, v, value_stride, d, shared);
        else
            for (long i = 0; i < rows; i++)
                mix_rows(1, out + i * out_stride, out_stride, weights + i * p_stride, p_stride, p_step, v,
                         value_stride, d, shared);
    }
    for (long i = 0; i < rows; i++) {
        const long from = vk_max(shared_end, begin[i]);
        if (end[i] > from)
            mix_rows(1, out + i * out_stride, out_stride, p + i * p_stride + from * p_step, p_stride, p_step,
                     values + from * value_stride, value_stride, d, end[i] - from);
    }
}

/// Turns exponentials `p` into probabilities, and `ds` from the gradients of the probabilities into those of
/// the unscaled scores.
INLINE void score_gradients(float *p, float *ds, long begin, long end, float sum, float scale) {
    const vf inverse = splat(1.0f / sum), factor = splat(scale);
    const long first = begin / LANES * LANES;
    vf products = splat(0);
    for (long i = first; i < end; i += LANES) {
        const vf probability = load(p + i) * inverse;
        vf d = load(ds + i);
        if (i < begin) d = lanes_before(begin - i) ? splat(0) : d;
        if (i + LANES > end) d = lanes_before(end - i) ? d : splat(0);
        store(p + i, probability);
        products = fma16(probability, d, products);
    }
    const vf product = splat(sum_lanes(products));
    for (long i = first; i < end; i += LANES)
        store(ds + i, load(p + i) * (load(ds + i) - product) * factor);
}

INLINE void pack_rows(float *to, const float *from, long stride, long rows, long d) {
    for (long i = 0; i < rows; i++, from += stride, to += d)
        __builtin_memcpy(to, from, (size_t)d * sizeof *to);
}

/// `[tokens, d]` into `[blocks][d][VK_KEY_BLOCK]`, zeros behind the end.
INLINE void pack_blocks(float *to, const float *from, long stride, long tokens, long d) {
    for (long t = 0; t < tokens; t += VK_KEY_BLOCK, from += VK_KEY_BLOCK * stride, to += VK_KEY_BLOCK * d) {
        const long rows = vk_min(VK_KEY_BLOCK, tokens - t);
        if (rows < VK_KEY_BLOCK) __builtin_memset(to, 0, (size_t)(VK_KEY_BLOCK * d) * sizeof *to);
        transpose(to, VK_KEY_BLOCK, from, stride, rows, d);
    }
}

INLINE void scores_any(long rows, float *out, long out_stride, const float *q, long d, const float *keys,
                       long blocks, float scale) {
    if (rows == VK_QUERY_TILE)
        scores_rows(VK_QUERY_TILE, out, out_stride, q, d, keys, blocks, d, scale);
    else
        for (long i = 0; i < rows; i++)
            scores_rows(1, out + i * out_stride, out_stride, q + i * d, d, keys, blocks, d, scale);
}

static void attention_gradient(const vk_attention_gradient_call *call,
                               const vk_attention_gradient_sequence *sequence, long kv_head, float *scratch) {
    const long d = call->head_dim, tokens = sequence->tokens, group = call->heads / call->kv_heads;
    const long window = call->window > 0 ? call->window : tokens, stride = call->score_stride;
    const long padded = vk_ceil_div(tokens, VK_KEY_BLOCK) * VK_KEY_BLOCK;
    float *key_blocks = scratch, *value_blocks = key_blocks + padded * d, *keys = value_blocks + padded * d;
    float *q = keys + padded * d, *dout = q + VK_GRADIENT_QUERIES * d;
    float *p = dout + VK_GRADIENT_QUERIES * d, *ds = p + VK_GRADIENT_QUERIES * stride;
    float *dkeys = sequence->dkeys + kv_head * d, *dvalues = sequence->dvalues + kv_head * d;

    pack_blocks(key_blocks, sequence->keys + kv_head * d, call->key_stride, tokens, d);
    pack_blocks(value_blocks, sequence->values + kv_head * d, call->value_stride, tokens, d);
    pack_rows(keys, sequence->keys + kv_head * d, call->key_stride, tokens, d);
    for (long t = 0; t < tokens; t++) {
        __builtin_memset(dkeys + t * call->key_stride, 0, (size_t)d * sizeof(float));
        __builtin_memset(dvalues + t * call->value_stride, 0, (size_t)d * sizeof(float));
    }
    for (long head = kv_head * group; head < (kv_head + 1) * group; head++)
        for (long block = 0; block < tokens; block += VK_GRADIENT_QUERIES) {
            const long count = vk_min(VK_GRADIENT_QUERIES, tokens - block);
            pack_rows(q, sequence->queries + block * call->query_stride + head * d, call->query_stride,
                      count, d);
            pack_rows(dout, sequence->doutput + block * call->output_stride + head * d, call->output_stride,
                      count, d);
            for (long row = 0; row < count; row += VK_QUERY_TILE) {
                const long rows = vk_min(VK_QUERY_TILE, count - row);
                long begin[VK_QUERY_TILE], end[VK_QUERY_TILE];
                for (long i = 0; i < rows; i++) {
                    end[i] = block + row + i + 1;
                    begin[i] = vk_max(0, end[i] - window);
                }
                float *tile = p + row * stride, *gradients = ds + row * stride;
                const long base = begin[0] / VK_KEY_BLOCK * VK_KEY_BLOCK;
                const long blocks = vk_ceil_div(end[rows - 1] - base, VK_KEY_BLOCK);
                scores_any(rows, tile + base, stride, q + row * d, d, key_blocks + base * d, blocks,
                           call->scale);
                scores_any(rows, gradients + base, stride, dout + row * d, d, value_blocks + base * d, blocks,
                           1);
                float *dq = sequence->dqueries + (block + row) * call->query_stride + head * d;
                for (long i = 0; i < rows; i++) {
                    const float sum = exponentials(tile + i * stride, begin[i], end[i]);
                    score_gradients(tile + i * stride, gradients + i * stride, begin[i], end[i], sum,
                                    call->scale);
                    __builtin_memset(dq + i * call->query_stride, 0, (size_t)d * sizeof(float));
                }
                mix_ragged(rows, dq, call->query_stride, gradients, stride, 1, keys, d, d, begin, end);
            }
            // Rows of the block that read position t: t ..< t + window, counted from its first query.
            const long stop = block + count;
            for (long t = vk_max(0, block - window + 1); t < stop; t += VK_QUERY_TILE) {
                const long rows = vk_min(VK_QUERY_TILE, stop - t);
                long begin[VK_QUERY_TILE], end[VK_QUERY_TILE];
                for (long i = 0; i < rows; i++) {
                    begin[i] = vk_max(0, t + i - block);
                    end[i] = vk_min(count, t + i - block + window);
                }
                mix_ragged(rows, dvalues + t * call->value_stride, call->value_stride, p + t, 1, stride, dout,
                           d, d, begin, end);
                mix_ragged(rows, dkeys + t * call->key_stride, call->key_stride, ds + t, 1, stride, q, d, d,
                           begin, end);
            }
        }
}
