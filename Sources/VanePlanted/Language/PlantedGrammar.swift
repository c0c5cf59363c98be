/// The lexicon and the sentence frames in the form that generator and oracle share.
///
/// Both read the same tables, so the oracle is exact by construction.
final class PlantedGrammar: Sendable {
    /// One way to fill a slot.
    struct Filler: Sendable {
        /// The entry of the class; two forms of one entry share it.
        let entry: Int
        let words: [String]
        let tokens: [Int]
        let tags: Tags
        let agreement: UInt8
    }

    /// All fillers of a class in a form.
    struct Slot: Sendable {
        let name: String
        let wordClass: String
        /// The number of the class.
        let classNumber: Int
        /// The fillers that fit a text.
        var fitting = FittingTable([])
        var fillers: [Filler] = []
        /// The fillers that begin with a token.
        var byFirst: [Int: [Int]] = [:]
        var hasEmpty = false
    }

    enum Element: Sendable {
        case literal(Int)
        /// `a` or `an`, whichever the next word takes.
        case article
        /// A slot, and the variable that keeps its entry through the text (-1: none).
        case slot(Int, variable: Int)
    }

    struct Frame: Sendable {
        let source: String
        let parts: [String]
        let tags: Tags
        /// Whether a pronoun stands for the main character before a name or pronoun could introduce them.
        let presumesHero: Bool
        /// The frame with each choice of its `(a|b)` alternatives.
        var variants: [[Element]]
    }

    static let shared = PlantedGrammar(lexicon: PlantedTables.lexicon, frames: PlantedTables.frames)

    let vocabulary: [String]
    let identifiers: [String: Int]
    let slots: [Slot]
    let frames: [Frame]
    let variables: [String]
    /// Frames by part, such as `story.open`.
    let byPart: [String: [Int]]
    /// The frames of each part that fit a text, as places in its list.
    let fittingByPart: [String: FittingTable]
    /// The number of word classes that slots use.
    let classCount: Int
    /// The words of each class as written, for counting.
    let entries: [String: [String]]

    init(lexicon: [String], frames sources: [String]) {
        var builder = PlantedGrammarBuilder()
        for article in ["a", "an"] { _ = builder.identifier(article) }
        for table in lexicon { builder.readLexicon(table) }
        for table in sources { builder.readFrames(table) }
        vocabulary = builder.vocabulary
        identifiers = builder.identifiers
        slots = builder.slots
        frames = builder.frames
        variables = builder.variables
        entries = builder.classes.mapValues { $0.map(\.text) }
        var byPart: [String: [Int]] = [:]
        for (i, frame) in builder.frames.enumerated() {
            for part in frame.parts { byPart[part, default: []].append(i) }
        }
        self.byPart = byPart
        let frames = builder.frames
        fittingByPart = byPart.mapValues { numbers in FittingTable(numbers.map { frames[$0].tags }) }
        classCount = builder.classNumbers.count
    }
}

/// Reads the tables.
struct PlantedGrammarBuilder {
    struct Entry {
        let text: String
        let tags: Tags
    }

    var classes: [String: [Entry]] = [:]
    var vocabulary: [String] = []
    var identifiers: [String: Int] = [:]
    var slots: [PlantedGrammar.Slot] = []
    var frames: [PlantedGrammar.Frame] = []
    var variables: [String] = []
    private(set) var classNumbers: [String: Int] = [:]
    private var slotIndex: [String: Int] = [:]

    mutating func identifier(_ token: String) -> Int {
        if let known = identifiers[token] { return known }
        identifiers[token] = vocabulary.count
        vocabulary.append(token)
        return vocabulary.count - 1
    }

