import VaneConcepts
import VaneSites

extension SteeringPlan.Operation: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case neurons, replacement, subspace, transport, block
    }

    /// Reads a name such as `"clamp"`, or an object of one key whose value is the data.
    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            guard let named = Self.named.first(where: { $0.name == text }) else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: decoder.codingPath,
                        debugDescription: "'\(text)' is not an operation of a plan; there are "
                            + (Self.named.map(\.name) + Key.allCases.map(\.rawValue)).joined(separator: ", "))
                )
            }
            self = named.operation
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        guard container.allKeys.count == 1, let key = container.allKeys.first else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "an operation with data is an object with one key, one of "
                        + Key.allCases.map(\.rawValue).joined(separator: ", ")))
        }
        switch key {
        case .neurons: self = .neurons(try container.decode(NeuronClamp.self, forKey: key))
        case .replacement: self = .replacement(try container.decode(Replacement.self, forKey: key))
        case .subspace: self = .subspace(try container.decode(SubspacePatch.self, forKey: key))
        case .transport: self = .transport(try container.decode(TransportMap.self, forKey: key))
        case .block: self = .block(try container.decode(PromptBlock.self, forKey: key))
        }
    }

    /// Writes the name, or an object of one key.
    public func encode(to encoder: any Encoder) throws {
        guard carriesData else {
            var container = encoder.singleValueContainer()
            return try container.encode(name)
        }
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .neurons(let data): try container.encode(data, forKey: .neurons)
        case .replacement(let data): try container.encode(data, forKey: .replacement)
        case .subspace(let data): try container.encode(data, forKey: .subspace)
        case .transport(let data): try container.encode(data, forKey: .transport)
        case .block(let data): try container.encode(data, forKey: .block)
        default: break
        }
    }
}

extension SteeringPlan.Entry: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case concept, goal, target, operation, strength, sites, scope, schedule, gate
    }

    /// The names of all keys.
    static let keys = Key.allCases.map(\.rawValue)

    /// Reads an entry; `operation` is GCAV, `goal` add, `scope` all and `schedule` constant if they are
    /// missing.
    /// A probability may stand under `target` or `strength`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let operation =
            try container.decodeIfPresent(SteeringPlan.Operation.self, forKey: .operation) ?? .gcav
        var strength = try container.decodeIfPresent(Strength.self, forKey: .strength)
        if container.contains(.target) {
            guard strength == nil else {
                throw DecodingError.dataCorruptedError(
                    forKey: .strength, in: container,
                    debugDescription: "an entry has a 'target' or a 'strength', not both")
            }
            strength = .probability(try container.decode(Double.self, forKey: .target))
        } else if operation == .gcav && strength == nil {
            _ = try container.decode(Double.self, forKey: .target)
        }
        self.init(
            concept: try container.decode(String.self, forKey: .concept),
            goal: try container.decodeIfPresent(SteeringPlan.Goal.self, forKey: .goal) ?? .add,
            operation: operation, strength: strength,
            sites: try container.decodeIfPresent([Site].self, forKey: .sites),
            scope: try container.decodeIfPresent(TokenScope.self, forKey: .scope) ?? .all,
            schedule: try container.decodeIfPresent(Schedule.self, forKey: .schedule) ?? .constant,
            gate: try container.decodeIfPresent(Gate.self, forKey: .gate))
    }

    /// Writes an entry; what has its default value is left out, and a probability is written as `target`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(concept, forKey: .concept)
        try container.encode(goal, forKey: .goal)
        try container.encode(scope, forKey: .scope)
        try container.encodeIfPresent(sites, forKey: .sites)
        if operation != .gcav { try container.encode(operation, forKey: .operation) }
        if case .probability(let target) = strength {
            try container.encode(target, forKey: .target)
        } else {
            try container.encodeIfPresent(strength, forKey: .strength)
        }
        if schedule != .constant { try container.encode(schedule, forKey: .schedule) }
        try container.encodeIfPresent(gate, forKey: .gate)
    }
}

extension SteeringPlan.Entry: CustomStringConvertible {
    /// One readable line.
    public var description: String {
        let sites = sites.map { $0.map(\.description).joined(separator: ", ") } ?? "default layers"
        let what = operation.carriesData ? operation.name : goal.rawValue
        let how = operation == .gcav || operation.carriesData ? "" : " by \(operation.name)"
        let tokens =
            switch operation {
            case .block(let block): "\(block.factor) times at the \(block.placement.rawValue) of the prompt"
            case .transport(let map) where map.strength != 1: "\(scope.rawValue) tokens, λ \(map.strength)"
            default: "\(scope.rawValue) tokens"
            }
        return "\(what) \(concept)\(how)" + (strength.map { " to \($0)" } ?? "")
            + " at \(sites), \(tokens)" + (schedule == .constant ? "" : ", \(schedule)")
            + (gate.map { ", when \($0)" } ?? "")
    }
}
