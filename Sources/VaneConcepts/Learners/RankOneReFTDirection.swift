public import VaneSites
import VaneTensors

/// The direction of ``RankOneReFT`` as a learner of concepts (row 120, ReFT-r1).
///
/// Its loss does not see the labels, so it finds what parts the texts most, whatever they are called:
/// shuffled labels give about the same direction, and only the held-out texts say whether that is the
/// concept. The sign is that of the difference of the training texts' means.
///
/// It needs whole texts: from single sentences it found neither formality nor a topic on the built-in model.
public struct RankOneReFTDirection: NetworkLearner {
    /// How the direction is trained.
    public var training: RankOneReFT

    /// A learner; the rate is three times the paper's, which suits the few texts that people have.
    public init(_ training: RankOneReFT = RankOneReFT(rate: 0.03)) { self.training = training }

    /// Rank-1 fine-tuning.
    public var method: LearningMethod {
        LearningMethod(
            id: "reft-r1", name: "ReFT-r1", rows: [120],
            summary: "one direction that detects and steers, trained on the texts' likelihood",
            cost: "\(training.epochs) forward and backward passes over the texts, a block, four times")
    }

    /// The trained direction at each site.
    public func directions(_ texts: TrainingTexts) throws -> [Site: [Double]] {
        var training = training
        training.seed = texts.options.seed
        let positive = texts.positive.map { PromptedText($0) }
        let negative = texts.negative.map { PromptedText($0) }
        return try texts.perSite { site, progress in
            let direction = try training.train(
                positive: positive, negative: negative, at: site, in: texts.network
            ) { progress(Double($0) / Double(max($1, 1))) }.direction.map(Double.init)
            let difference = try texts.activations.meanDifference(at: site)
            return Numbers.dot(direction, difference) < 0 ? direction.map { -$0 } : direction
        }
    }
}
