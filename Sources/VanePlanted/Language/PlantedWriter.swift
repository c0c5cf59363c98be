/// Writes one text: picks frames for the parts of its kind and fills their slots.
struct PlantedWriter {
    private let grammar: PlantedGrammar
    private let kind: PlantedKind
    private let attributes: [PlantedAttribute: String]
    private var source: PlantedChoices
    private var values = Tags()
    private var hero: String?
    private var introduced = false
    /// The entry of each variable, and the entries and frames used so far in this text.
    private var bound: [Int: Int] = [:]
    private var used: [String: Set<Int>] = [:]
    private var usedFrames: Set<Int> = []

    init(
        grammar: PlantedGrammar, kind: PlantedKind, attributes: [PlantedAttribute: String],
        source: PlantedChoices
    ) {
        self.grammar = grammar
        self.kind = kind
        self.attributes = attributes
        self.source = source
        for attribute in PlantedAttribute.allCases {
            let place = attribute.values.firstIndex(of: attributes[attribute] ?? "neutral")
            values[attribute.index] = place.map { Int8($0) } ?? Tags.neutral
        }
    }

    mutating func write() -> PlantedText {
        values[Tags.gender] = attributes[.person] == "third" ? Int8(source.choose(2)) : Tags.neutral
        let sentences = parts().map { sentence(part: $0) }
        let text =
            switch kind {
            case .letter:
                sentences[0] + "\n" + sentences[1..<(sentences.count - 1)].joined(separator: " ") + "\n"
                    + sentences[sentences.count - 1]
            case .talk:
                sentences.enumerated().map { ($0.offset % 2 == 0 ? "A: " : "B: ") + $0.element }
                    .joined(separator: "\n")
            default: sentences.joined(separator: " ")
            }
        return PlantedText(
            kind: kind, attributes: attributes, sentences: sentences, text: text,
            logProbability: source.logProbability)
    }

    /// The parts of a text of this kind, in order.
    private mutating func parts() -> [String] {
        let remark = values[PlantedAttribute.politeness.index] >= 0
        switch kind {
        case .talk:
            // A question and its answer are of one sort, so that they belong together.
            let sort = ["what", "like", "where", "why", "who"][source.choose(5)]
            var rounds = ["what", "aspect", "gear", "talk"]
            var parts = ["open.\(sort)", "reply.\(sort)"]
            for _ in 0..<(1 + source.choose(2)) {
                let next = rounds.remove(at: source.choose(rounds.count))
                parts += ["ask.\(next)", "answer.\(next)"]
            }
            return parts + (remark ? ["remark", "bye"] : ["bye"])
        case .letter:
            let middle = [String](repeating: "letter.mid", count: 1 + source.choose(3))
            return ["letter.greet", "letter.open"] + middle
                + (remark ? ["letter.remark", "letter.sign"] : ["letter.sign"])
        default:
            let middle = [String](repeating: "\(kind.rawValue).mid", count: 1 + source.choose(4))
            return ["\(kind.rawValue).open"] + middle + (remark ? ["\(kind.rawValue).remark"] : [])
                + ["\(kind.rawValue).close"]
        }
    }

    private mutating func sentence(part: String) -> String {
        let stranger = attributes[.person] == "third" && !introduced
        let fitting = (grammar.byPart[part] ?? []).filter {
            grammar.frames[$0].tags.fits(values) && !(stranger && grammar.frames[$0].presumesHero)
        }
        let fresh = fitting.filter { !usedFrames.contains($0) }
        let candidates = fresh.isEmpty ? fitting : fresh
        precondition(!candidates.isEmpty, "no frame for \(part) with \(attributes)")
        let number = candidates[source.choose(candidates.count)]
        usedFrames.insert(number)
        let frame = grammar.frames[number]
        let variant = frame.variants[source.choose(frame.variants.count)]
        var words: [String] = []
        for element in variant {
            switch element {
            case .literal(let token): words.append(grammar.vocabulary[token])
            case .article: words.append("")
            case .slot(let slot, let variable): words += fill(grammar.slots[slot], variable, frame.source)
            }
        }
        for i in words.indices where words[i].isEmpty {
            words[i] = i + 1 < words.count && Inflection.takesAn(words[i + 1]) ? "an" : "a"
        }
        return PlantedTokens.join(words)
    }

    private mutating func fill(_ slot: PlantedGrammar.Slot, _ variable: Int, _ frame: String) -> [String] {
        let wordClass = slot.wordClass
        if values[PlantedAttribute.person.index] == 1, ["who", "hero", "youhero"].contains(wordClass) {
            return fillHero(slot)
        }
        var candidates = slot.fillers.filter { $0.tags.fits(values) }
        if variable >= 0, let entry = bound[variable] {
            candidates.removeAll { $0.entry != entry }
        } else {
            let taken = used[wordClass] ?? []
            let fresh = candidates.filter { !taken.contains($0.entry) }
            if !fresh.isEmpty { candidates = fresh }
        }
        precondition(!candidates.isEmpty, "nothing for \(slot.name) in '\(frame)' with \(attributes)")
        let filler = candidates[source.choose(candidates.count)]
        used[wordClass, default: []].insert(filler.entry)
        if variable >= 0 { bound[variable] = filler.entry }
        return filler.words
    }

    /// The main character: by name at first, then mostly by pronoun.
    private mutating func fillHero(_ slot: PlantedGrammar.Slot) -> [String] {
        let fitting = slot.fillers.filter { $0.tags.fits(values) }
        let names = fitting.filter { $0.words[0].first?.isUppercase == true }.map(\.words)
        let pronouns = fitting.filter { $0.words[0].first?.isUppercase == false }.map(\.words)
        if let hero, introduced {
            return pronouns.isEmpty || source.choose(4) == 0 ? [hero] : pronouns[0]
        }
        let name = names[source.choose(names.count)][0]
        hero = name
        introduced = true
        return [name]
    }
}
