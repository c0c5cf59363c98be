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

    private struct Variant: Sendable {
        let frame: Int
        let variants: Int
        let elements: [PlantedGrammar.Element]
        let shortest: Int
        let longest: Int
    }

    private let grammar: PlantedGrammar
    private var variants: [Variant] = []
    private var byFirst: [Int: [Int]] = [:]
    private let takesAn: [Bool]
    private let a: Int
    private let an: Int
    /// The most units (see ``PlantedUnit``) that a frame can produce.
    private(set) var longestInUnits = 1

    init(grammar: PlantedGrammar) {
        self.grammar = grammar
        a = grammar.identifiers["a"] ?? -1
        an = grammar.identifiers["an"] ?? -1
        takesAn = grammar.vocabulary.map(Inflection.takesAn)
        for (number, frame) in grammar.frames.enumerated() {
            for elements in frame.variants {
                for first in firstTokens(elements[...]) { byFirst[first, default: []].append(variants.count) }
                let lengths = elements.map(lengths)
                variants.append(
                    Variant(
                        frame: number, variants: frame.variants.count, elements: elements,
                        shortest: lengths.reduce(0) { $0 + $1.0 }, longest: lengths.reduce(0) { $0 + $1.1 }))
                let ends = elements.reduce(0) { $0 + mostEnds($1) }
                longestInUnits = max(longestInUnits, ends + 1)
            }
        }
    }

    private func lengths(_ element: PlantedGrammar.Element) -> (Int, Int) {
        guard case .slot(let slot, _) = element else { return (1, 1) }
        let counts = grammar.slots[slot].fillers.map(\.tokens.count)
        return (counts.min() ?? 0, counts.max() ?? 0)
    }

    /// The most marks that end a unit among the words of an element.
    private func mostEnds(_ element: PlantedGrammar.Element) -> Int {
        switch element {
        case .literal(let token): PlantedUnit.isEnd(grammar.vocabulary[token]) ? 1 : 0
        case .article: 0
        case .slot(let slot, _):
            grammar.slots[slot].fillers.map { $0.words.count(where: PlantedUnit.isEnd) }.max() ?? 0
        }
    }

    private func firstTokens(_ elements: ArraySlice<PlantedGrammar.Element>) -> Set<Int> {
        guard let element = elements.first else { return [] }
        switch element {
        case .literal(let token): return [token]
        case .article: return [a, an]
        case .slot(let slot, _):
            let own = Set(grammar.slots[slot].byFirst.keys)
            return grammar.slots[slot].hasEmpty ? own.union(firstTokens(elements.dropFirst())) : own
        }
    }

    /// Every path for a sentence whose first word begins with a capital; none for other words.
    func paths(of tokens: [String]) -> [Path] {
        guard let first = tokens.first, PlantedTokens.capitalised(first) == first else { return [] }
        var rest: [Int] = []
        for token in tokens.dropFirst() {
            guard let id = grammar.identifiers[token] else { return [] }
            rest.append(id)
        }
        let lower = first.prefix(1).lowercased() + first.dropFirst()
        var paths: [Path] = []
        for start in lower == first ? [first] : [first, lower] {
            guard let id = grammar.identifiers[start] else { continue }
            let ids = [id] + rest
            for number in byFirst[id] ?? [] {
                let variant = variants[number]
                guard ids.count >= variant.shortest, ids.count <= variant.longest else { continue }
                var choices: [Choice] = []
                extend(variant, ids, 0, 0, &choices, &paths)
            }
        }
        return paths
    }

    private func extend(
        _ variant: Variant, _ ids: [Int], _ element: Int, _ position: Int, _ choices: inout [Choice],
        _ paths: inout [Path]
    ) {
        guard element < variant.elements.count else {
            if position == ids.count {
                paths.append(Path(frame: variant.frame, variants: variant.variants, choices: choices))
            }
            return
        }
        switch variant.elements[element] {
        case .literal(let token):
            guard position < ids.count, ids[position] == token else { return }
            extend(variant, ids, element + 1, position + 1, &choices, &paths)
        case .article:
            guard position + 1 < ids.count, ids[position] == (takesAn[ids[position + 1]] ? an : a) else {
                return
            }
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
            let speaks = line.hasPrefix("A: ") || line.hasPrefix("B: ")
            var current: [String] = []
            for token in PlantedTokens.split(speaks ? line.dropFirst(3) : line) {
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
