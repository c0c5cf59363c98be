public import VaneConcepts
public import VaneSites
public import VaneSteering

/// All methods on one concept of one model: how well each learner reads texts that it did not see, and what each way of
/// steering does to generated texts when all change the model by the same amount.
///
/// Strengths are not comparable between methods, effects at a *matched cost* are: for every way and direction the strength is
/// searched at which the predictions move by a given divergence (``StrengthSearch``), on prompts that are not reported on.
/// Beside every way stand the unsteered model, asking in words, and random directions at the same cost.
public struct MethodComparison: Sendable, Codable, Hashable {
    /// What to compare and how.
    public struct Options: Sendable {
        /// Learners to read with; controls included.
        public var learners: [any Learner]
        /// Ways to steer.
        public var ways: [SteeringWay]
        /// Costs to match, in nats a token.
        public var divergences: [Double]
        /// Where to steer, the same for all; the middle half of the blocks if nil.
        public var sites: [Site]?
        /// How learners learn.
        public var learning: LearningOptions
        /// How continuations are written; its targets and sites are not used.
        public var writing: SteeringExperiment.Options
        /// How strengths are searched.
        public var search: StrengthSearch.Options
        /// Directions that the random control is drawn from.
        public var randomDirections: Int

        /// Default options.
        public init(
            learners: [any Learner] = Learners.ofActivations, ways: [SteeringWay] = SteeringWay.all(),
            divergences: [Double] = [0.05, 0.1], sites: [Site]? = nil,
            learning: LearningOptions = LearningOptions(),
            writing: SteeringExperiment.Options = SteeringExperiment.Options(seeds: 1, batchSize: 50),
            search: StrengthSearch.Options = StrengthSearch.Options(seeds: 2, tolerance: 0.03),
            randomDirections: Int = 5
        ) {
            self.learners = learners
            self.ways = ways
            self.divergences = divergences
            self.sites = sites
            self.learning = learning
            self.writing = writing
            self.search = search
            self.randomDirections = randomDirections
        }
    }

    /// How well a learner reads.
    public struct Reading: Sendable, Codable, Hashable {
        /// The learner's id.
        public let learner: String
        /// Where its probe held out best among the teaching texts; nil if it found none.
        public let site: Site?
        /// Part of the test texts right, 95% Wilson interval.
        public let accuracy: Estimate?
        /// Area under the ROC curve on the test texts, 95% bootstrap interval.
        public let auroc: Estimate?
        /// AUROC of the same procedure on shuffled labels, on the teaching texts it held out.
        public let shuffledAUROC: Double?
        /// Whether the verdict was that a direction is found.
        public let isFound: Bool
        /// Why there is nothing; nil if there is.
        public let failure: String?
    }

    /// What one way did, in one direction, at one cost.
    public struct Row: Sendable, Codable, Hashable {
        /// The way; nil for the unsteered model and for asking in words.
        public let way: SteeringWay?
        /// Whether the concept was to be added or removed; nil for the unsteered model.
        public let goal: SteeringPlan.Goal?
        /// The cost that was to be matched, in nats a token; nil where there is no strength to choose.
        public let asked: Double?
        /// The strength that was found.
        public let strength: String?
        /// What it costs on the prompts it was searched on.
        public let cost: Double?
        /// Part of the continuations that show the concept, 95% Wilson interval.
        public let rate: Estimate?
        /// Change of that against unsteered on the same prompts, 95% bootstrap interval over prompts.
        public let shift: Estimate?
        /// Perplexity of the continuations under the unsteered model, times that of its own.
        public let perplexityRatio: Double?
        /// The same under the language the texts should be in; nil where the judge does not know it.
        public let truePerplexityRatio: Double?
        /// Part of four-token runs that occurred before in the same continuation.
        public let repetition: Double?
        /// The continuations of the first prompts, to look at.
        public let examples: [String]
        /// Why there is nothing; nil if there is.
        public let failure: String?
    }

    /// The concept's name.
    public let concept: String
    /// The model's name.
    public let model: String
    /// Texts that taught.
    public let teaching: Int
    /// Texts tested on.
    public let testing: Int
    /// One reading a learner.
    public let readings: [Reading]
    /// Where edits were.
    public let sites: [Site]
    /// Prompts reported on.
    public let prompts: [String]
    /// The judge's accuracy; nil where nothing was generated.
    public let judgeAccuracy: Double?
    /// One row a condition; empty where nothing was generated.
    public let rows: [Row]
}
