/// What went wrong while a tokenizer was read or trained.
///
/// Encoding and decoding never throw: every problem that a tokenizer file can have is found when it is read.
public struct TokenizerError: Error, CustomStringConvertible, Sendable {
    /// The kind of problem; an open set, so switch over it with a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the case, as in `unsupported`.
        public let description: String

        /// A file is missing or cannot be opened.
        public static let unreadable = Code(description: "unreadable")
        /// The bytes are not what the format allows: broken JSON, broken UTF-8, a merge line with one word.
        public static let malformed = Code(description: "malformed")
        /// A key is missing, or its value has the wrong type or range.
        public static let invalidValue = Code(description: "invalidValue")
        /// Parts of the file contradict each other: an id given twice, a merge of tokens not in the
        /// vocabulary.
        public static let inconsistent = Code(description: "inconsistent")
        /// A construct that other tokenizers have and this one does not; nothing is ever ignored silently.
        public static let unsupported = Code(description: "unsupported")
    }

    /// The kind of problem.
    public let code: Code
    /// One line: the file, the key in it, what was found and what was expected.
    public let message: String

    /// The message, led by the code.
    public var description: String { "\(code): \(message)" }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
