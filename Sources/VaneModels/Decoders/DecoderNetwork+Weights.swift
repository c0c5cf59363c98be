public import VaneSites
public import VaneTensors

extension DecoderNetwork: ReadableNetwork {
    /// The weights of a part, float32; nil where the network has no such part.
    ///
    /// - Throws: `SiteError` `unknownSite` for a block or head that does not exist; `TensorError`.
    public func weights(of part: NetworkPart) throws -> Tensor? {
        switch part {
        case .unembedding: return try head.unpacked()
        case .finalNormGain: return finalNorm.gain
        case .finalNormBias: return finalNorm.bias
        case .attentionNormGain(let layer): return try block(layer).attentionNorm.gain
        case .value(let layer, let head):
            _ = try layout.width(of: .head(layer: layer, head: head))
            return try block(layer).attention.value(head)
        case .headOutput(let layer, let head):
            _ = try layout.width(of: .head(layer: layer, head: head))
            let attention = try block(layer).attention
            let columns = head * attention.headWidth..<(head + 1) * attention.headWidth
            return try attention.output.weight.unpacked().columns(columns).copied()
        case .mlpInput(let layer): return try block(layer).mlp.up.weight.unpacked()
        case .mlpOutput(let layer): return try block(layer).mlp.down.weight.unpacked()
        }
    }

    private func block(_ layer: Int) throws -> DecoderBlock {
        _ = try layout.width(of: .residual(layer))
        return blocks[layer]
    }
}

extension Normalisation {
    /// What is added, recorded nowhere; nil for the norm that keeps the mean.
    fileprivate var bias: Tensor? {
        switch self {
        case .layer(_, let bias, _): bias.detached
        case .rootMeanSquare: nil
        }
    }

    /// The factors, recorded nowhere.
    fileprivate var gain: Tensor {
        switch self {
        case .layer(let gain, _, _), .rootMeanSquare(let gain, _): gain.detached
        }
    }
}

extension SelfAttention {
    /// What makes the values that `head` reads, `[headWidth, width]`.
    fileprivate func value(_ head: Int) throws -> Tensor {
        let group = head / max(heads / max(keyValueHeads, 1), 1)
        let (matrix, first): (Tensor, Int) =
            switch projection {
            case .separate(_, _, let value): (try value.weight.unpacked(), 0)
            case .fused(let linear):
                (try linear.weight.unpacked(), (heads + keyValueHeads) * headWidth)
            }
        let start = first + group * headWidth
        return try matrix.rows(start..<start + headWidth).copied()
    }
}
