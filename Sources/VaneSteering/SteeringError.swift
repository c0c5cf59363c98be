import VaneSites

/// An error in a steering plan.
public struct SteeringError: Error, CustomStringConvertible, Sendable {
    /// The kind of failure. An open set: more codes may come.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }
        /// A target probability outside (0, 1).
        public static let invalidTarget = Code("invalidTarget")
        /// Targets that contradict each other.
        public static let conflictingTargets = Code("conflictingTargets")
        /// The plan names a concept that was not handed over.
        public static let unknownConcept = Code("unknownConcept")
        /// A site without a probe of the concept, or without one that can be steered.
        public static let unusableSite = Code("unusableSite")
        /// An edit does not change the model's output.
        public static let editWithoutEffect = Code("editWithoutEffect")
        /// A strength out of its range, or in a unit that the operation does not take.
        public static let invalidStrength = Code("invalidStrength")
        /// A schedule that makes no sense.
        public static let invalidSchedule = Code("invalidSchedule")
        /// A gate that reads too late, or where its concept has no probe.
        public static let invalidGate = Code("invalidGate")
        /// Data of an operation that do not fit the site.
        public static let invalidOperand = Code("invalidOperand")
        /// A strength given as a divergence, which has to be searched for first.
        public static let unresolvedStrength = Code("unresolvedStrength")
        /// A plan file that is not there or cannot be read.
        public static let missingFile = Code("missingFile")
        /// A plan file that contradicts its format.
        public static let malformedFile = Code("malformedFile")
        /// A plan whose data come from another model.
        public static let wrongModel = Code("wrongModel")
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that names the operand and the expectation.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Throws `invalidOperand` unless `isValid`.
    static func require(_ isValid: Bool, _ site: Site, _ expectation: @autoclosure () -> String) throws {
        guard isValid else {
            throw SteeringError(.invalidOperand, "the edit at \(site) needs \(expectation())")
        }
    }

    /// The message.
    public var description: String { message }
}
