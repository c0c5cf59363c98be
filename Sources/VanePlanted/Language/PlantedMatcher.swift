/// Decides whether a sentence is one that the grammar produces, by matching it against every frame variant that
/// could begin and end with its words.
struct PlantedMatcher: Sendable {
    private struct Variant: Sendable {
        let frame: Int
        let elements: [PlantedGrammar.Element]
        let agreement: UInt8
        /// The variable of each variable slot occurs twice, or another of its class does, so entries count.
        let bindings: Bool
        let shortest: Int
        let longest: Int
    }

    private let grammar: PlantedGrammar
    private var variants: [Variant] = []
    private var byFirst: [Int: [Int]] = [:]
    private let an: Int
    private let a: Int
    private let takesAn: [Bool]

    init(grammar: PlantedGrammar) {
        self.grammar = grammar
        an = grammar.identifiers["an"] ?? -1
        a = grammar.identifiers["a"] ?? -1
        takesAn = grammar.vocabulary.map(Inflection.takesAn)
        for (number, frame) in grammar.frames.enumerated() {
            for elements in frame.variants {
                let lengths = elements.map(lengths)
                let variables = elements.count {
                    if case .slot(_, let variable) = $0 { variable >= 0 } else { false }
                }
                for first in firstTokens(elements[...]) {
                    byFirst[first, default: []].append(variants.count)
                }
                variants.append(
                    Variant(
                        frame: number, elements: elements, agreement: frame.tags.agreement,
                        bindings: variables > 1, shortest: lengths.reduce(0) { $0 + $1.0 },
                        longest: lengths.reduce(0) { $0 + $1.1 }))
            }
        }
    }

    private func lengths(_ element: PlantedGrammar.Element) -> (Int, Int) {
        guard case .slot(let slot, _) = element else { return (1, 1) }
        let counts = grammar.slots[slot].fillers.map(\.tokens.count)
        return (counts.min() ?? 0, counts.max() ?? 0)
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

    /// The frame that produces the tokens, if one does. The first token may be written with a capital.
    func frame(of tokens: [String]) -> Int? {
        guard let first = tokens.first else { return nil }
        guard PlantedTokens.capitalised(first) == first else { return nil }
        let rest = tokens.dropFirst().map { grammar.identifiers[$0] ?? -1 }
        if rest.contains(-1) { return nil }
        let lower = first.prefix(1).lowercased() + first.dropFirst()
        for start in lower == first ? [first] : [first, lower] {
            guard let id = grammar.identifiers[start], let candidates = byFirst[id] else { continue }
            let ids = [id] + rest
            for number in candidates {
                let variant = variants[number]
                guard ids.count >= variant.shortest, ids.count <= variant.longest else { continue }
                var bound: [(slot: Int, variable: Int, entry: Int)] = []
                if matches(variant, ids, 0, 0, variant.agreement, &bound) { return variant.frame }
            }
        }
        return nil
    }

    private func matches(
        _ variant: Variant, _ ids: [Int], _ element: Int, _ position: Int, _ agreement: UInt8,
        _ bound: inout [(slot: Int, variable: Int, entry: Int)]
    ) -> Bool {
        guard element < variant.elements.count else { return position == ids.count }
        switch variant.elements[element] {
        case .literal(let token):
            guard position < ids.count, ids[position] == token else { return false }
            return matches(variant, ids, element + 1, position + 1, agreement, &bound)
        case .article:
            guard position + 1 < ids.count, ids[position] == (takesAn[ids[position + 1]] ? an : a) else {
                return false
            }
            return matches(variant, ids, element + 1, position + 1, agreement, &bound)
        case .slot(let number, let variable):
            let slot = grammar.slots[number]
            if position < ids.count {
                for index in slot.byFirst[ids[position]] ?? [] {
                    let filler = slot.fillers[index]
                    let end = position + filler.tokens.count
                    let set = agreement & filler.agreement
                    guard Tags.agrees(set), end <= ids.count, ids[position..<end].elementsEqual(filler.tokens)
                    else { continue }
                    guard variant.bindings, variable >= 0 else {
                        if matches(variant, ids, element + 1, end, set, &bound) { return true }
                        continue
                    }
                    guard allows(filler.entry, number, variable, bound) else { continue }
                    bound.append((number, variable, filler.entry))
                    if matches(variant, ids, element + 1, end, set, &bound) { return true }
                    bound.removeLast()
                }
            }
            guard slot.hasEmpty else { return false }
            for filler in slot.fillers where filler.tokens.isEmpty {
                let set = agreement & filler.agreement
                if Tags.agrees(set), matches(variant, ids, element + 1, position, set, &bound) { return true }
            }
            return false
        }
    }

    /// A variable keeps its entry; two variables of a class have different ones.
    private func allows(
        _ entry: Int, _ slot: Int, _ variable: Int, _ bound: [(slot: Int, variable: Int, entry: Int)]
    ) -> Bool {
        bound.allSatisfy {
            $0.variable == variable
                ? $0.entry == entry
                : grammar.slots[$0.slot].wordClass != grammar.slots[slot].wordClass || $0.entry != entry
        }
    }
}
