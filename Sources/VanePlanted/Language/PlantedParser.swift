/// Finds every way in which frames produce a row of words, whatever the attributes of their fillers.
struct PlantedParser: Sendable {
    /// A frame variant with the fillers that give each of its slots the words they have.
    struct Path: Sendable {
        let frame: Int
        /// Variants of the frame.
        let variants: Int
        /// The slots in order; more than one filler of a slot can have the same words.
        let choices: [Choice]
    }

    struct Choice: Sendable {
        let slot: Int
        let fillers: [Int]
    }

    private let variants: PlantedVariants
    private var grammar: PlantedGrammar { variants.grammar }
    /// The most units (see ``PlantedUnit``) that a frame can produce.
    let longestInUnits: Int

    init(_ variants: PlantedVariants) {
        self.variants = variants
        let ends = variants.all.map { variant in
            variant.elements.reduce(0) { $0 + Self.mostEnds($1, variants.grammar) }
        }
        longestInUnits = (ends.max() ?? 0) + 1
    }

    /// The most marks that end a unit among the words of an element.
    private static func mostEnds(_ element: PlantedGrammar.Element, _ grammar: PlantedGrammar) -> Int {
        switch element {
        case .literal(let token): PlantedUnit.isEnd(grammar.vocabulary[token]) ? 1 : 0
        case .article: 0
        case .slot(let slot, _):
            grammar.slots[slot].fillers.map { $0.words.count(where: PlantedUnit.isEnd) }.max() ?? 0
        }
    }

    /// Every path for a sentence whose first word begins with a capital; none for other words.
    func paths(of tokens: [String]) -> [Path] {
        var paths: [Path] = []
        for reading in variants.readings(of: tokens) {
            for variant in reading.variants {
                var choices: [Choice] = []
                extend(variant, reading.ids, 0, 0, &choices, &paths)
            }
        }
        return paths
    }

    private func extend(
        _ variant: PlantedVariants.Variant, _ ids: [Int], _ element: Int, _ position: Int,
        _ choices: inout [Choice],
        _ paths: inout [Path]
    ) {
        guard element < variant.elements.count else {
            if position == ids.count {
                paths.append(Path(frame: variant.frame, variants: variant.siblings, choices: choices))
            }
            return
        }
        switch variant.elements[element] {
        case .literal(let token):
            guard position < ids.count, ids[position] == token else { return }
            extend(variant, ids, element + 1, position + 1, &choices, &paths)
        case .article:
            guard variants.isArticle(ids, at: position) else { return }
            extend(variant, ids, element + 1, position + 1, &choices, &paths)
        case .slot(let number, _):
            for (end, fillers) in spans(grammar.slots[number], ids, position) {
                choices.append(Choice(slot: number, fillers: fillers))
                extend(variant, ids, element + 1, end, &choices, &paths)
                choices.removeLast()
            }
        }
    }

    /// Where the fillers that match at a position end, with those that do.
    private func spans(_ slot: PlantedGrammar.Slot, _ ids: [Int], _ position: Int) -> [(Int, [Int])] {
        var result: [(Int, [Int])] = []
        if position < ids.count {
            for index in slot.byFirst[ids[position]] ?? [] {
                let tokens = slot.fillers[index].tokens
                let end = position + tokens.count
                guard end <= ids.count, ids[position..<end].elementsEqual(tokens) else { continue }
                if let known = result.firstIndex(where: { $0.0 == end }) {
                    result[known].1.append(index)
                } else {
                    result.append((end, [index]))
                }
            }
        }
        if slot.hasEmpty {
            result.append((position, slot.fillers.indices.filter { slot.fillers[$0].tokens.isEmpty }))
        }
        return result
    }
}

/// A piece of a text up to a mark that ends a sentence, or to the end of its line.
struct PlantedUnit: Sendable {
    let tokens: [String]
    let line: Int
    /// The unit ends with a mark, or a line break follows.
    let isComplete: Bool

    static func isEnd(_ token: String) -> Bool { token == "." || token == "?" || token == "!" }

    /// The units of a text. The letter of a speaker (`A: `) at the start of a line is left out.
    static func units(of text: String) -> [PlantedUnit] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var units: [PlantedUnit] = []
        for (number, line) in lines.enumerated() {
            var current: [String] = []
            for token in PlantedTokens.split(PlantedOracle.withoutSpeaker(line)) {
                current.append(token)
                if isEnd(token) {
                    units.append(PlantedUnit(tokens: current, line: number, isComplete: true))
                    current = []
                }
            }
            if !current.isEmpty {
                let isComplete = number < lines.count - 1
                units.append(PlantedUnit(tokens: current, line: number, isComplete: isComplete))
            }
        }
        return units
    }
}
