import Foundation

extension SelectiveLesions.Task {
    /// The task of telling an attribute in what comes next, from its texts alone.
    ///
    /// The tokens of the texts that show the attribute are compared with those of the texts that do not: with
    /// `n` the number of
    /// texts that hold a token, those with the largest `log (n₊ + ½)/(N₊ + 1) - log (n₋ + ½)/(N₋ + 1)` are
    /// raised and those with
    /// the smallest held against them. The objective is read after the first half of each text that shows the
    /// attribute.
    ///
    /// - Parameters:
    ///   - positive: token ids of texts that show the attribute; others than units are chosen on.
    ///   - negative: token ids of texts that do not.
    ///   - tokens: how many tokens a side; fewer where fewer tell.
    /// - Throws: ``EvidenceError`` `unusableInputs` where no token of either side tells the texts apart.
    public init(telling positive: [[Int]], from negative: [[Int]], tokens: Int = 20) throws {
        try ObjectiveRuns.require(positive, "texts that show the attribute")
        try ObjectiveRuns.require(negative, "texts that do not show the attribute")
        func counts(_ texts: [[Int]]) -> [Int: Int] {
            texts.reduce(into: [:]) { counts, text in
                for token in Set(text) { counts[token, default: 0] += 1 }
            }
        }
        let (shown, hidden) = (counts(positive), counts(negative))
        let scores = Set(shown.keys).union(hidden.keys).map { token in
            let own = (Double(shown[token] ?? 0) + 0.5) / Double(positive.count + 1)
            let other = (Double(hidden[token] ?? 0) + 0.5) / Double(negative.count + 1)
            return (token: token, score: log(own / other))
        }.sorted { ($1.score, $0.token) < ($0.score, $1.token) }
        let raised = scores.prefix(max(tokens, 1)).filter { $0.score > 0 }.map(\.token)
        let others = scores.suffix(max(tokens, 1)).filter { $0.score < 0 }.map(\.token)
        guard !raised.isEmpty, !others.isEmpty else {
            throw EvidenceError(
                .unusableInputs,
                "no token is commoner in the texts that show the attribute and another in the rest")
        }
        self.init(
            positive.map { Array($0.prefix(max(1, $0.count / 2))) },
            objective: Objective(raised, against: .tokens(others)))
    }
}
