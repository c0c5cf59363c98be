/// The dimensions of a network: which sites it has and how wide they are.
public struct NetworkLayout: Hashable, Sendable, Codable {
    /// The number of blocks.
    public let depth: Int
    /// The width of the residual stream.
    public let width: Int
    /// Attention heads of a block.
    public let heads: Int
    /// Entries of one head.
    public let headWidth: Int
    /// Width of the MLP's hidden layer.
    public let mlpWidth: Int
    /// Tokens in the vocabulary.
    public let vocabulary: Int
    /// The longest sequence the network takes.
    public let maximumPositions: Int

    /// A layout; every number must be positive.
    public init(
        depth: Int, width: Int, heads: Int, headWidth: Int, mlpWidth: Int, vocabulary: Int,
        maximumPositions: Int
    ) {
        self.depth = depth
        self.width = width
        self.heads = heads
        self.headWidth = headWidth
        self.mlpWidth = mlpWidth
        self.vocabulary = vocabulary
        self.maximumPositions = maximumPositions
    }

    /// The number of entries of an activation at `site`.
    ///
    /// - Throws: `unknownSite` when the network has no such site.
    public func width(of site: Site) throws -> Int {
        if let layer = site.layer, layer < 0 || layer >= depth {
            throw SiteError(
                .unknownSite, "\(site) does not exist: the model has blocks 0 to \(depth - 1)")
        }
        switch site {
        case .embedding, .residual, .attentionOutput, .mlpOutput, .finalNorm: return width
        case .mlpHidden: return mlpWidth
        case .logits: return vocabulary
        case .head(_, let head):
            guard head >= 0 && head < heads else {
                throw SiteError(.unknownSite, "\(site) does not exist: a block has heads 0 to \(heads - 1)")
            }
            return headWidth
        }
    }
}
