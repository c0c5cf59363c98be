public import VaneSites

/// The difference of the classes' means: `v = mean(e | concept) - mean(e | not)`. Row 26 (style vectors, activation-based:
/// Konen et al., EACL Findings 2024) and row 110 (contrastive activation addition: Rimsky et al., arXiv 2312.06681).
///
/// Row 110 reads pairs of multiple-choice prompts at the answer letter: give such pairs, ``LearningOptions/isPaired`` and
/// ``Pooling/last``; balance the letters, or the direction is theirs. Row 26 takes the last token of style texts.
public struct DifferenceOfMeans: DirectionLearner {
    /// The learner.
    public init() {}

    /// The difference of means.
    public var method: LearningMethod {
        LearningMethod(
            id: "difference-of-means", name: "difference of means", rows: [26, 110],
            summary: "mean of the positive less mean of the negative activations")
    }

    /// The difference.
    public func direction(at site: Site, in data: TrainingActivations) throws -> [Double] {
        try data.meanDifference(at: site)
    }
}
