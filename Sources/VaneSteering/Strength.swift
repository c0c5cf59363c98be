/// How strongly a concept is steered. Four units; which an operation takes is told at `SteeringPlan.Operation`.
///
/// Written `0.95` (a probability), `2.0norm`, `30.0deg` or `0.5kl`; ``init(_:)`` reads what ``description``
/// writes.
public enum Strength: Sendable, Hashable {
    /// The probability that the steering probe should read, in (0, 1).
    case probability(Double)
    /// A length in multiples of the mean norm of a token's activation at the site, 0 or more.
    case norms(Double)
    /// An angle in degrees, 0...180.
    case degrees(Double)
    /// The mean Kullback-Leibler divergence of the steered from the unsteered model, in nats per generated
    /// token, above 0. It stands for the strength in another unit that has this effect, which a search finds
    /// on calibration prompts before the plan is compiled (row 51).
    case divergence(Double)

    /// Throws ``SteeringError`` `invalidTarget` or `invalidStrength` unless the number is in the unit's
    /// range.
    package func requireValid(for concept: String) throws {
        switch self {
        case .probability(let value): try SteeringPlan.requireTarget(value, of: concept)
        case .norms(let value):
            try require(value.isFinite && value >= 0, concept, "a finite number of norms, 0 or more")
        case .degrees(let value):
            try require(value >= 0 && value <= 180, concept, "an angle from 0 to 180 degrees")
        case .divergence(let value):
            try require(value.isFinite && value > 0, concept, "a finite divergence above 0")
        }
    }

    private func require(_ isValid: Bool, _ concept: String, _ expectation: String) throws {
        guard isValid else {
            throw SteeringError(
                .invalidStrength, "the strength of '\(concept)' must be \(expectation), not \(self)")
        }
    }
}

extension Strength: CustomStringConvertible, LosslessStringConvertible, Codable {
    private static let units: [(suffix: String, make: @Sendable (Double) -> Strength)] = [
        ("norm", { .norms($0) }), ("deg", { .degrees($0) }), ("kl", { .divergence($0) }),
    ]

    /// `0.95`, `2.0norm`, `30.0deg` or `0.5kl`.
    public var description: String {
        switch self {
        case .probability(let value): "\(value)"
        case .norms(let value): "\(value)norm"
        case .degrees(let value): "\(value)deg"
        case .divergence(let value): "\(value)kl"
        }
    }

    /// The strength with this ``description``; nil for any other text. Ranges are checked when a plan is
    /// compiled.
    public init?(_ description: String) {
        let unit = Strength.units.first { description.hasSuffix($0.suffix) }
        guard let value = Double(description.dropLast(unit?.suffix.count ?? 0)) else { return nil }
        self = unit.map { $0.make(value) } ?? .probability(value)
    }

    /// Reads the ``description`` form, or a number as a probability.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = .probability(number)
            return
        }
        let text = try container.decode(String.self)
        guard let strength = Strength(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text)' is not a strength; write 0.95, 2.0norm, 30deg or 0.5kl")
        }
        self = strength
    }

    /// Writes the ``description`` form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
