import CVaneKernels

/// The keys and values of one sequence at one layer.
///
/// Keys lie in blocks of 16 positions, `[heads][blocks][headWidth][16]`, values as
/// `[heads][capacity][headWidth]`; the capacity doubles as the sequence grows. A copy is a value of its own:
/// the buffers are shared until one of the two grows.
public struct AttentionCache: Sendable {
    /// Key-value heads.
    public let heads: Int
    /// Entries of one head.
    public let headWidth: Int
    /// Positions written so far.
    public private(set) var count = 0
    private var capacity = 0
    private var keys: Storage
    private var values: Storage

    /// An empty cache.
    public init(heads: Int, headWidth: Int) {
        self.heads = heads
        self.headWidth = headWidth
        keys = Storage(byteCount: 0)
        values = Storage(byteCount: 0)
    }

    /// Appends `[rows, heads · headWidth]` keys and values.
    ///
    /// - Throws: `shapeMismatch`.
    public mutating func append(keys newKeys: Tensor, values newValues: Tensor) throws {
        let width = heads * headWidth
        try TensorError.expect(
            newKeys.shape == newValues.shape && newKeys.shape.rank == 2 && newKeys.shape[1] == width,
            in: "appendCache", "keys \(newKeys.shape), values \(newValues.shape), cache width \(width)")
        let rows = newKeys.shape[0]
        reserve(count + rows)
        newKeys.read { k in
            newValues.read { v in
                withExtendedLifetime((keys, values)) {
                    vk_append_cache(
                        keys.base.assumingMemoryBound(to: Float.self),
                        values.base.assumingMemoryBound(to: Float.self), k, newKeys.rowStride, v,
                        newValues.rowStride, rows, count, capacity, heads, headWidth)
                }
            }
        }
        count += rows
    }

    /// Makes room for `positions` positions in buffers that no copy shares.
    private mutating func reserve(_ positions: Int) {
        let shared = !isKnownUniquelyReferenced(&keys) || !isKnownUniquelyReferenced(&values)
        guard positions > capacity || shared else { return }
        let block = Int(VK_KEY_BLOCK)
        let wanted = positions > capacity ? max(positions, 2 * capacity, 64) : capacity
        let larger = (wanted + block - 1) / block * block
        keys = moved(keys, to: larger)
        values = moved(values, to: larger)
        capacity = larger
    }

    /// A copy of a buffer whose heads are `larger` positions apart. A head's blocks stay in order, so one
    /// contiguous copy per head is right for keys and values alike.
    private func moved(_ old: Storage, to larger: Int) -> Storage {
        let new = Storage(byteCount: heads * larger * headWidth * 4)
        for head in 0..<heads {
            (new.base + head * larger * headWidth * 4).copyMemory(
                from: old.base + head * capacity * headWidth * 4, byteCount: capacity * headWidth * 4)
        }
        return new
    }

    /// This sequence's part of an attention call over its last `tokens` positions. The pointers are good
    /// while the cache, the queries and the output live.
    fileprivate func descriptor(
        queries: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, tokens: Int
    ) -> vk_attention_sequence {
        vk_attention_sequence(
            queries: queries, output: output,
            keys: UnsafePointer(keys.base.assumingMemoryBound(to: Float.self)),
            values: UnsafePointer(values.base.assumingMemoryBound(to: Float.self)), tokens: tokens,
            first_position: count - tokens, capacity: capacity)
    }
}

extension Tensor {
    /// Causal attention of several sequences at once; `self` holds their queries,
    /// `[rows, heads · headWidth]`.
    ///
    /// Rows `sequences[i].rows` attend to `sequences[i].cache`, to which their own keys and values have been
    /// appended. `softmax(scale · q·k) · v` over the positions up to the row's own, the last `window` of them
    /// if `window` is not 0. Query head `h` reads key-value head `h / (heads / cache.heads)`.
    ///
    /// `keys` and `values` are the rows that were appended last; only gradients need them, and only for
    /// sequences that stand in the call from their first token on.
    ///
    /// - Throws: `shapeMismatch`; `notDifferentiable` when a recorded sequence does not begin in this call.
    public func attention(
        sequences: [(rows: Range<Int>, cache: AttentionCache)], keys: Tensor? = nil, values: Tensor? = nil,
        heads: Int, scale: Float, window: Int = 0
    ) throws -> Tensor {
        guard let first = sequences.first?.cache else { return Tensor(uninitialised: shape) }
        for (rows, cache) in sequences {
            try TensorError.expect(
                shape.rank == 2 && shape[1] == heads * cache.headWidth && heads % cache.heads == 0
                    && rows.lowerBound >= 0 && rows.upperBound <= shape[0] && rows.count <= cache.count
                    && cache.headWidth == first.headWidth && cache.heads == first.heads, in: "attention",
                "queries \(shape), rows \(rows), \(heads) heads of \(cache.headWidth), \(cache.count) keys")
        }
        let positions = sequences.map(\.cache.count).max() ?? 0
        let scratch = Storage(byteCount: vk_attention_scratch(positions) * 4)
        let result = Tensor(uninitialised: shape)
        withExtendedLifetime((sequences, scratch)) {
            read { queries in
                result.write { output in
                    let parts = sequences.map { rows, cache in
                        cache.descriptor(
                            queries: queries + rows.lowerBound * rowStride,
                            output: output + rows.lowerBound * width, tokens: rows.count)
                    }
                    vk_attention(
                        parts, parts.count, heads, first.heads, first.headWidth, rowStride, width, scale,
                        window,
                        scratch.base.assumingMemoryBound(to: Float.self))
                }
            }
        }
        guard let tape = Tape.of(self, keys, values) else { return result }
        guard let keys, let values, sequences.allSatisfy({ $0.rows.count == $0.cache.count }) else {
            throw TensorError(
                .notDifferentiable, in: "attention",
                "gradients need whole sequences with their keys and values")
        }
        let problem = AttentionGradient(
            queries: detached, keys: keys.detached, values: values.detached, rows: sequences.map(\.rows),
            heads: heads, keyValueHeads: first.heads, headWidth: first.headWidth, scale: scale, window: window
        )
        return tape.record(result, from: [self, keys, values]) { problem.pullback($0) }
    }
}
