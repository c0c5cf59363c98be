/// A choice of sites, written like the sites themselves with ranges for the numbers.
///
/// `blocks[2..<6].residual` (6 excluded), `blocks[2..6].residual` (6 included), `blocks[*].mlp`,
/// `blocks[3].head[0..2]`, `embedding`, and several of these joined by commas.
public struct SiteSelector: Hashable, Sendable, CustomStringConvertible {
    private let parts: [Part]

    private struct Part: Hashable {
        let kind: Kind
        let layers: Bounds
        let heads: Bounds
    }

    private enum Kind: String, CaseIterable {
        case embedding, finalNorm, logits, residual, attention, head, mlpHidden, mlp
        var belongsToBlock: Bool { ![.embedding, .finalNorm, .logits].contains(self) }
    }

    /// A closed range of indices, or all of them.
    private enum Bounds: Hashable {
        case all
        case range(ClosedRange<Int>)

        func resolve(count: Int, of what: String) throws -> ClosedRange<Int> {
            switch self {
            case .all:
                guard count > 0 else { throw SiteError(.unknownSite, "the model has no \(what)s") }
                return 0...(count - 1)
            case .range(let range):
                guard range.upperBound < count else {
                    throw SiteError(
                        .unknownSite,
                        "\(what) \(range.upperBound) does not exist: the model has \(what)s 0 to \(count - 1)"
                    )
                }
                return range
            }
        }
    }

    /// Reads a selector.
    ///
    /// - Throws: `malformedSelector`, naming the part that cannot be read.
    public init(_ text: String) throws {
        parts = try text.split(separator: ",", omittingEmptySubsequences: false).map {
            try SiteSelector.part(String($0).trimmed)
        }
        guard !parts.isEmpty else { throw SiteError(.malformedSelector, "an empty site selector") }
    }

    /// The residual streams of `layers`.
    public static func residuals(_ layers: ClosedRange<Int>) -> SiteSelector {
        SiteSelector(parts: [Part(kind: .residual, layers: .range(layers), heads: .all)])
    }

    /// The residual stream after every block.
    public static let allResiduals = SiteSelector(parts: [Part(kind: .residual, layers: .all, heads: .all)])

    private init(parts: [Part]) { self.parts = parts }

    /// The sites meant, in the order of the forward pass, each once.
    ///
    /// - Throws: `unknownSite` when a layer or head does not exist in `layout`.
    public func sites(in layout: NetworkLayout) throws -> [Site] {
        var sites: Set<Site> = []
        for part in parts {
            switch part.kind {
            case .embedding: sites.insert(.embedding)
            case .finalNorm: sites.insert(.finalNorm)
            case .logits: sites.insert(.logits)
            default:
                for layer in try part.layers.resolve(count: layout.depth, of: "layer") {
                    switch part.kind {
                    case .residual: sites.insert(.residual(layer))
                    case .attention: sites.insert(.attentionOutput(layer))
                    case .mlpHidden: sites.insert(.mlpHidden(layer))
                    case .mlp: sites.insert(.mlpOutput(layer))
                    default:
                        for head in try part.heads.resolve(count: layout.heads, of: "head") {
                            sites.insert(.head(layer: layer, head: head))
                        }
                    }
                }
            }
        }
        return sites.sorted()
    }

    /// The text the selector was read from, in one spelling.
    public var description: String {
        parts.map { part in
            guard part.kind.belongsToBlock else { return part.kind.rawValue }
            let head = part.kind == .head ? "[\(SiteSelector.text(part.heads))]" : ""
            return "blocks[\(SiteSelector.text(part.layers))].\(part.kind.rawValue)\(head)"
        }.joined(separator: ",")
    }

    /// The one site of a block this selector names without ranges, if that is all it does.
    var singleBlockSite: Site? {
        guard parts.count == 1, let part = parts.first, case .range(let layers) = part.layers,
            layers.count == 1
        else { return nil }
        let layer = layers.lowerBound
        switch part.kind {
        case .residual: return .residual(layer)
        case .attention: return .attentionOutput(layer)
        case .mlpHidden: return .mlpHidden(layer)
        case .mlp: return .mlpOutput(layer)
        case .head:
            guard case .range(let heads) = part.heads, heads.count == 1 else { return nil }
            return .head(layer: layer, head: heads.lowerBound)
        default: return nil
        }
    }

    private static func text(_ bounds: Bounds) -> String {
        switch bounds {
        case .all: "*"
        case .range(let range):
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
        }
    }

    private static func part(_ text: String) throws -> Part {
        if let kind = Kind(rawValue: text), !kind.belongsToBlock {
            return Part(kind: kind, layers: .all, heads: .all)
        }
        let malformed = SiteError(
            .malformedSelector,
            "cannot read the site '\(text)': expected embedding, blocks[2..<6].residual (or .attention, "
                + ".head[h], .mlpHidden, .mlp), finalNorm or logits")
        guard text.hasPrefix("blocks["), let close = text.firstIndex(of: "]") else { throw malformed }
        let layers = try bounds(String(text[text.index(text.startIndex, offsetBy: 7)..<close]), malformed)
        var rest = text[text.index(after: close)...]
        guard rest.first == "." else { throw malformed }
        rest = rest.dropFirst()
        var heads = Bounds.all
        if rest.hasPrefix("head["), rest.hasSuffix("]") {
            heads = try bounds(String(rest.dropFirst(5).dropLast()), malformed)
            rest = "head"
        }
        guard let kind = Kind(rawValue: String(rest)), kind.belongsToBlock else { throw malformed }
        return Part(kind: kind, layers: layers, heads: heads)
    }

    private static func bounds(_ text: String, _ malformed: SiteError) throws -> Bounds {
        if text == "*" { return .all }
        guard let range = LayerRange.parse(text) else { throw malformed }
        return .range(range)
    }
}

/// Ranges of whole numbers as people write them.
public enum LayerRange {
    /// Reads `4`, `4..6` or `4...6` (both ends included) or `4..<7` (the end excluded); nil for anything
    /// else, an empty range included.
    public static func parse(_ text: String) -> ClosedRange<Int>? {
        if let single = number(text) { return single...single }
        for (separator, excluded) in [("..<", 1), ("...", 0), ("..", 0)] {
            guard let middle = text.firstRange(of: separator) else { continue }
            guard let lower = number(String(text[..<middle.lowerBound])),
                let end = number(String(text[middle.upperBound...])), end - excluded >= lower
            else { return nil }
            return lower...(end - excluded)
        }
        return nil
    }

    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 6, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

extension String {
    /// Without spaces at either end.
    fileprivate var trimmed: String {
        guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else {
            return ""
        }
        return String(self[first...last])
    }
}
