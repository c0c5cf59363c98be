import VaneTensors

/// A line that says what the text after it is to be: `Wanted: letter, polite, sport, first person, past.`
///
/// Each word of a brief names the kind of the text or the value of an attribute, so a model that is trained on texts
/// under briefs can be asked for them. It learns which words go with a value from every word of such a text, where a
/// text without a brief only says that its words go with each other.
public struct PlantedBrief: Sendable, Hashable {
    /// The kind of the text that is wanted; nil leaves it open.
    public let kind: PlantedKind?
    /// The values that are wanted; attributes that are not named are open.
    public let attributes: [PlantedAttribute: String]

    private static let opening = "Wanted: "

    /// A brief for a text of this kind with these values. `"neutral"` cannot be asked for.
    public init(kind: PlantedKind?, attributes: [PlantedAttribute: String]) {
        for (attribute, value) in attributes {
            precondition(attribute.values.contains(value), "\(attribute) cannot be asked to be \(value)")
        }
        self.kind = kind
        self.attributes = attributes
    }

    /// A brief that names each planted value of `text` with probability ¾, and its kind as often.
    init(of text: PlantedText, _ source: inout SeededGenerator) {
        let named = PlantedAttribute.allCases.filter { _ in source.integer(below: 4) > 0 }
        let isKindNamed = source.integer(below: 4) > 0
        self.init(
            kind: isKindNamed ? text.kind : nil,
            attributes: text.attributes.filter { named.contains($0.key) && $0.value != "neutral" })
    }

    /// The brief that a line is; nil for other lines.
    public init?(_ line: String) {
        guard line.hasPrefix(Self.opening), line.hasSuffix(".") else { return nil }
        var kind: PlantedKind?
        var attributes: [PlantedAttribute: String] = [:]
        let words = line.dropFirst(Self.opening.count).dropLast().split(
            separator: ", ", omittingEmptySubsequences: false)
        for word in words {
            switch Self.meanings[String(word)] {
            case .kind(let named) where kind == nil: kind = named
            case .value(let attribute, let value) where attributes[attribute] == nil:
                attributes[attribute] = value
            default: return nil
            }
        }
        self.init(kind: kind, attributes: attributes)
    }

    /// The line, its words in the order of the attributes; nil if nothing is wanted.
    public var line: String? { line(words) }

    /// The line with its words in an order of chance.
    func line(_ source: inout SeededGenerator) -> String? { line(source.shuffled(words)) }

    private func line(_ words: [String]) -> String? {
        words.isEmpty ? nil : Self.opening + words.joined(separator: ", ") + "."
    }

    private var words: [String] {
        let values = PlantedAttribute.allCases.compactMap { attribute in
            attributes[attribute].map { Self.word(attribute, $0) }
        }
        return (kind.map { [$0.rawValue] } ?? []) + values
    }

    private enum Meaning {
        case kind(PlantedKind)
        case value(PlantedAttribute, String)
    }

    /// What stands for a value.
    static func word(_ attribute: PlantedAttribute, _ value: String) -> String {
        attribute == .person ? value + " person" : value
    }

    /// The attribute and the place of its value that a word stands for; nil for other words.
    static func value(of word: String) -> (PlantedAttribute, Int)? {
        guard case .value(let attribute, let value) = meanings[word] else { return nil }
        return attribute.values.firstIndex(of: value).map { (attribute, $0) }
    }

    private static let meanings: [String: Meaning] = {
        var meanings: [String: Meaning] = [:]
        for kind in PlantedKind.allCases { meanings[kind.rawValue] = .kind(kind) }
        for attribute in PlantedAttribute.allCases {
            for value in attribute.values { meanings[word(attribute, value)] = .value(attribute, value) }
        }
        return meanings
    }()
}
