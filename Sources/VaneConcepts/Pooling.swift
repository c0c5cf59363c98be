/// Which activation stands for a text.
public enum Pooling: Hashable, Sendable, Codable, LosslessStringConvertible {
    /// The last token's.
    case last
    /// The mean over all tokens.
    case mean
    /// The token at this index; negative indices count from the end, -1 is the last.
    case position(Int)

    /// `last`, `mean` or the index.
    public var description: String {
        switch self {
        case .last: "last"
        case .mean: "mean"
        case .position(let index): "\(index)"
        }
    }

    /// Reads a ``description``.
    public init?(_ description: String) {
        switch description {
        case "last": self = .last
        case "mean": self = .mean
        default:
            guard let index = Int(description) else { return nil }
            self = .position(index)
        }
    }

    /// Reads the ``description`` form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let pooling = Pooling(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a pooling")
        }
        self = pooling
    }

    /// Writes the ``description`` form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The token rows to average for a text of `count` tokens.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` when the position is outside the text.
    func rows(count: Int) throws -> Range<Int> {
        switch self {
        case .last: return max(0, count - 1)..<count
        case .mean: return 0..<count
        case .position(let index):
            let row = index < 0 ? count + index : index
            guard row >= 0 && row < count else {
                throw ConceptError(
                    .invalidOption, "pooling position \(index) is outside a text of \(count) tokens")
            }
            return row..<row + 1
        }
    }
}
