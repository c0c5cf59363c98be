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
    private var bound: [Int]
    private var used: [[Int]]
    private var usedFrames: [Int] = []

    init(
        grammar: PlantedGrammar, kind: PlantedKind, attributes: [PlantedAttribute: String],
        source: PlantedChoices
    ) {
        self.grammar = grammar
        self.kind = kind
        self.attributes = attributes
        self.source = source
        bound = [Int](repeating: -1, count: grammar.variables.count)
        used = [[Int]](repeating: [], count: grammar.classCount)
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

    /// The parts of a text of this kind, in order. The frames of a part say what can follow those before it.
    private mutating func parts() -> [String] {
        switch kind {
        case .story:
            // Somebody wants something, something is in the way, somebody helps, and it comes to an end.
            let aside = source.choose(2) == 0 ? ["story.mid"] : []
            return ["story.open", "story.wish"] + aside + ["story.trouble", "story.turn", "judge"]
                + ["story.close"]
        case .review:
            let middle = [String](repeating: "review.mid", count: 2 + source.choose(2))
            return ["review.open"] + middle + ["judge", "review.close"]
        case .letter:
            let middle = [String](repeating: "letter.mid", count: 1 + source.choose(2))
            return ["letter.greet", "letter.open"] + middle + ["judge", "letter.end", "letter.sign"]
        case .report:
            let middle = [String](repeating: "report.mid", count: 2 + source.choose(2))
            return ["report.open"] + middle + ["judge", "report.close"]
        case .talk:
            // A question and its answer are of one sort, so that they belong together.
            let sort = ["what", "like", "where", "why", "who"][source.choose(5)]
            var rounds = ["what", "aspect", "gear", "talk", "judge"]
            var parts = ["open.\(sort)", "reply.\(sort)"]
            for _ in 0..<2 {
                let next = rounds.remove(at: source.choose(rounds.count))
                parts += ["ask.\(next)", "answer.\(next)"]
            }
            return parts + ["bye"]
        }
    }

    private mutating func sentence(part: String) -> String {
        let stranger = attributes[.person] == "third" && !introduced
        guard let numbers = grammar.byPart[part], let table = grammar.fittingByPart[part] else {
            preconditionFailure("no part \(part)")
        }
        let fitting = table(values).map { numbers[$0] }.filter {
            !(stranger && grammar.frames[$0].presumesHero)
        }
        let fresh = fitting.filter { !usedFrames.contains($0) }
        let candidates = fresh.isEmpty ? fitting : fresh
        precondition(!candidates.isEmpty, "no frame for \(part) with \(attributes)")
        let number = candidates[source.choose(candidates.count)]
        usedFrames.append(number)
        let frame = grammar.frames[number]
        let variant = frame.variants[source.choose(frame.variants.count)]
        var words: [String] = []
        for element in variant {
            switch element {
            case .literal(let token): words.append(grammar.vocabulary[token])
            case .article: words.append("")
            case .slot(let slot, let variable): words += fill(slot, variable, frame.source)
            }
        }
        for i in words.indices where words[i].isEmpty {
            words[i] = i + 1 < words.count && Inflection.takesAn(words[i + 1]) ? "an" : "a"
        }
        return PlantedTokens.join(words)
    }

    private mutating func fill(_ number: Int, _ variable: Int, _ frame: String) -> [String] {
        let fitting = grammar.slots[number].fitting(values)
        let wordClass = grammar.slots[number].wordClass
        if attributes[.person] == "third", ["who", "hero", "youhero"].contains(wordClass) {
            return fillHero(fitting.map { grammar.slots[number].fillers[$0].words })
        }
        let taken = grammar.slots[number].classNumber
        var candidates = fitting
        if variable >= 0, bound[variable] >= 0 {
            candidates.removeAll { grammar.slots[number].fillers[$0].entry != bound[variable] }
        } else {
            let fresh = candidates.filter { !used[taken].contains(grammar.slots[number].fillers[$0].entry) }
            if !fresh.isEmpty { candidates = fresh }
        }
        precondition(!candidates.isEmpty, "nothing for \(wordClass) in '\(frame)' with \(attributes)")
        let filler = grammar.slots[number].fillers[candidates[source.choose(candidates.count)]]
        used[taken].append(filler.entry)
        if variable >= 0 { bound[variable] = filler.entry }
        return filler.words
    }

    /// The main character: by name at first, then mostly by pronoun.
    private mutating func fillHero(_ fitting: [[String]]) -> [String] {
        let names = fitting.filter { $0[0].first?.isUppercase == true }
        let pronouns = fitting.filter { $0[0].first?.isUppercase == false }
        if let hero, introduced {
            return pronouns.isEmpty || source.choose(4) == 0 ? [hero] : pronouns[0]
        }
        let name = names[source.choose(names.count)][0]
        hero = name
        introduced = true
        return [name]
    }
}
