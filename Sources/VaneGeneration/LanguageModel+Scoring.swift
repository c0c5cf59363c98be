public import VaneSites
import VaneTensors

extension LanguageModel {
    /// The natural log-probability of each token from the second on, given those before it:
    /// `log p(tokens[i + 1] | tokens[...i])`, one list a sequence. Sequences run together, so their number is
    /// limited by memory only through their logits: at most `1024` rows are held at a time.
    ///
    /// - Throws: `SiteError` for unknown tokens or too many positions.
    public func logProbabilities(of sequences: [[Int]], hooks: Hooks = Hooks()) throws -> [[Double]] {
        var results: [[Double]] = []
        var start = 0
        while start < sequences.count {
            var end = start
            var rows = 0
            while end < sequences.count, end == start || rows + sequences[end].count <= 1024 {
                rows += sequences[end].count
                end += 1
            }
            results += try logProbabilities(ofBatch: sequences[start..<end], hooks)
            start = end
        }
        return results
    }

    private func logProbabilities(ofBatch sequences: ArraySlice<[Int]>, _ hooks: Hooks) throws -> [[Double]] {
        // A last token never enters the network, so the network cannot refuse it.
        for token in sequences.lazy.compactMap(\.last) where !(0..<network.layout.vocabulary).contains(token)
        {
            throw SiteError(
                .unknownToken, "token \(token) is outside the vocabulary of \(network.layout.vocabulary)")
        }
        // The first token of a sequence has no probability; a sequence of one has none at all.
        let inputs = sequences.filter { $0.count > 1 }.map { tokens in
            SequenceInput(
                state: network.makeSequence(), tokens: Array(tokens.dropLast()), hooks: hooks,
                promptLength: tokens.count)
        }
        guard let logits = try network.forward(inputs, output: .allLogits, through: nil) else {
            return sequences.map { _ in [] }
        }
        let scores = logits.logSoftmax()
        return scores.read { base in
            var row = 0
            return sequences.map { tokens in
                tokens.dropFirst().map { token in
                    defer { row += 1 }
                    return Double(base[row * scores.width + token])
                }
            }
        }
    }
}
