public import VaneSites
import VaneTensors

/// Attention roll-out: where a state comes from if attention alone carried it (Abnar and Zuidema, arXiv
/// 2005.00928).
///
///     R_l = (½ Ā_l + ½ I) R_{l-1},   R_{-1} = I,   Ā_l the mean over the block's heads
///
/// Row `i` sums to 1. It knows nothing of what the values are or of the MLPs: a token that is looked at but
/// written as nothing counts all the same. Use ``InputAttribution`` for what matters to a prediction.
public struct AttentionRollout: Sendable {
    /// One row a token: the part of each input token.
    public let rows: [[Double]]

    /// Follows one text through some blocks.
    ///
    /// - Parameters:
    ///   - tokens: the text's token ids.
    ///   - depth: how many blocks, from the first; all if nil.
    ///   - network: the network.
    /// - Throws: ``EvidenceError`` `unusableInputs`, `invalidOption`; `SiteError`.
    public init(_ tokens: [Int], through depth: Int? = nil, in network: any InspectableNetwork) throws {
        guard !tokens.isEmpty else { throw EvidenceError(.unusableInputs, "the text has no tokens") }
        let depth = depth ?? network.layout.depth
        guard (0...network.layout.depth).contains(depth) else {
            throw EvidenceError(
                .invalidOption, "a roll-out goes through 0 to \(network.layout.depth) blocks, not \(depth)")
        }
        let patterns = try network.attentionPatterns(
            of: tokens, layers: Array(0..<depth), under: Hooks())
        let count = tokens.count
        var rows = tokens.indices.map { row in tokens.indices.map { $0 == row ? 1.0 : 0.0 } }
        for layer in 0..<depth {
            let heads = (patterns[layer] ?? []).map(\.elements)
            var next = rows
            for row in 0..<count {
                for target in 0...row {
                    next[row][target] = rows[row][target] / 2
                }
                for source in 0...row {
                    let weight = heads.reduce(0.0) { $0 + Double($1[row * count + source]) }
                    let half = weight / Double(max(heads.count, 1)) / 2
                    for target in 0...source { next[row][target] += half * rows[source][target] }
                }
            }
            rows = next
        }
        self.rows = rows
    }
}
