public import VaneSites

/// Mean-centring: `v = mean(e | concept) - mean(e | any text)`. Row 151: Jorgensen et al., *Improving Activation Steering in
/// Language Models with Mean-Centring*, arXiv 2312.03813.
///
/// Needs texts that stand for the language as a whole and no opposite of the concept: negatives only measure. Activations
/// share a large constant part; without subtracting it, the mean of any texts points along it.
public struct MeanCentring: DirectionLearner {
    /// The learner.
    public init() {}

    /// Mean-centring.
    public var method: LearningMethod {
        LearningMethod(
            id: "mean-centring", name: "mean-centring", rows: [151],
            summary: "mean of the positive activations less that of background texts, which must be given")
    }

    /// The centred mean.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` without background texts.
    public func direction(at site: Site, in data: TrainingActivations) throws -> [Double] {
        guard let background = data.background?[site] else {
            throw ConceptError(
                .unusableExamples,
                "mean-centring needs background texts that stand for the language as a whole")
        }
        return zip(try data.mean(positive: true, at: site), background).map { $0 - $1 }
    }
}
