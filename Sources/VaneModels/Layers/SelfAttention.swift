import VaneTensors

/// Causal self-attention with a cache of keys and values, grouped heads and optional rotary positions.
struct SelfAttention: Sendable {
    /// How queries, keys and values are made from the input.
    enum Projection: Sendable {
        case separate(query: Linear, key: Linear, value: Linear)
        /// One matrix whose outputs are queries, keys and values in this order.
        case fused(Linear)
    }

    let projection: Projection
    let output: Linear
    let heads: Int
    let keyValueHeads: Int
    let headWidth: Int
    /// Factor of the scores before the softmax.
    let scale: Float
    /// Positions a query sees, its own included; 0 for all.
    let window: Int
    let rotary: RotaryTable?

    /// The heads' values before the output projection, `[rows, heads · headWidth]`; the rows' keys and values
    /// join the caches of `pass` at `layer`.
    func context(_ x: Tensor, layer: Int, pass: ForwardPass) throws -> Tensor {
        var (query, key, value) = try project(x)
        if let rotary {
            query = try query.rotated(by: rotary, positions: pass.positions, headWidth: headWidth)
            key = try key.rotated(by: rotary, positions: pass.positions, headWidth: headWidth)
        }
        let parts = try pass.sequences.map { sequence in
            try sequence.state.caches[layer].append(
                keys: key.rows(sequence.rows), values: value.rows(sequence.rows))
            return (rows: sequence.rows, cache: sequence.state.caches[layer])
        }
        return try query.attention(
            sequences: parts, keys: key, values: value, heads: heads, scale: scale, window: window)
    }

    func project(_ x: Tensor) throws -> (query: Tensor, key: Tensor, value: Tensor) {
        switch projection {
        case .separate(let query, let key, let value): return (try query(x), try key(x), try value(x))
        case .fused(let linear):
            let joined = try linear(x)
            let queries = heads * headWidth
            let keys = keyValueHeads * headWidth
            return (
                try joined.columns(0..<queries), try joined.columns(queries..<queries + keys),
                try joined.columns(queries + keys..<queries + 2 * keys)
            )
        }
    }
}
