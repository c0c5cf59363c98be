import VaneTokenizers

/// Byte-pair training as the definition has it: count all pairs anew before every merge.
enum TrainingReference {
    /// GPT-2's order of the bytes.
    static let byteOrder: [UInt8] = {
        let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        return (printable + (0...255).filter { !printable.contains($0) }).map { UInt8($0) }
    }()

    /// The merges that words give; a word stands in the list as often as it occurs.
    static func merges(_ words: [String], count: Int, minimumFrequency: Int) -> [[Int]] {
        var corpus = words.map { $0.utf8.map { byteOrder.firstIndex(of: $0) ?? -1 } }
        var merges: [[Int]] = []
        while merges.count < count {
            var counts: [[Int]: Int] = [:]
            for word in corpus {
                for (left, right) in zip(word, word.dropFirst()) { counts[[left, right], default: 0] += 1 }
            }
            let best = counts.min { a, b in
                a.value != b.value ? a.value > b.value : a.key.lexicographicallyPrecedes(b.key)
            }
            guard let best, best.value >= minimumFrequency else { break }
            let id = 256 + merges.count
            corpus = corpus.map { joined($0, best.key, id) }
            merges.append(best.key)
        }
        return merges
    }

    private static func joined(_ word: [Int], _ pair: [Int], _ id: Int) -> [Int] {
        var result: [Int] = []
        var at = 0
        while at < word.count {
            let joins = at + 1 < word.count && word[at] == pair[0] && word[at + 1] == pair[1]
            result.append(joins ? id : word[at])
            at += joins ? 2 : 1
        }
        return result
    }
}

extension SplitMix {
    /// Words of few letters, so that runs and ties are common; all but the first begin with a space.
    mutating func words(_ count: Int, letters: Int, longest: Int) -> [String] {
        (0..<count).map { place in
            let word = (0..<Int.random(in: 1...longest, using: &self)).map { _ in
                Character(Unicode.Scalar(UInt8.random(in: 97..<97 + UInt8(letters), using: &self)))
            }
            return (place == 0 ? "" : " ") + String(word)
        }
    }
}

/// Trains on texts in one go.
func train(
    _ texts: [String], vocabularySize: Int, minimumFrequency: Int = 2,
    specialTokens: [String] = ["<|endoftext|>"]
) throws -> TrainedTokenizer {
    var trainer = try BytePairTrainer(
        .init(
            vocabularySize: vocabularySize, minimumFrequency: minimumFrequency, specialTokens: specialTokens))
    for text in texts { trainer.add(text) }
    return try trainer.train()
}
