/// An error in an evaluation.
public struct EvaluationError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// Too few prompts, seeds or targets.
        public static let unusableInput = Code("unusableInput")
        /// The judge cannot be trained on the examples given.
        public static let unusableJudge = Code("unusableJudge")
        /// No strength has the divergence that was asked for.
        public static let unreachableDivergence = Code("unreachableDivergence")
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
