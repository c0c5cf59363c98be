public import VaneSites
import VaneTensors

/// The direction of a ``TrainedVector`` as a learner of concepts (rows 40 and 120).
///
/// As with ``StyleVectors`` the concept grows along what makes the network write it; a direction that
/// steers well may read by chance, as it does for sentiment on the built-in model.
///
/// The vector that, added to every state, makes the network write the positive texts, and with
/// ``TrainedVector/negativeWeight`` not the negative ones. The direction alone becomes the concept; how far
/// to go is the target's business.
public struct TrainedDirection: NetworkLearner {
    /// How the vector is trained.
    public var training: TrainedVector

    /// A learner; by default the negative texts count as much as the positive ones, so that what both share
    /// stays out.
    public init(_ training: TrainedVector = TrainedVector(negativeWeight: 1)) { self.training = training }

    /// The trained vector.
    public var method: LearningMethod {
        LearningMethod(
            id: "trained-vector", name: "trained additive vector", rows: [40, 120],
            summary: "a vector, trained by Adam, that makes the positive texts likelier than the negative",
            cost: "\(training.epochs) forward and backward passes over the texts, a block, four times",
            caution: Self.writing)
    }

    /// The vector's direction at each site.
    public func directions(_ texts: TrainingTexts) throws -> [Site: [Double]] {
        var training = training
        training.seed = texts.options.seed
        let positive = texts.positive.map { PromptedText($0) }
        let negative = texts.negative.map { PromptedText($0) }
        return try texts.perSite { site, progress in
            try training.train(positive: positive, negative: negative, at: site, in: texts.network) {
                progress(Double($0) / Double(max($1, 1)))
            }.vector.map(Double.init)
        }
    }
}
