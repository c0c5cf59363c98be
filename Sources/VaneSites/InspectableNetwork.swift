public import VaneTensors

/// A network that shows what its own forward pass makes of a state, and where its heads look.
///
/// Both are made again by the same operations as in the forward pass, so they agree with it; a pass that does
/// not ask for them pays nothing.
public protocol InspectableNetwork: ReadableNetwork {
    /// The logits of given states of the residual stream: the final norm, then the unembedding.
    ///
    /// - Parameter states: `[rows, width]`.
    /// - Returns: `[rows, vocabulary]`; for states of the last block the same bits as a forward pass.
    /// - Throws: ``SiteError`` `unusableState` for another width; `TensorError`.
    func readOut(_ states: Tensor) throws -> Tensor

    /// The attention weights of every head of some blocks.
    ///
    /// - Parameters:
    ///   - tokens: one text, from its first token on.
    ///   - layers: the blocks; all if nil.
    ///   - hooks: taps and edits that are on meanwhile.
    /// - Returns: per block, one matrix `[tokens, tokens]` a head: row `i` says from where token `i` reads, its
    ///   entries sum to 1 and are 0 for later tokens.
    /// - Throws: ``SiteError`` for a block the network lacks, an unknown token or too many positions.
    func attentionPatterns(
        of tokens: [Int], layers: [Int]?, under hooks: Hooks
    ) throws -> [Int: [Tensor]]
}
