/// An error about sites: an unreadable selector, or a site the network does not have.
public struct SiteError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// A selector's text cannot be read.
        public static let malformedSelector = Code("malformedSelector")
        /// The network has no such site.
        public static let unknownSite = Code("unknownSite")
        /// The network cannot take so many positions.
        public static let contextExceeded = Code("contextExceeded")
        /// A sequence state that does not belong to the network, or that an early stop left unfinished.
        public static let unusableState = Code("unusableState")
        /// A gradient is not to be had: of an edit, or at a site that is not one tensor.
        public static let notDifferentiable = Code("notDifferentiable")
        /// A token id outside the vocabulary.
        public static let unknownToken = Code("unknownToken")
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that names the site and the expectation.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
