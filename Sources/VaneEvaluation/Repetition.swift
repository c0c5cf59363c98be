/// How much a text repeats itself.
package enum Repetition {
    /// Part of the runs of four tokens that occurred before; 0 for fewer than four.
    package static func runs(_ tokens: [Int]) -> Double {
        guard tokens.count >= 4 else { return 0 }
        var seen: Set<ArraySlice<Int>> = []
        let runs = (0...tokens.count - 4).map { tokens[$0..<$0 + 4] }
        let repeated = runs.count { !seen.insert($0).inserted }
        return Double(repeated) / Double(runs.count)
    }

    /// Tokens a phrase of Lempel and Ziv's parsing (1978): each phrase is the shortest that did not occur before. 1 where
    /// no token comes twice; it grows with every loop, also with those that four-token runs miss. 1 for no tokens.
    package static func compression(_ tokens: [Int]) -> Double {
        guard !tokens.isEmpty else { return 1 }
        var phrases: Set<[Int]> = []
        var phrase: [Int] = []
        for token in tokens {
            phrase.append(token)
            if phrases.insert(phrase).inserted { phrase = [] }
        }
        return Double(tokens.count) / Double(phrases.count + (phrase.isEmpty ? 0 : 1))
    }
}
