public import VaneSites
import VaneTensors

/// What heads look at in texts that repeat themselves: previous token, the token after an earlier occurrence
/// (induction), the earlier occurrence (Elhage et al., 2021; Olsson et al., arXiv 2209.11895).
///
/// A list of `n` tokens stands twice in a row. With `A` a head's attention weights, means over the texts:
///
///     previous  = mean over all i > 0 of A[i, i-1]
///     duplicate = mean over the second half of A[i, i-n]
///     induction = mean over the second half of A[i, i-n+1]
///
/// A head that spreads evenly scores about `1/(1.5 n)` on the last two. A score says where a head looks, not
/// what it does: see ``HeadAblation``.
public struct HeadScores: Sendable {
    /// One head's scores, each 0...1.
    public struct Head: Sendable, Hashable {
        /// The head, a `Site` `.head`.
        public let site: Site
        /// Attention to the token before.
        public let previous: Double
        /// Attention to the same token's earlier occurrence.
        public let duplicate: Double
        /// Attention to the token after the earlier occurrence.
        public let induction: Double
    }

    /// Every head, in the order of the forward pass.
    public let heads: [Head]

    /// Scores every head.
    ///
    /// - Parameters:
    ///   - lists: the token lists, each of two or more tokens and at most half the network's positions; random
    ///     tokens leave a head nothing else to go by.
    ///   - start: a token to begin every text with, such as the one that begins a document.
    ///   - repeats: whether the list stands twice; without, the second half is the next list, which is the
    ///     control.
    ///   - network: the network.
    ///   - progress: called with the number of texts done.
    /// - Throws: ``EvidenceError`` `unusableInputs`; `SiteError`.
    public init(
        repeating lists: [[Int]], from start: Int? = nil, repeats: Bool = true,
        in network: any InspectableNetwork, progress: ((Int) -> Void)? = nil
    ) throws {
        guard let count = lists.first?.count, count >= 2, lists.allSatisfy({ $0.count == count }) else {
            throw EvidenceError(
                .unusableInputs, "head scores need token lists of one length, two tokens or more each")
        }
        let layout = network.layout
        let offset = start == nil ? 0 : 1
        let total = offset + 2 * count
        var sums = [[[Double]]](
            repeating: [[Double]](repeating: [0, 0, 0], count: layout.heads), count: layout.depth)
        for (number, list) in lists.enumerated() {
            let second = repeats ? list : lists[(number + 1) % lists.count]
            let patterns = try network.attentionPatterns(
                of: (start.map { [$0] } ?? []) + list + second, layers: nil, under: Hooks())
            for (layer, heads) in patterns {
                for (head, matrix) in heads.enumerated() {
                    let weights = matrix.elements
                    func mean(_ rows: Range<Int>, back: Int) -> Double {
                        rows.reduce(0.0) { $0 + Double(weights[$1 * total + $1 - back]) } / Double(rows.count)
                    }
                    let repeated = offset + count..<total
                    sums[layer][head][0] += mean(1..<total, back: 1)
                    sums[layer][head][1] += mean(repeated, back: count)
                    sums[layer][head][2] += mean(repeated, back: count - 1)
                }
            }
            progress?(number + 1)
        }
        let texts = Double(lists.count)
        heads = sums.enumerated().flatMap { layer, block in
            block.enumerated().map { head, sum in
                Head(
                    site: .head(layer: layer, head: head), previous: sum[0] / texts,
                    duplicate: sum[1] / texts, induction: sum[2] / texts)
            }
        }
    }
}
