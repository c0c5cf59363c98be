public import Foundation

/// What `BytePairTrainer.train` makes: a tokenizer, and the file that holds it.
public struct TrainedTokenizer: Sendable {
    /// The tokenizer, read back from `json`.
    public let tokenizer: Tokenizer
    /// The contents of a Hugging Face `tokenizer.json`: `Tokenizer(json:name:)` reads it, and so does the
    /// `tokenizers` library. The same texts and options give the same bytes.
    public let json: Data
    /// How many merges were learned: the vocabulary size less 256 and the special tokens.
    public let mergeCount: Int
    /// Whether no pair was frequent enough before the vocabulary had the size that was asked for.
    ///
    /// The vocabulary is smaller then: ask `tokenizer.vocabularySize`, not the options, for a model's size.
    public let stoppedEarly: Bool
    /// The ids that are joined, the first to join first; merge `i` makes the id 256 + i.
    package let merges: [(left: Int, right: Int)]
}
