import VaneTensors

/// Documents that list words and phrases which carry the same value of an attribute.
///
/// A model meets each of a hundred words for one sentiment rarely, and is slow to find out from stories that they belong
/// together. A list says so in every word. Lines look like `Alike: lovely, a joy, proud, what a treat.`, or, where the
/// value is named as in a ``PlantedBrief``, `Alike, positive: lovely, a joy.`
///
/// A document has one attribute and one value (or what stands where it is left out); it is a pure function of seed and
/// index.
public struct PlantedThesaurus: Sendable {
    private static let opening = "Alike"

    private let seed: UInt64
    private let named: Int

    /// The lists under a seed; `named` percent of the documents name their value in each line.
    public init(seed: UInt64, named: Int = 0) {
        self.seed = seed
        self.named = named
    }

    private struct Word: Sendable {
        let text: String
        let tags: Tags
    }

    /// Attributes that words show, with how often each is drawn; person is left out: pronouns show it.
    private static let drawn: [PlantedAttribute] = [
        .sentiment, .sentiment, .formality, .formality, .politeness, .politeness, .certainty, .certainty,
        .topic, .tense,
    ]

    /// The words of each value of an attribute, by the slots that they fill.
    private static let entries: [PlantedAttribute: [[[Word]]]] = {
        let grammar = PlantedGrammar.shared
        var result: [PlantedAttribute: [[[Word]]]] = [:]
        for attribute in Set(drawn) {
            let values =
                attribute.values.indices.map { Int8($0) } + (attribute.canBeNeutral ? [Tags.neutral] : [])
            result[attribute] = values.map { value in
                grammar.slots.compactMap { slot in
                    let words = slot.fillers.filter { $0.tags[attribute.index] == value && !$0.words.isEmpty }
                        .map { Word(text: phrase($0.words), tags: $0.tags) }
                    return words.isEmpty ? nil : words
                }
            }.filter { !$0.isEmpty }
        }
        return result
    }()

    /// What stands in lists, with the attributes and values it carries.
    private static let values: [String: Set<[Int]>] = {
        var result: [String: Set<[Int]>] = [:]
        for (attribute, byValue) in entries {
            for (value, slots) in byValue.enumerated() {
                for word in slots.joined() {
                    result[word.text, default: []].insert([attribute.index, value])
                }
            }
        }
        return result
    }()

    /// The words of a filler without the mark it may end in.
    private static func phrase(_ words: [String]) -> String {
        var text = ""
        for word in words where !PlantedTokens.isMark(word) { text += (text.isEmpty ? "" : " ") + word }
        return text
    }

    /// Document `index`: five lines of six words or phrases.
    public func document(at index: Int) -> String {
        var source = SeededGenerator(seed: seed ^ 0x7468_6573, stream: UInt64(index))
        let attribute = Self.drawn[source.integer(below: Self.drawn.count)]
        let values = Self.entries[attribute] ?? []
        let value = source.integer(below: values.count)
        let slots = values[value]
        // One tense, person and gender a document, as in a text.
        var agreement = Tags()
        for (place, count) in [
            (PlantedAttribute.tense.index, 3), (PlantedAttribute.person.index, 2), (Tags.gender, 2),
        ] where place != attribute.index { agreement[place] = Int8(source.integer(below: count)) }
        let fitting = slots.compactMap { words -> [Word]? in
            let kept = words.filter { word in
                [PlantedAttribute.tense.index, PlantedAttribute.person.index, Tags.gender].allSatisfy {
                    word.tags[$0] == Tags.any || agreement[$0] == Tags.any || word.tags[$0] == agreement[$0]
                }
            }
            return kept.isEmpty ? nil : kept
        }
        let lines = (0..<5).map { _ in
            let words = (0..<6).map { _ in
                let slot = fitting[source.integer(below: fitting.count)]
                return slot[source.integer(below: slot.count)].text
            }
            return words.joined(separator: ", ") + "."
        }
        // Drawn last, so that documents without names are the same whatever `named` is.
        let isNamed = value < attribute.values.count && source.integer(below: 100) < named
        let name = isNamed ? ", " + PlantedBrief.word(attribute, attribute.values[value]) : ""
        return lines.map { "\(Self.opening)\(name): \($0)" }.joined(separator: "\n")
    }

    /// Whether a line is such a list: all its words and phrases carry one value of one attribute, the one that is named
    /// if one is.
    public static func isGrammatical(_ line: String) -> Bool {
        guard line.hasPrefix(opening), line.hasSuffix("."), let colon = line.firstIndex(of: ":") else {
            return false
        }
        let head = line[..<colon].dropFirst(opening.count)
        let list = line[colon...].dropFirst().dropLast()
        guard list.hasPrefix(" "), head.isEmpty || head.hasPrefix(", ") else { return false }
        let words = list.dropFirst().split(separator: ", ").map(String.init)
        guard let first = words.first else { return false }
        let common = words.reduce(values[first] ?? []) { $0.intersection(values[$1] ?? []) }
        guard !head.isEmpty else { return !common.isEmpty }
        guard let (attribute, value) = PlantedBrief.value(of: String(head.dropFirst(2))) else { return false }
        return common.contains([attribute.index, value])
    }
}
