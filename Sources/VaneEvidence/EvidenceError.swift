/// An error about a test, a lens or an explanation.
public struct EvidenceError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// An option outside its range.
        public static let invalidOption = Code("invalidOption")
        /// Too few inputs, empty ones, or such that tell nothing.
        public static let unusableInputs = Code("unusableInputs")
        /// A site that the network lacks or that cannot be read in the way asked for.
        public static let unusableSite = Code("unusableSite")
        /// The network lacks what the method needs, such as gradients or readable weights.
        public static let unsupportedNetwork = Code("unsupportedNetwork")
        /// A file is not there or cannot be read.
        public static let missingFile = Code("missingFile")
        /// A file contradicts its format.
        public static let malformedFile = Code("malformedFile")
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
