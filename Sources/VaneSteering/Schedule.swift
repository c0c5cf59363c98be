import Foundation

/// When, in the course of a sequence, an edit acts and with which part of its strength.
///
/// Generated tokens are counted from 0; a state belongs to the token that it chooses, so the state of the
/// last
/// prompt token counts as number 0. What a part means is the steerer's: half of a distance, an angle, a move.
/// Written `constant`, `decay:0.9`, `tokens:5..<20`, `tokens:5..` or `after:13`; ``init(_:)`` reads what
/// ``description`` writes.
public enum Schedule: Sendable, Hashable {
    /// All of it, always.
    case constant
    /// All of it for prompt states and generated token 0, and `factorⁿ` of it for generated token n; the
    /// factor
    /// lies in 0...1.
    case decay(factor: Double)
    /// All of it for the generated tokens from `first` on and before `end` (without limit if nil), else
    /// nothing;
    /// prompt states are not touched.
    case tokens(first: Int, end: Int?)
    /// Nothing before the first token with this id, prompt included; all of it from that token's own state
    /// on.
    case after(token: Int)

    /// Throws ``SteeringError`` `invalidSchedule` for a number that makes no sense.
    package func requireValid() throws {
        switch self {
        case .constant: break
        case .decay(let factor):
            guard factor >= 0 && factor <= 1 else {
                throw SteeringError(
                    .invalidSchedule, "a decay's factor must lie between 0 and 1, not \(factor)")
            }
        case .tokens(let first, let end):
            guard first >= 0, end.map({ $0 > first }) ?? true else {
                throw SteeringError(
                    .invalidSchedule,
                    "the schedule '\(self)' holds no token; generated tokens are counted from 0")
            }
        case .after(let token):
            guard token >= 0 else {
                throw SteeringError(.invalidSchedule, "a marker is a token id, 0 or more, not \(token)")
            }
        }
    }

    /// The part, 0...1, for the state at `position`.
    ///
    /// - Parameters:
    ///   - generated: the number of the generated token it chooses; negative for prompt states.
    ///   - marker: the position of the first marker token; nil when there is none yet.
    func part(position: Int, generated: Int, marker: Int?) -> Double {
        switch self {
        case .constant: 1
        case .decay(let factor): generated <= 0 ? 1 : pow(factor, Double(generated))
        case .tokens(let first, let end): generated >= first && generated < end ?? .max ? 1 : 0
        case .after: marker.map { $0 <= position } == true ? 1 : 0
        }
    }

    /// Whether no state can be under both schedules.
    func excludes(_ other: Schedule) -> Bool {
        guard case .tokens(let first, let end) = self, case .tokens(let otherFirst, let otherEnd) = other
        else { return false }
        return end ?? .max <= otherFirst || otherEnd ?? .max <= first
    }
}

extension Schedule: CustomStringConvertible, LosslessStringConvertible, Codable {
    /// `constant`, `decay:0.9`, `tokens:5..<20`, `tokens:5..` or `after:13`.
    public var description: String {
        switch self {
        case .constant: "constant"
        case .decay(let factor): "decay:\(factor)"
        case .tokens(let first, let end): "tokens:\(first).." + (end.map { "<\($0)" } ?? "")
        case .after(let token): "after:\(token)"
        }
    }

    /// The schedule with this ``description``; nil for any other text.
    public init?(_ description: String) {
        if description == "constant" {
            self = .constant
            return
        }
        guard let colon = description.firstIndex(of: ":") else { return nil }
        let value = String(description[description.index(after: colon)...])
        switch description[..<colon] {
        case "decay":
            guard let factor = Double(value) else { return nil }
            self = .decay(factor: factor)
        case "tokens":
            guard let dots = value.firstRange(of: ".."), let first = Int(value[..<dots.lowerBound]) else {
                return nil
            }
            let rest = value[dots.upperBound...]
            let end = rest.hasPrefix("<") ? Int(rest.dropFirst()) : nil
            guard rest.isEmpty || end != nil else { return nil }
            self = .tokens(first: first, end: end)
        case "after":
            guard let token = Int(value) else { return nil }
            self = .after(token: token)
        default: return nil
        }
    }

    /// Reads the ``description`` form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let schedule = Schedule(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription:
                    "'\(text)' is not a schedule; write constant, decay:0.9, tokens:5..<20 or after:13")
        }
        self = schedule
    }

    /// Writes the ``description`` form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
