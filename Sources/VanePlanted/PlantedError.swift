/// An error of planted data: what cannot be planted, and why.
public struct PlantedError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// A parameter lies outside its range.
        public static let invalidParameter = Code("invalidParameter")
        /// More directions at right angles are asked for than the width has room for.
        public static let tooManyDirections = Code("tooManyDirections")
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that names the parameter and its range.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }

    /// Throws `invalidParameter` unless `condition` holds.
    static func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(PlantedError) {
        if !condition { throw PlantedError(.invalidParameter, message()) }
    }
}
