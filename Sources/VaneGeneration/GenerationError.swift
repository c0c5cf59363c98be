/// An error in loading a language model or generating with it.
public struct GenerationError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// The prompt has no tokens, or leaves no room for a new one.
        public static let unusablePrompt = Code("unusablePrompt")
        /// A sampling option outside its range.
        public static let invalidOption = Code("invalidOption")
        /// The tokenizer and the model do not belong together.
        public static let tokenizerMismatch = Code("tokenizerMismatch")
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that names the operand and the expectation.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
