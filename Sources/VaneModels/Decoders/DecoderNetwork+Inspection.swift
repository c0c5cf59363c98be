import Synchronization
public import VaneSites
public import VaneTensors

extension DecoderNetwork: InspectableNetwork {
    /// The logits of given states of the residual stream, `[rows, width]`; see `InspectableNetwork`.
    public func readOut(_ states: Tensor) throws -> Tensor {
        guard states.shape.rank == 2, states.width == layout.width else {
            throw SiteError(
                .unusableState, "states to read out are [rows, \(layout.width)], not \(states.shape)")
        }
        return try finalNorm(states).linear(head)
    }

    /// The attention weights of every head of some blocks; see `InspectableNetwork`.
    ///
    /// They are made again from what enters each block: the norm, queries and keys, which is a good part of a
    /// second pass.
    public func attentionPatterns(
        of tokens: [Int], layers: [Int]? = nil, under hooks: Hooks = Hooks()
    ) throws -> [Int: [Tensor]] {
        let layers = Set(layers ?? Array(blocks.indices)).sorted()
        for layer in layers { _ = try layout.width(of: .residual(layer)) }
        guard let last = layers.last else { return [:] }
        var hooks = hooks
        let taps = layers.map { ($0, InputTap()) }
        func before(_ layer: Int) -> Site { layer == 0 ? .embedding : .residual(layer - 1) }
        for (layer, tap) in taps { hooks.add(tap, at: before(layer)) }
        let input = SequenceInput(
            state: makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
        _ = try forward([input], output: .none, through: before(last))
        var patterns: [Int: [Tensor]] = [:]
        for (layer, tap) in taps {
            let x = try Tensor(tap.values, shape: [tokens.count, layout.width])
            patterns[layer] = try blocks[layer].attention.patterns(blocks[layer].attentionNorm(x))
        }
        return patterns
    }
}

/// Keeps the rows it reads last.
private final class InputTap: Tap {
    private let kept = Mutex<[Float]>([])

    var values: [Float] { kept.withLock { $0 } }

    func read(_ activation: Activation) {
        let values = (0..<activation.rows).flatMap { Array(activation[$0]) }
        kept.withLock { $0 = values }
    }
}

extension SelfAttention {
    /// The weights of each head for a whole sequence, `[rows, rows]`; `x` is what the attention reads.
    fileprivate func patterns(_ x: Tensor) throws -> [Tensor] {
        var (query, key, _) = try project(x)
        let count = x.rowCount
        if let rotary {
            let positions = (0..<count).map { Int32($0) }
            query = try query.rotated(by: rotary, positions: positions, headWidth: headWidth)
            key = try key.rotated(by: rotary, positions: positions, headWidth: headWidth)
        }
        let group = max(heads / max(keyValueHeads, 1), 1)
        return try (0..<heads).map { head in
            let own = try query.columns(head * headWidth..<(head + 1) * headWidth).copied()
            let shared = head / group
            let keys = try key.columns(shared * headWidth..<(shared + 1) * headWidth).copied()
            let scores = try own.matmul(keys.transposed()).scaled(by: scale)
            scores.write { base in
                for row in 0..<count {
                    let first = window > 0 ? max(0, row + 1 - window) : 0
                    for column in 0..<count where column > row || column < first {
                        base[row * count + column] = -.infinity
                    }
                }
            }
            return scores.softmax()
        }
    }
}
