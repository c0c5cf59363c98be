import Foundation
public import VaneConcepts
public import VaneGeneration
public import VaneSites
public import VaneSteering
import VaneTensors
import VaneTokenizers

/// Does steering move the text, and what does it cost? GCAV beside its controls over many prompts and seeds.
///
/// Conditions: unsteered; asked in words, where instructions are given; GCAV at each target, up and down; and, added at the mean distance GCAV moved a
/// state at each site, a random direction (a new one each generation) and the plain difference of means. Each
/// generation is judged by a classifier that never saw model or concept.
public struct SteeringExperiment: Sendable {
    /// What to run.
    public struct Options: Sendable {
        /// Target probabilities for adding; removing aims at one minus each.
        public var targets: [Double]
        /// Seeds a prompt.
        public var seeds: Int
        /// Sites; the concept's default ones if nil.
        public var sites: [Site]?
        /// Which tokens' states are edited.
        public var scope: TokenScope
        /// Tokens a continuation.
        public var maximumTokens: Int
        /// How tokens are drawn; the seed is the first of the seeds.
        public var sampling: SamplingOptions
        /// Texts that end a continuation.
        public var stop: [String]
        /// Sequences decoded together; the results do not depend on it.
        public var batchSize: Int
        /// What is put before each prompt to ask for more or for less of the concept in words.
        public var instructions: [SteeringPlan.Goal: String]

        /// Default options.
        public init(
            targets: [Double] = [0.9, 0.99, 0.999], seeds: Int = 2, sites: [Site]? = nil,
            scope: TokenScope = .all,
            maximumTokens: Int = 40, sampling: SamplingOptions = SamplingOptions(), stop: [String] = [],
            batchSize: Int = 16, instructions: [SteeringPlan.Goal: String] = [:]
        ) {
            self.targets = targets
            self.seeds = seeds
            self.sites = sites
            self.scope = scope
            self.maximumTokens = maximumTokens
            self.sampling = sampling
            self.stop = stop
            self.batchSize = batchSize
            self.instructions = instructions
        }
    }

    /// The way of steering in a row.
    public enum Method: String, Sendable, Codable {
        /// No edit.
        case unsteered
        /// No edit, an instruction before the prompt.
        case prompting
        /// The GCAV edit.
        case gcav
        /// A random direction at GCAV's mean distance.
        case random
        /// The plain difference of means at GCAV's mean distance.
        case meanDifference
    }

    /// The results of one condition.
    public struct Row: Sendable, Codable {
        /// How it was steered.
        public let method: Method
        /// Whether there was to be more or less of the concept; nil when unsteered.
        public let goal: SteeringPlan.Goal?
        /// The probability aimed at; nil when unsteered and for prompting.
        public let target: Double?
        /// Part of the continuations the judge calls positive.
        public let positiveRate: Double
        /// Mean change of that against unsteered on the same prompts and seeds, with a 95% bootstrap interval
        /// over the prompts; nil when unsteered.
        public let shift: Estimate?
        /// `exp` of the mean negative log-probability of all generated tokens under the unsteered model, after the prompt
        /// without instruction.
        public let perplexity: Double
        /// Perplexity of a word under the language the texts should be in; nil where the judge does not know it.
        public let truePerplexity: Double?
        /// Part of four-token runs that occurred before in the same continuation.
        public let repetition: Double
        /// Tokens a Lempel-Ziv phrase, averaged over the continuations: how well they compress; 1 where no token comes
        /// twice.
        public let compression: Double
        /// Mean distance a state was moved, over sites and states; 0 without edits.
        public let meanMove: Double
        /// The continuation of the first prompt, to look at.
        public let example: String
    }

    /// One row a condition.
    public let rows: [Row]
    /// Prompts used.
    public let prompts: Int
    /// Seeds a prompt.
    public let seeds: Int
    /// The judge's own cross-validated accuracy.
    public let judgeAccuracy: Double
    /// Where the edits were.
    public let sites: [Site]

    /// Runs the experiment.
    ///
    /// - Parameters:
    ///   - concept: what to steer.
    ///   - prompts: texts to continue.
    ///   - judge: calls a continuation positive or not.
    ///   - engine: the model.
    ///   - options: what to run.
    ///   - progress: called with the finished and the total number of continuations.
    /// - Throws: ``EvaluationError`` `unusableInput`; errors of steering and generation.
    public init(
        _ concept: Concept, prompts: [String], judge: any TextJudge, engine: Engine,
        options: Options = Options(),
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) async throws {
        guard !prompts.isEmpty, options.seeds > 0, !options.targets.isEmpty else {
            throw EvaluationError(.unusableInput, "at least one prompt, one seed and one target are needed")
        }
        try concept.requireModel(engine.model.identity)
        let sites = options.sites ?? concept.defaultSites
        let layers = try sites.map { try concept.layer(at: $0) }
        let run = Run(
            prompts: prompts, judge: judge, engine: engine, options: options,
            total: (1 + options.instructions.count + 6 * options.targets.count) * prompts.count
                * options.seeds,
            progress: progress)

        let unsteered = try await run.outcome { _ in Hooks() }
        var rows = [run.row(.unsteered, nil, nil, unsteered, against: nil, meanMove: 0)]
        for goal in [SteeringPlan.Goal.add, .remove] {
            if let instruction = options.instructions[goal] {
                let prompted = try await run.outcome(instruction: instruction) { _ in Hooks() }
                rows.append(run.row(.prompting, goal, nil, prompted, against: unsteered, meanMove: 0))
            }
            for target in options.targets {
                let aim = goal == .add ? target : 1 - target
                let entry = SteeringPlan.Entry(
                    concept: concept.name, goal: goal, target: aim, sites: sites, scope: options.scope)
                let plan = try SteeringPlan([entry]).compile(
                    with: [concept], for: engine.model.network.layout)
                let steered = try await run.outcome { _ in plan.hooks }
                let moves = plan.ledger.bySite
                let meanMove = moves.values.reduce(0) { $0 + $1.meanMove } / Double(max(moves.count, 1))
                let random = try await run.outcome { run.randomHooks(layers, generation: $0, moves) }
                let plain = try await run.outcome { _ in run.meanDifferenceHooks(layers, goal, moves) }
                for (method, outcome) in [
                    (Method.gcav, steered), (.random, random), (.meanDifference, plain),
                ] {
                    rows.append(run.row(method, goal, aim, outcome, against: unsteered, meanMove: meanMove))
                }
            }
        }
        self.rows = rows
        self.prompts = prompts.count
        seeds = options.seeds
        judgeAccuracy = judge.accuracy
        self.sites = sites
    }
}
