/// Decides whether a sentence is one that the grammar produces, by matching it against every frame variant that
/// could begin and end with its words.
struct PlantedMatcher: Sendable {
    private let variants: PlantedVariants
    private var grammar: PlantedGrammar { variants.grammar }

    init(_ variants: PlantedVariants) { self.variants = variants }

    /// The frame that produces the tokens, if one does. The first token may be written with a capital.
    func frame(of tokens: [String]) -> Int? {
        for reading in variants.readings(of: tokens) {
            for variant in reading.variants {
                var bound: [(slot: Int, variable: Int, entry: Int)] = []
                let agreement = grammar.frames[variant.frame].tags.agreement
                if matches(variant, reading.ids, 0, 0, agreement, &bound) { return variant.frame }
            }
        }
        return nil
    }

    private func matches(
        _ variant: PlantedVariants.Variant, _ ids: [Int], _ element: Int, _ position: Int, _ agreement: UInt8,
        _ bound: inout [(slot: Int, variable: Int, entry: Int)]
    ) -> Bool {
        guard element < variant.elements.count else { return position == ids.count }
        switch variant.elements[element] {
        case .literal(let token):
            guard position < ids.count, ids[position] == token else { return false }
            return matches(variant, ids, element + 1, position + 1, agreement, &bound)
        case .article:
            guard variants.isArticle(ids, at: position) else { return false }
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
                    guard variant.hasBindings, variable >= 0 else {
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
