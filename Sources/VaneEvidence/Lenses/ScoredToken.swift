/// A token with a score; what the score is says who hands it out.
public struct ScoredToken: Sendable, Hashable, Codable {
    /// The token's id.
    public let token: Int
    /// Its score.
    public let score: Double

    /// A token with its score.
    public init(_ token: Int, score: Double) {
        self.token = token
        self.score = score
    }

    /// The `count` tokens with the largest scores, the largest first; equal ones by id.
    ///
    /// - Parameters:
    ///   - scores: one score a token.
    ///   - count: how many; fewer if there are no more.
    ///   - excluded: tokens to pass over.
    static func top(_ scores: [Float], _ count: Int, excluding excluded: Set<Int> = []) -> [ScoredToken] {
        var best: [Int] = []
        let count = max(0, count)
        for token in scores.indices where !excluded.contains(token) {
            if best.count == count {
                guard let last = best.last, scores[token] > scores[last] else { continue }
                best.removeLast()
            }
            let place = best.firstIndex { scores[$0] < scores[token] } ?? best.count
            best.insert(token, at: place)
        }
        return best.map { ScoredToken($0, score: Double(scores[$0])) }
    }
}
