/// An error in a training run.
public struct TrainingError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// A loss or gradient is not a finite number.
        public static let diverged = Code("diverged")
        /// A checkpoint does not belong to this run or is damaged.
        public static let unusableCheckpoint = Code("unusableCheckpoint")
        /// An option outside its range, or texts that cannot be trained on.
        public static let invalidInput = Code("invalidInput")
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
