public import VaneConcepts
public import VanePlanted
public import VaneSites
public import VaneSteering

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

    /// How the probes that steer them were learnt; see `docs/decisions/0010-steer-along-the-natural-gradient.md`.
    public static let steering = NaturalGradient()

    /// Where they are steered.
    public static let sites = [2, 3, 4].map(Site.residual)

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

    /// What asks the model for the concept, or for its opposite where there is one, in words: a brief.
    public var instructions: [SteeringPlan.Goal: String] {
        func brief(_ value: String) -> String? {
            PlantedBrief(kind: nil, attributes: [attribute: value]).line.map { $0 + "\n" }
        }
        var instructions: [SteeringPlan.Goal: String] = [:]
        instructions[.add] = brief(value)
        if attribute.values.count == 2 {
            instructions[.remove] = attribute.values.first { $0 != value }.flatMap(brief)
        }
        return instructions
    }

    /// Sentences to learn the concept from: each from a text of its own with the other attributes drawn at random, the
    /// same ones on both sides, and one in which the oracle reads the value asked for.
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
        func draw(_ wanted: (Int) -> String) -> [String] {
            var found: [String] = []
            var index = 0
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
            positive: draw { _ in value }, negative: draw { others[$0 % others.count] })
    }
}
