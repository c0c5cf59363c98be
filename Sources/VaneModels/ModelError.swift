/// An error in reading a model: its configuration or its architecture.
public struct ModelError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// The folder or its `config.json` is not there or cannot be read.
        public static let unreadable = Code("unreadable")
        /// `config.json` lacks a key or has a value of another kind than expected.
        public static let malformedConfiguration = Code("malformedConfiguration")
        /// No architecture of this `model_type` is built in.
        public static let unknownArchitecture = Code("unknownArchitecture")
        /// The configuration asks for a variant that is not built in.
        public static let unsupportedVariant = Code("unsupportedVariant")
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
