import VaneConcepts
public import VaneSteering

/// A way to steer: where the direction comes from and what is done along it, written `difference-of-means:rotate`.
public struct SteeringWay: Sendable, Hashable, Codable, CustomStringConvertible, LosslessStringConvertible {
    /// Where the direction comes from: a learner's id, or ``gradient``.
    public let learner: String
    /// What is done along it, by the name of the operation.
    public let operationName: String

    /// The direction of `NaturalGradient`, which is no learner of two classes of activations.
    public static let gradient = "natural-gradient"
    /// The control: directions drawn from the sphere.
    public static let random = RandomDirection().method.id

    /// The operation.
    public var operation: SteeringPlan.Operation {
        SteeringPlan.Operation.named.first { $0.name == operationName }?.operation ?? .add
    }

    /// `learner:operation`.
    public var description: String { "\(learner):\(operationName)" }

    /// A way by its parts; nil if there is no such learner or operation.
    public init?(learner: String, operation: String) {
        guard learner == Self.gradient || Learners.ofActivations.contains(where: { $0.method.id == learner }),
            SteeringPlan.Operation.named.contains(where: { $0.name == operation })
        else { return nil }
        self.learner = learner
        operationName = operation
    }

    /// Reads `learner:operation`; without an operation it is `add`.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let learner = parts.first, parts.count <= 2 else { return nil }
        self.init(learner: learner, operation: parts.count == 2 ? parts[1] : "add")
    }

    /// Every learner's direction added, and every operation along the direction of `reference`.
    ///
    /// - Parameter reference: the learner whose direction all operations share.
    public static func all(reference: String = "difference-of-means") -> [SteeringWay] {
        let directions =
            Learners.ofActivations.map(\.method.id).filter { $0 != random } + [gradient, random]
        let added = directions.compactMap { SteeringWay(learner: $0, operation: "add") }
        let others = SteeringPlan.Operation.named.map(\.name).filter { $0 != "add" && $0 != "rotate-to" }
        return added + others.compactMap { SteeringWay(learner: reference, operation: $0) }
            + [SteeringWay(learner: gradient, operation: "gcav")].compactMap { $0 }
    }

    /// Reads the ``description`` form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let way = SteeringWay(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a way to steer such as logistic:add")
        }
        self = way
    }

    /// Writes the ``description`` form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
