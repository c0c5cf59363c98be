/// An error of a weights file.
public struct WeightsError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// The file is not there or cannot be read.
        public static let unreadable = Code("unreadable")
        /// The file contradicts its own format.
        public static let malformed = Code("malformed")
        /// A tensor that is needed is not in the file.
        public static let missingTensor = Code("missingTensor")
        /// A tensor has another shape or element type than expected.
        public static let unexpectedTensor = Code("unexpectedTensor")
        /// The file could not be written.
        public static let unwritable = Code("unwritable")
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