    /// Lines `class tag=value …: entry; entry; …`.
    mutating func readLexicon(_ table: String) {
        for line in table.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { preconditionFailure("no colon in \(line)") }
            let head = line[..<colon].split(separator: " ", maxSplits: 1)
            let tags = Tags(head.count > 1 ? String(head[1]) : "")
            for name in head[0].split(separator: ",") {
                for entry in line[colon...].dropFirst().split(separator: ";") {
                    let text = entry.drop { $0 == " " }
                    if !text.isEmpty {
                        classes[String(name), default: []].append(Entry(text: String(text), tags: tags))
                    }
                }
            }
        }
    }

    /// Lines `part,part tag=value … | template`.
    mutating func readFrames(_ table: String) {
        for line in table.split(separator: "\n") {
            guard let bar = line.firstIndex(of: "|") else { preconditionFailure("no bar in \(line)") }
            let head = line[..<bar].split(separator: " ", maxSplits: 1)
            let template = String(line[bar...].dropFirst().drop { $0 == " " })
            let variants = Self.expand(template).map { compile($0) }
            frames.append(
                .init(
                    source: template, parts: head[0].split(separator: ",").map(String.init),
                    tags: Tags(head.count > 1 ? String(head[1]) : ""), presumesHero: presumesHero(variants),
                    variants: variants))
        }
    }

    private func presumesHero(_ variants: [[PlantedGrammar.Element]]) -> Bool {
        for case .slot(let slot, _) in variants.joined() {
            if ["who", "hero", "youhero"].contains(slots[slot].wordClass) { return false }
            if ["my", "me", "self"].contains(slots[slot].wordClass) { return true }
        }
        return false
    }

    /// The template with each choice of its alternatives.
    static func expand(_ template: String) -> [String] {
        guard let open = template.firstIndex(of: "("), let close = template.firstIndex(of: ")") else {
            return [template]
        }
        let head = String(template[..<open])
        let inside = template[open..<close].dropFirst()
        let tail = String(template[close...].dropFirst())
        return inside.split(separator: "|", omittingEmptySubsequences: false).flatMap { (choice: Substring) in
            expand(head + String(choice) + tail)
        }
    }

    private mutating func compile(_ template: String) -> [PlantedGrammar.Element] {
        var result: [PlantedGrammar.Element] = []
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{") {
            appendLiterals(rest[..<open], to: &result)
            guard let close = rest.firstIndex(of: "}") else {
                preconditionFailure("open brace in \(template)")
            }
            result.append(element(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        appendLiterals(rest, to: &result)
        return result
    }

    private mutating func appendLiterals(_ text: Substring, to result: inout [PlantedGrammar.Element]) {
        for token in PlantedTokens.split(text) {
            result.append(token == "a" ? .article : .literal(identifier(token)))
        }
    }

    private mutating func element(_ text: Substring) -> PlantedGrammar.Element {
        let parts = text.split(separator: ".").map(String.init)
        let form = parts.count > 1 ? parts[1] : ""
        var (name, variable) = (parts[0], -1)
        if name.last?.isNumber == true {
            variable = variables.firstIndex(of: name) ?? variables.count
            if variable == variables.count { variables.append(name) }
            name.removeLast()
        }
        return .slot(slot(name, form), variable: variable)
    }

    private mutating func slot(_ name: String, _ form: String) -> Int {
        let key = form.isEmpty ? name : name + "." + form
        if let known = slotIndex[key] { return known }
        guard let entries = classes[name] else { preconditionFailure("no class \(name)") }
        let number = classNumbers[name] ?? classNumbers.count
        classNumbers[name] = number
        var slot = PlantedGrammar.Slot(name: key, wordClass: name, classNumber: number)
        for (number, entry) in entries.enumerated() {
            for (text, tags) in Inflection.forms(of: entry.text, form: form) {
                let words = PlantedTokens.split(text)
                let tokens = words.map { identifier($0) }
                let all = entry.tags.adding(tags)
                if let first = tokens.first {
                    slot.byFirst[first, default: []].append(slot.fillers.count)
                } else {
                    slot.hasEmpty = true
                }
                slot.fillers.append(
                    .init(entry: number, words: words, tokens: tokens, tags: all, agreement: all.agreement))
            }
        }
        slot.fitting = FittingTable(slot.fillers.map(\.tags))
        slotIndex[key] = slots.count
        slots.append(slot)
        return slots.count - 1
    }
}
