import CVaneKernels

/// What attention keeps for its gradient: the probabilities are computed again.
struct AttentionGradient {
    let queries: Tensor
    let keys: Tensor
    let values: Tensor
    let rows: [Range<Int>]
    let heads: Int
    let keyValueHeads: Int
    let headWidth: Int
    let scale: Float
    let window: Int

    /// The gradients with respect to queries, keys and values.
    func pullback(_ gradient: Tensor) -> [Tensor?] {
        let upper = gradient.contiguous()
        // The kernel writes results in the operands' layout, so operands with gaps are joined first.
        let (q, k, v) = (queries.contiguous(), keys.contiguous(), values.contiguous())
        let results = [q, k, v].map { Tensor(uninitialised: $0.shape) }
        let longest = rows.map(\.count).max() ?? 0
        let scratch = Storage(byteCount: vk_attention_gradient_scratch(longest, headWidth) * 4)
        withExtendedLifetime((upper, q, k, v, results, scratch)) {
            let pointers = results.map { $0.write { $0 } }
            let parts = rows.map { range in
                let (query, key) = (range.lowerBound * q.width, range.lowerBound * k.width)
                return vk_attention_gradient_sequence(
                    queries: q.read { $0 } + query, keys: k.read { $0 } + key, values: v.read { $0 } + key,
                    doutput: upper.read { $0 } + query, dqueries: pointers[0] + query,
                    dkeys: pointers[1] + key,
                    dvalues: pointers[2] + key, tokens: range.count)
            }
            vk_attention_gradient(
                parts, parts.count, heads, keyValueHeads, headWidth, q.width, k.width, v.width, upper.width,
                scale,
                window, scratch.base.assumingMemoryBound(to: Float.self))
        }
        return results
    }
}
