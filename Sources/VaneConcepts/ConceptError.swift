/// An error about examples or concepts.
public struct ConceptError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// A file is not there or cannot be read.
        public static let missingFile = Code("missingFile")
        /// A file is not UTF-8 or contradicts its format.
        public static let malformedFile = Code("malformedFile")
        /// The examples cannot teach a concept: none, one class only, too few, or the same text in both
        /// classes.
        public static let unusableExamples = Code("unusableExamples")
        /// An option outside its range.
        public static let invalidOption = Code("invalidOption")
        /// The concept was learnt on another model or tokenizer.
        public static let wrongModel = Code("wrongModel")
        /// The concept has no probe at a site asked for.
        public static let unknownSite = Code("unknownSite")
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that names file, key and expectation.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
