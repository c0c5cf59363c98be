#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Words drawn independently, as often as the planted language uses them; a sentence ends with a mark or a line.
///
/// `p(w) = (n(w) + 1) / (N + V + 2)` for the `V` words of the vocabulary seen `n(w)` times in a sample of `N`
/// words. One of the two others is the end of a line, the other any unknown word, which has the further factor
/// of its spelling: each byte is a lower-case letter with probability 0.9, evenly, or any other evenly, and is
/// the last one with probability 0.2.
struct PlantedWordModel: Sendable {
    private let logProbabilities: [Double]
    private let logLineEnd: Double
    private let logUnknown: Double
    private let identifiers: [String: Int]

    init(grammar: PlantedGrammar, sample: [String]) {
        identifiers = grammar.identifiers
        var counts = [Int](repeating: 1, count: grammar.vocabulary.count)
        var (lineEnds, unknown) = (1, 1)
        for sentence in sample {
            let tokens = PlantedTokens.split(sentence)
            for (i, token) in tokens.enumerated() {
                if let id = Self.known(token, isFirst: i == 0, grammar.identifiers).first {
                    counts[id] += 1
                } else {
                    unknown += 1
                }
            }
            if let last = tokens.last, !PlantedUnit.isEnd(last) { lineEnds += 1 }
        }
        let total = Double(counts.reduce(lineEnds + unknown, +))
        logProbabilities = counts.map { log(Double($0) / total) }
        logLineEnd = log(Double(lineEnds) / total)
        logUnknown = log(Double(unknown) / total)
    }

    /// The words of the vocabulary that a written word can be: two where the first one has a capital.
    private static func known(_ token: String, isFirst: Bool, _ identifiers: [String: Int]) -> [Int] {
        var result = identifiers[token].map { [$0] } ?? []
        let lower = token.prefix(1).lowercased() + token.dropFirst()
        if isFirst, lower != token, let id = identifiers[lower] { result.append(id) }
        return result
    }

    private static func spelling(_ word: String) -> Double {
        let letters = Double(word.utf8.count { (0x61...0x7A).contains($0) })
        let bytes = Double(word.utf8.count)
        return letters * log(0.9 / 26) + (bytes - letters) * log(0.1 / 230) + (bytes - 1) * log(0.8)
            + log(0.2)
    }

    /// The natural logarithm of the probability of the words of a sentence.
    func logProbability(of tokens: [String]) -> Double {
        var sum = 0.0
        for (i, token) in tokens.enumerated() {
            let ids = Self.known(token, isFirst: i == 0, identifiers)
            if ids.isEmpty {
                sum += logUnknown + Self.spelling(token)
            } else if ids.count == 1 {
                sum += logProbabilities[ids[0]]
            } else {
                sum += log(ids.reduce(0) { $0 + exp(logProbabilities[$1]) })
            }
        }
        if let last = tokens.last, !PlantedUnit.isEnd(last) { sum += logLineEnd }
        return sum
    }
}
