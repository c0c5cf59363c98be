import VaneTensors

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A generated English in which known attributes decide the words.
///
/// The same seed gives the same texts, byte for byte, and text `i` does not depend on how many are drawn.
///
///     let language = PlantedLanguage(seed: 1)
///     let text = language.text(at: 0, kind: .review, attributes: [.sentiment: "positive"])
///
/// Attributes that are not given are drawn independently and evenly (`sentiment`, `formality`, `politeness` and `certainty` also neutral), unless
/// `correlated` names two of them.
public struct PlantedLanguage: Sendable {
    /// Two attributes that are drawn together.
    public struct Correlation: Sendable {
        let first: PlantedAttribute
        let second: PlantedAttribute
        let strength: Double

        /// With probability `strength` (0...1) the second attribute follows the first. Between attributes with
        /// the same number of values that is their correlation; otherwise it is a factor on the largest
        /// correlation they can have.
        public init(_ first: PlantedAttribute, _ second: PlantedAttribute, strength: Double) {
            precondition((0...1).contains(strength), "a strength is between 0 and 1")
            precondition(first != second, "an attribute cannot be correlated with itself")
            (self.first, self.second, self.strength) = (first, second, strength)
        }
    }

    private let seed: UInt64
    private let correlation: Correlation?

    /// The language under a seed, with independent attributes unless two are `correlated`.
    public init(seed: UInt64, correlated: Correlation? = nil) {
        self.seed = seed
        correlation = correlated
    }

    /// Text `index` of the corpus.
    ///
    /// Given attribute values are kept (`"neutral"` leaves an attribute out), the others are drawn. A value that
    /// the attribute does not have is a programmer's mistake.
    public func text(
        at index: Int, kind: PlantedKind? = nil, attributes: [PlantedAttribute: String] = [:]
    ) -> PlantedText {
        for (attribute, value) in attributes {
            precondition(
                attribute.values.contains(value) || (value == "neutral" && attribute.canBeNeutral),
                "\(attribute) cannot be \(value)")
        }
        var source = PlantedChoices(SeededGenerator(seed: seed, stream: UInt64(index)))
        let kinds = PlantedKind.allCases
        let kind = kind ?? kinds[source.choose(kinds.count)]
        var all = attributes
        for attribute in PlantedAttribute.allCases where all[attribute] == nil {
            let values = attribute.drawn
            if let correlation, correlation.second == attribute || correlation.first == attribute,
                let given = all[correlation.first == attribute ? correlation.second : correlation.first]
            {
                let other = correlation.first == attribute ? correlation.second : correlation.first
                all[attribute] =
                    values[source.follow(given, of: other.drawn, values.count, correlation.strength)]
            } else {
                all[attribute] = values[source.choose(values.count)]
            }
        }
        var writer = PlantedWriter(grammar: .shared, kind: kind, attributes: all, source: source)
        return writer.write()
    }

    /// The first `count` texts.
    public func texts(
        _ count: Int, kind: PlantedKind? = nil, attributes: [PlantedAttribute: String] = [:]
    ) -> [PlantedText] {
        (0..<count).map { text(at: $0, kind: kind, attributes: attributes) }
    }
}

/// The one place where chance enters, so that the probability of what is chosen is known.
struct PlantedChoices {
    private var generator: SeededGenerator
    private(set) var logProbability = 0.0

    init(_ generator: SeededGenerator) { self.generator = generator }

    /// One of `count` equally likely choices.
    mutating func choose(_ count: Int) -> Int {
        if count == 1 { return 0 }
        logProbability -= log(Double(count))
        return generator.integer(below: count)
    }

    /// One of `count` values that follows `given` of `values` with a probability, and is drawn evenly otherwise.
    mutating func follow(_ given: String, of values: [String], _ count: Int, _ strength: Double) -> Int {
        guard let place = values.firstIndex(of: given) else { return choose(count) }
        // The given value stands for an interval of 0..<1; the followed value is where a point of it falls.
        let point = (Double(place) + generator.uniform()) / Double(values.count)
        let followed = Int(point * Double(count))
        let result = generator.uniform() < strength ? followed : generator.integer(below: count)
        let low = Double(place) / Double(values.count)
        let high = Double(place + 1) / Double(values.count)
        let (from, to) = (Double(result) / Double(count), Double(result + 1) / Double(count))
        let overlap = max(0, min(high, to) - max(low, from))
        logProbability += log(strength * overlap / (high - low) + (1 - strength) / Double(count))
        return result
    }
}
