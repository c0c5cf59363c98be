public import VaneTensors

/// A network whose weights can be read where they face the residual stream.
public protocol ReadableNetwork: SteerableNetwork {
    /// The weights of a part, float32; nil where the network has no such part.
    ///
    /// - Throws: ``SiteError`` `unknownSite` for a block or head that does not exist; `TensorError`.
    func weights(of part: NetworkPart) throws -> Tensor?
}

/// A matrix or vector of weights. Layers count blocks from 0.
public enum NetworkPart: Hashable, Sendable {
    /// What turns the final norm's output into logits, `[vocabulary, width]`.
    case unembedding
    /// The factors of the final normalisation, `[width]`.
    case finalNormGain
    /// What the final normalisation adds, `[width]`; nil where it neither adds nor takes the mean away.
    case finalNormBias
    /// The factors of the normalisation in front of a block's attention, `[width]`.
    case attentionNormGain(Int)
    /// What makes a head's values, `[headWidth, width]`; heads that share values have the same.
    case value(layer: Int, head: Int)
    /// What a head's values write, `[width, headWidth]`.
    case headOutput(layer: Int, head: Int)
    /// The MLP's reading matrix, `[mlpWidth, width]`: "up" where there is a gate.
    case mlpInput(Int)
    /// The MLP's writing matrix, `[width, mlpWidth]`.
    case mlpOutput(Int)
}
