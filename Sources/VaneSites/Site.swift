/// A place in a network where an activation is read or edited.
///
/// Layers count blocks from 0. Written `blocks[12].residual`; ``init(_:)`` reads what ``description`` writes.
public enum Site: Hashable, Sendable {
    /// The sum of token and position embedding: the input of block 0, `[tokens, width]`.
    case embedding
    /// The output of a block, after the residual sum, `[tokens, width]`.
    case residual(Int)
    /// What the attention adds to the residual stream, `[tokens, width]`.
    case attentionOutput(Int)
    /// One head's values before the output projection, `[tokens, headWidth]`.
    case head(layer: Int, head: Int)
    /// The activations that enter the MLP's last matrix, `[tokens, mlpWidth]`.
    case mlpHidden(Int)
    /// What the MLP adds to the residual stream, `[tokens, width]`.
    case mlpOutput(Int)
    /// The output of the last normalisation, `[tokens, width]`.
    case finalNorm
    /// The scores of the next token, `[tokens, vocabulary]`.
    case logits

    /// The block the site belongs to, counted from 0; nil for the embedding, the final norm and the logits.
    public var layer: Int? {
        switch self {
        case .residual(let layer), .attentionOutput(let layer), .head(let layer, _), .mlpHidden(let layer),
            .mlpOutput(let layer):
            layer
        case .embedding, .finalNorm, .logits: nil
        }
    }

    /// The rule by which every file and interface of Vane counts layers.
    public static let convention =
        "blocks[k].residual is the output of block k, counted from 0, after the residual sum"
}

extension Site: CustomStringConvertible, LosslessStringConvertible, Codable {
    /// `embedding`, `blocks[3].residual`, `blocks[3].attention`, `blocks[3].head[1]`, `blocks[3].mlpHidden`,
    /// `blocks[3].mlp`, `finalNorm` or `logits`.
    public var description: String {
        switch self {
        case .embedding: "embedding"
        case .residual(let layer): "blocks[\(layer)].residual"
        case .attentionOutput(let layer): "blocks[\(layer)].attention"
        case .head(let layer, let head): "blocks[\(layer)].head[\(head)]"
        case .mlpHidden(let layer): "blocks[\(layer)].mlpHidden"
        case .mlpOutput(let layer): "blocks[\(layer)].mlp"
        case .finalNorm: "finalNorm"
        case .logits: "logits"
        }
    }

    /// The site with this ``description``; nil for any other text.
    public init?(_ description: String) {
        switch description {
        case "embedding": self = .embedding
        case "finalNorm": self = .finalNorm
        case "logits": self = .logits
        default:
            guard let selector = try? SiteSelector(description), let site = selector.singleBlockSite,
                site.description == description
            else {
                return nil
            }
            self = site
        }
    }

    /// Reads the ``description`` form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let site = Site(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a site")
        }
        self = site
    }

    /// Writes the ``description`` form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Site: Comparable {
    /// The order in which a forward pass reaches the sites.
    public static func < (left: Site, right: Site) -> Bool { left.order < right.order }

    private var order: (Int, Int, Int) {
        switch self {
        case .embedding: (-1, 0, 0)
        case .head(let layer, let head): (layer, 0, head)
        case .attentionOutput(let layer): (layer, 1, 0)
        case .mlpHidden(let layer): (layer, 2, 0)
        case .mlpOutput(let layer): (layer, 3, 0)
        case .residual(let layer): (layer, 4, 0)
        case .finalNorm: (.max, 0, 0)
        case .logits: (.max, 1, 0)
        }
    }
}
