/// The variants of every frame, found by the word that a sentence begins with: what deciding about a sentence and
/// taking it apart have in common.
struct PlantedVariants: Sendable {
    struct Variant: Sendable {
        let frame: Int
        /// Variants of the frame.
        let siblings: Int
        let elements: [PlantedGrammar.Element]
        /// More than one slot has a variable, so entries must agree.
        let hasBindings: Bool
        let shortest: Int
        let longest: Int
    }

    /// A sentence as the numbers of its words, with the variants that its first word and its length allow.
    struct Reading {
        let ids: [Int]
        let variants: [Variant]
    }

    let grammar: PlantedGrammar
    let all: [Variant]
    private let byFirst: [Int: [Int]]
    private let takesAn: [Bool]
    private let a: Int
    private let an: Int

    init(grammar: PlantedGrammar) {
        self.grammar = grammar
        a = grammar.identifiers["a"] ?? -1
        an = grammar.identifiers["an"] ?? -1
        takesAn = grammar.vocabulary.map(Inflection.takesAn)
        var all: [Variant] = []
        var byFirst: [Int: [Int]] = [:]
        for (number, frame) in grammar.frames.enumerated() {
            for elements in frame.variants {
                for first in Self.firstTokens(elements[...], grammar, articles: [a, an]) {
                    byFirst[first, default: []].append(all.count)
                }
                let lengths = elements.map { Self.lengths($0, grammar) }
                let variables = elements.count {
                    if case .slot(_, let variable) = $0 { variable >= 0 } else { false }
                }
                all.append(
                    Variant(
                        frame: number, siblings: frame.variants.count, elements: elements,
                        hasBindings: variables > 1, shortest: lengths.reduce(0) { $0 + $1.0 },
                        longest: lengths.reduce(0) { $0 + $1.1 }))
            }
        }
        self.all = all
        self.byFirst = byFirst
    }

    private static func lengths(_ element: PlantedGrammar.Element, _ grammar: PlantedGrammar) -> (Int, Int) {
        guard case .slot(let slot, _) = element else { return (1, 1) }
        let counts = grammar.slots[slot].fillers.map(\.tokens.count)
        return (counts.min() ?? 0, counts.max() ?? 0)
    }

    private static func firstTokens(
        _ elements: ArraySlice<PlantedGrammar.Element>, _ grammar: PlantedGrammar, articles: Set<Int>
    ) -> Set<Int> {
        guard let element = elements.first else { return [] }
        switch element {
        case .literal(let token): return [token]
        case .article: return articles
        case .slot(let slot, _):
            let own = Set(grammar.slots[slot].byFirst.keys)
            guard grammar.slots[slot].hasEmpty else { return own }
            return own.union(firstTokens(elements.dropFirst(), grammar, articles: articles))
        }
    }

    /// The readings of a sentence whose first word begins with a capital, which may be the word's own or the
    /// sentence's; none where a word is unknown.
    func readings(of tokens: [String]) -> [Reading] {
        guard let first = tokens.first, PlantedTokens.capitalised(first) == first else { return [] }
        var rest: [Int] = []
        for token in tokens.dropFirst() {
            guard let id = grammar.identifiers[token] else { return [] }
            rest.append(id)
        }
        let lower = first.prefix(1).lowercased() + first.dropFirst()
        return (lower == first ? [first] : [first, lower]).compactMap { start in
            guard let id = grammar.identifiers[start] else { return nil }
            let variants = (byFirst[id] ?? []).map { all[$0] }.filter {
                (($0.shortest)...($0.longest)).contains(tokens.count)
            }
            return Reading(ids: [id] + rest, variants: variants)
        }
    }

    /// Whether the article that the next word takes stands at a position.
    func isArticle(_ ids: [Int], at position: Int) -> Bool {
        position + 1 < ids.count && ids[position] == (takesAn[ids[position + 1]] ? an : a)
    }
}
