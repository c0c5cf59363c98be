public import VaneEvaluation
public import VanePlanted

/// Judges texts of the planted language by its grammar: right by construction.
///
/// A continuation shows the concept if more of its words carry the starter's value of the attribute than any other
/// value; words that do not carry the attribute do not count. Its likelihood is that of the grammar.
public struct OracleJudge: TextJudge {
    private let starter: StarterConcept
    private let oracle: PlantedOracle
    private let likelihood: PlantedLikelihood

    /// A judge of `starter`'s attribute. The likelihood is costly to make: share it.
    public init(_ starter: StarterConcept, likelihood: PlantedLikelihood) {
        self.starter = starter
        self.likelihood = likelihood
        oracle = PlantedOracle()
    }

    /// It reads what the grammar's own tables say.
    public var accuracy: Double { 1 }

    /// Whether most words of `text` that carry the attribute carry the starter's value.
    public func isPositive(_ text: String, after prompt: String) -> Bool {
        oracle.reading(of: text).value(of: starter.attribute) == starter.value
    }

    /// The probability of the complete sentences of `text` under the planted grammar.
    public func likelihood(of text: String, after prompt: String) -> TextLikelihood? {
        let score = likelihood.score(of: text, after: prompt)
        return TextLikelihood(logProbability: score.logProbability, words: score.words)
    }
}
