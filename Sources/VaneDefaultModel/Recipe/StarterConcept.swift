public import VaneConcepts
public import VanePlanted

/// A concept that the default model comes with: one value of one attribute against the attribute's other values.
public struct StarterConcept: Sendable, Hashable {
    /// The concept's name.
    public let name: String
    /// The attribute.
    public let attribute: PlantedAttribute
    /// The value whose probability the concept raises.
    public let value: String

    /// Sentences a side that the concepts which are shipped were learnt from.
    public static let sentences = 400

    /// All of them: one for each attribute with two values, one a value for tense and topic.
    public static let all: [StarterConcept] =
        [
            StarterConcept(name: "sentiment", attribute: .sentiment, value: "positive"),
            StarterConcept(name: "formality", attribute: .formality, value: "formal"),
            StarterConcept(name: "politeness", attribute: .politeness, value: "polite"),
            StarterConcept(name: "certainty", attribute: .certainty, value: "sure"),
            StarterConcept(name: "first-person", attribute: .person, value: "first"),
        ]
        + [PlantedAttribute.tense, .topic].flatMap { attribute in
            attribute.values.map { StarterConcept(name: $0, attribute: attribute, value: $0) }
        }

    /// The concept with all its sites as those to steer by default.
    ///
    /// The model is shallow: edits at half of its blocks, the default for learnt concepts, moved the text half as far on
    /// the prompts that this was chosen on.
    public static func steeringEveryBlock(_ concept: Concept) -> Concept {
        Concept(
            name: concept.name, layers: concept.layers, defaultSites: concept.layers.map(\.site),
            provenance: concept.provenance, verdict: concept.verdict)
    }

    /// Sentences to learn the concept from: each from a text of its own with the other attributes drawn at random,
    /// and one in which the oracle reads the value asked for.
    ///
    /// - Parameters:
    ///   - count: sentences a side.
    ///   - seed: the seed of the planted language; training of the model used another.
    /// - Returns: sentences with the value, and sentences with another value of the attribute.
    /// - Throws: `ConceptError` for fewer sentences than can teach a concept.
    public func examples(_ count: Int = sentences, seed: UInt64 = 3) throws -> ExampleSet {
        let language = PlantedLanguage(seed: seed)
        let oracle = PlantedOracle()
        let others = attribute.values.filter { $0 != value }
        func draw(_ wanted: (Int) -> String, from first: Int) -> [String] {
            var found: [String] = []
            var index = first
            while found.count < count {
                let value = wanted(index)
                let text = language.text(at: index, attributes: [attribute: value])
                let sentence = text.sentences.dropFirst(index % text.sentences.count).first {
                    oracle.reading(of: $0).value(of: attribute) == value
                }
                if let sentence, !found.contains(sentence) { found.append(sentence) }
                index += 1
            }
            return found
        }
        return try ExampleSet(
            positive: draw({ _ in value }, from: 0),
            negative: draw({ others[$0 % others.count] }, from: 1_000_000))
    }
}
