extension BytePairTrainer {
    /// What to train.
    public struct Options: Sendable {
        /// The number of ids: 256 bytes, the merges and the special tokens. At most 4,194,304.
        public var vocabularySize: Int
        /// Pairs that occur less often are not merged; at least 1.
        public var minimumFrequency: Int
        /// Tokens that are found in raw text and never split. They get the highest ids, in this order.
        public var specialTokens: [String]

        /// Options; the defaults are GPT-2's special token, and no merge for what occurs once.
        public init(
            vocabularySize: Int, minimumFrequency: Int = 2, specialTokens: [String] = ["<|endoftext|>"]
        ) {
            self.vocabularySize = vocabularySize
            self.minimumFrequency = minimumFrequency
            self.specialTokens = specialTokens
        }

        /// The bytes of the special tokens, once everything has been found possible.
        func checkedSpecialTokens() throws -> [[UInt8]] {
            guard minimumFrequency >= 1 else {
                throw TokenizerError(
                    .invalidValue, "minimumFrequency: \(minimumFrequency) is not 1 or more")
            }
            let smallest = 256 + specialTokens.count
            guard (smallest...Vocabulary.highestID + 1).contains(vocabularySize) else {
                throw TokenizerError(
                    .invalidValue,
                    "vocabularySize: \(vocabularySize) is not from \(smallest) (256 bytes and "
                        + "\(specialTokens.count) special tokens) to \(Vocabulary.highestID + 1)")
            }
            let contents = specialTokens.map { Array($0.utf8) }
            var seen: Set<[UInt8]> = []
            for (content, token) in zip(contents, specialTokens) {
                if content.isEmpty {
                    throw TokenizerError(.invalidValue, "specialTokens: one of them is empty")
                }
                if ByteAlphabet.encoded.contains(content) {
                    throw TokenizerError(
                        .inconsistent, "specialTokens: \"\(token)\" is how the vocabulary spells a byte")
                }
                if !seen.insert(content).inserted {
                    throw TokenizerError(.inconsistent, "specialTokens: \"\(token)\" is listed twice")
                }
            }
            return contents
        }
    }
}
