/// Which activations stand for a text.
public enum Pooling: Hashable, Sendable, Codable, LosslessStringConvertible {
    /// The last token's.
    case last
    /// The mean over all tokens.
    case mean
    /// Up to ``tokensOfAText`` tokens, spread evenly and with the last among them, each on its own.
    ///
    /// An edit reads the probe at single tokens, and these spread more widely than means over a text do, so a probe
    /// fitted to them is less sure of itself: edits go further for the same target. Not for concepts that few tokens
    /// show: the probe then asks for more than a network bears.
    case tokens
    /// The token at this index; negative indices count from the end, -1 is the last.
    case position(Int)

    /// The most tokens of one text that ``tokens`` takes.
    public static let tokensOfAText = 8

    /// `last`, `mean`, `tokens` or the index.
    public var description: String {
        switch self {
        case .last: "last"
        case .mean: "mean"
        case .tokens: "tokens"
        case .position(let index): "\(index)"
        }
    }

    /// Reads a ``description``.
    public init?(_ description: String) {
        switch description {
        case "last": self = .last
        case "mean": self = .mean
        case "tokens": self = .tokens
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

    /// The token rows of a text of `count` tokens that are averaged, one range for each activation that stands for it.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` when the position is outside the text.
    func rows(count: Int) throws -> [Range<Int>] {
        switch self {
        case .last: return [max(0, count - 1)..<count]
        case .mean: return [0..<count]
        case .tokens:
            let taken = min(count, Pooling.tokensOfAText)
            return (1...max(taken, 1)).map { $0 * count / max(taken, 1) - 1 }.map { $0..<$0 + 1 }
        case .position(let index):
            let row = index < 0 ? count + index : index
            guard row >= 0 && row < count else {
                throw ConceptError(
                    .invalidOption, "pooling position \(index) is outside a text of \(count) tokens")
            }
            return [row..<row + 1]
        }
    }
}
