import VaneConcepts
public import VaneSteering

/// A way to steer: where the direction comes from and what is done along it, written `difference-of-means:rotate`.
public struct SteeringWay: Sendable, Hashable, Codable, CustomStringConvertible, LosslessStringConvertible {
    /// Where the direction comes from: a learner's id, or ``gradient``; for transport the form of the maps.
    public let learner: String
    /// What is done along it, by the name of the operation; ``transport`` for maps, which have no direction.
    public let operationName: String

    /// The direction of `NaturalGradient`, which is no learner of two classes of activations.
    public static let gradient = "natural-gradient"
    /// The control: directions drawn from the sphere.
    public static let random = RandomDirection().method.id

    /// The operation of maps.
    public static let transport = "transport"
    /// The maps that only take away.
    static let aura = "aura"

    /// Whether it carries every entry along a line of its own.
    public var isTransport: Bool { operationName == Self.transport }

    /// The operation along the direction; of no meaning for maps.
    public var operation: SteeringPlan.Operation {
        SteeringPlan.Operation.named.first { $0.name == operationName }?.operation ?? .add
    }

    /// `learner:operation`.
    public var description: String { "\(learner):\(operationName)" }

    /// A way by its parts; nil if there is no such learner or operation.
    public init?(learner: String, operation: String) {
        let isKnown =
            operation == Self.transport
            ? MapMethods.transport.contains { $0.id == learner }
            : (learner == Self.gradient || Learners.learner(id: learner) != nil)
                && SteeringPlan.Operation.named.contains { $0.name == operation }
        guard isKnown else { return nil }
        self.learner = learner
        operationName = operation
    }

    /// Reads `learner:operation`; without an operation it is `add`.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let learner = parts.first, parts.count <= 2 else { return nil }
        self.init(learner: learner, operation: parts.count == 2 ? parts[1] : "add")
    }

    /// Every learner's direction added, every operation along the direction of `reference`, and transport.
    ///
    /// - Parameters:
    ///   - reference: the learner whose direction all operations share.
    ///   - trained: whether learners that train through the network are among them; they take long.
    public static func all(reference: String = "difference-of-means", trained: Bool = false) -> [SteeringWay]
    {
        let learners = trained ? Learners.all : Learners.ofActivations
        let directions = learners.map(\.method.id).filter { $0 != random } + [gradient, random]
        let added = directions.compactMap { SteeringWay(learner: $0, operation: "add") }
        let others = SteeringPlan.Operation.named.map(\.name).filter { $0 != "add" && $0 != "rotate-to" }
        return added + others.compactMap { SteeringWay(learner: reference, operation: $0) }
            + [SteeringWay(learner: gradient, operation: "gcav")].compactMap { $0 }
            + MapMethods.transport.compactMap { SteeringWay(learner: $0.id, operation: transport) }
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
