import VaneConcepts
public import VaneSites

/// A direction described in tokens: what it writes, what it makes the network say, what it responds to, and
/// the three together (row 51's ensemble, without a language model that words it).
///
/// The ensemble ranks tokens by `Σ 1/(60 + rank)` over the lists (reciprocal rank fusion, Cormack et al.,
/// 2009): a token near the top of two lists comes before one that tops a single list.
public struct DirectionDescription: Sendable {
    /// What the direction writes; nil when the site is no part of the residual stream.
    public let projection: VocabularyProjection?
    /// What it makes the network say.
    public let change: TokenChange
    /// The same with the direction reversed.
    public let reversedChange: TokenChange
    /// What it responds to.
    public let examples: ActivatingExamples
    /// The tokens that stand for it, scores being the fused ranks.
    public let tokens: [ScoredToken]

    /// Describes a direction.
    ///
    /// - Parameters:
    ///   - direction: as wide as the site.
    ///   - site: where it is.
    ///   - texts: texts to change and to search for examples, some 32.
    ///   - count: how many tokens of each list to fuse and to keep.
    ///   - divergence: how far to change predictions, nats a token.
    ///   - network: the network.
    ///   - progress: called with the part done, 0...1.
    /// - Throws: ``EvidenceError``; `SiteError`.
    public init(
        of direction: [Float], at site: Site, on texts: [[Int]], count: Int = 20, divergence: Double = 0.25,
        in network: any InspectableNetwork, progress: ((Double) -> Void)? = nil
    ) throws {
        guard count > 0 else {
            throw EvidenceError(.invalidOption, "a description needs at least one token, not \(count)")
        }
        let isStream =
            switch site {
            case .embedding, .residual, .attentionOutput, .mlpOutput: true
            case .head, .mlpHidden, .finalNorm, .logits: false
            }
        projection = isStream ? try VocabularyProjection(direction, in: network) : nil
        // A search tries about ten sizes.
        change = try TokenChange(
            adding: direction, divergence: divergence, at: site, to: texts, in: network,
            progress: { progress?(min(1, Double($0) / 10) * 0.45) })
        reversedChange = try TokenChange(
            adding: direction, divergence: divergence, reversed: true, at: site, to: texts, in: network,
            progress: { progress?(0.45 + min(1, Double($0) / 10) * 0.45) })
        examples = try ActivatingExamples(of: direction, at: site, among: texts, in: network)
        progress?(1)
        let responding = examples.examples.prefix(count).filter { $0.value > 0 }
            .map { texts[$0.text][$0.position] }
        let lists = [projection?.top(count).map(\.token) ?? [], change.top(count).map(\.token), responding]
        tokens = DirectionDescription.fused(lists, count)
    }

    /// The tokens of several ranked lists by reciprocal rank fusion; a token counts once a list.
    static func fused(_ lists: [[Int]], _ count: Int) -> [ScoredToken] {
        var scores: [Int: Double] = [:]
        for list in lists {
            var seen: Set<Int> = []
            for token in list where seen.insert(token).inserted {
                scores[token, default: 0] += 1 / Double(60 + seen.count)
            }
        }
        return scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(max(0, count))
            .map { ScoredToken($0.key, score: $0.value) }
    }
}
