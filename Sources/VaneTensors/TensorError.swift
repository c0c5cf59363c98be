/// An error of a tensor operation: what went wrong, in which operation, with which shapes.
public struct TensorError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// Operand shapes do not fit the operation.
        public static let shapeMismatch = Code("shapeMismatch")
        /// An operand's element type is not one the operation takes.
        public static let typeMismatch = Code("typeMismatch")
        /// A linear system has no unique solution.
        public static let singularMatrix = Code("singularMatrix")
        /// A file has no bytes.
        public static let emptyFile = Code("emptyFile")
        /// A file could not be opened or mapped.
        public static let inputOutput = Code("inputOutput")
        /// A gradient was asked for at a tensor that no tape, or another one, recorded.
        public static let notRecorded = Code("notRecorded")
        /// An operation has no gradient in the form it was used.
        public static let notDifferentiable = Code("notDifferentiable")
        /// An index lies outside its dimension.
        public static let outOfRange = Code("outOfRange")
        /// A parameter that a layer needs is not there.
        public static let missingParameter = Code("missingParameter")
        /// A function to be minimised has no finite value or gradient where one is needed.
        public static let notFinite = Code("notFinite")
    }

    /// The kind of failure.
    public let code: Code
    /// The operation that failed, such as `linear`.
    public let operation: String
    /// A sentence that names the operand and the expectation.
    public let message: String

    package init(_ code: Code, in operation: String, _ message: String) {
        self.code = code
        self.operation = operation
        self.message = message
    }

    /// `operation: message`
    public var description: String { "\(operation): \(message)" }

    /// Throws `shapeMismatch` unless `condition` holds; `shapes` is evaluated only then.
    @inline(__always)
    package static func expect(
        _ condition: Bool, in operation: String, _ expectation: @autoclosure () -> String
    ) throws(TensorError) {
        if !condition { throw TensorError(.shapeMismatch, in: operation, expectation()) }
    }
}
