import ArgumentParser
import Vane
import VaneEvaluation

extension TestImportance {
    /// What is told from what, and what is asked about.
    struct Sets: Sendable {
        var concept: [String]
        var random: [String]
        var inputs: [String]
    }

    /// The texts for one concept.
    func examples(_ name: String) throws -> Sets {
        let inputs = try prediction.given()
        var sets: Sets
        if let positive {
            let others = random ?? negative
            sets = Sets(
                concept: try ExampleFile.texts(path: positive),
                random: try others.map { try ExampleFile.texts(path: $0) } ?? [], inputs: inputs)
        } else {
            let starter = try starter(name, "needs --positive and --negative or --random")
            let examples = try starter.examples(200)
            sets = Sets(
                concept: Array(examples.positive.prefix(60)), random: examples.negative, inputs: inputs)
        }
        if !relative.isEmpty {
            sets.random = try relative.flatMap { other in
                guard other != name else {
                    throw ValidationError("'\(name)' cannot be told from itself; leave it out of --relative")
                }
                if StarterConcept.all.contains(where: { $0.name == other }) {
                    // The concept itself is drawn at random in them, as in any text.
                    return try starter(other, "is no built-in concept").examples(100).positive
                }
                return try ExampleFile.texts(path: other)
            }
        }
        if sets.inputs.isEmpty {
            // The first half of every fourth text, which then takes no other part.
            let chosen = Set(sets.random.indices.filter { $0 % 4 == 0 }.prefix(60))
            sets.inputs = chosen.sorted().map { number in
                let words = sets.random[number].split(separator: " ")
                return words.prefix(max(1, words.count / 2)).joined(separator: " ")
            }
            sets.random = sets.random.indices.filter { !chosen.contains($0) }.map { sets.random[$0] }
        }
        guard sets.concept.count >= 6, sets.random.count >= 12 else {
            throw ConceptError(
                .unusableExamples,
                "the test takes at least 6 examples and 12 others to tell them from, not \(sets.concept.count) from "
                    + "\(positive ?? name) and \(sets.random.count) from "
                    + (relative.isEmpty ? random ?? negative ?? name : relative.joined(separator: ", ")))
        }
        // A run costs the third power of its examples, the cache the second power of all.
        sets.concept = SelectionWriting.spread(sets.concept, to: 300)
        sets.random = SelectionWriting.spread(sets.random, to: 2000)
        return sets
    }

    private func starter(_ name: String, _ otherwise: String) throws -> StarterConcept {
        guard model.model == nil, let starter = StarterConcept.all.first(where: { $0.name == name }) else {
            throw ValidationError(
                "'\(name)' \(otherwise); built-in concepts are "
                    + StarterConcept.all.map(\.name).joined(separator: ", "))
        }
        return starter
    }
}
