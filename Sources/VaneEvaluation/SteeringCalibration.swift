import Foundation
public import VaneConcepts
public import VaneGeneration
public import VaneSites
import VaneSteering

/// Chooses where a concept is steered and how far a target reaches, by steering with it.
///
/// A probe says how far to go, but how sure it is of itself depends on how well its examples part: a probe of texts that
/// part well asks for next to nothing at 0.99, one of texts that part badly for more than the network bears. Here each
/// run of sites is tried with ever smaller `Concept.separated(by:)`, which moves states ever further, until the text
/// costs more than a budget; kept is what moved the text most within it.
///
/// Results on the prompts that a calibration was made on flatter: measure on others.
public struct SteeringCalibration: Sendable {
    /// What to try.
    public struct Options: Sendable {
        /// The runs of sites; each must have a probe.
        public var runs: [[Site]]
        /// Separations in logits, tried from the largest to the smallest.
        public var separations: [Double]
        /// The target whose effect counts: adding aims at it, removing at one minus it.
        public var target: Double
        /// The most that the perplexity may be multiplied by, in the worse direction.
        public var budget: Double
        /// How to write.
        public var writing: SteeringExperiment.Options

        /// What to try.
        public init(
            runs: [[Site]], separations: [Double] = [8, 6, 4, 3, 2, 1.5, 1, 0.7, 0.5], target: Double = 0.99,
            budget: Double = 1.2, writing: SteeringExperiment.Options = SteeringExperiment.Options()
        ) {
            self.runs = runs
            self.separations = separations
            self.target = target
            self.budget = budget
            self.writing = writing
        }
    }

    /// One setting and what it did.
    public struct Trial: Sendable, Codable {
        /// Where the edits were.
        public let sites: [Site]
        /// The separation of the probes.
        public let separation: Double
        /// Part of the continuations that show the concept when it is added.
        public let added: Double
        /// The same when it is removed.
        public let removed: Double
        /// What the perplexity was multiplied by, in the worse direction.
        public let cost: Double
    }

    /// Everything that was tried, in order.
    public let trials: [Trial]
    /// The trial that moved the text most within the budget; nil if none was within it.
    public let best: Trial?

    /// Tries the settings.
    ///
    /// - Parameters:
    ///   - concept: what to steer.
    ///   - prompts: texts to continue; not those that results are reported on.
    ///   - judge: calls a continuation positive or not. Where it knows the likelihood of texts, that is the perplexity;
    ///     otherwise the unsteered model's.
    ///   - engine: the model.
    ///   - options: what to try.
    /// - Throws: ``EvaluationError`` `unusableInput`; errors of steering and generation.
    public init(
        _ concept: Concept, prompts: [String], judge: any TextJudge, engine: Engine, options: Options
    ) async throws {
        guard !prompts.isEmpty, options.writing.seeds > 0 else {
            throw EvaluationError(.unusableInput, "at least one prompt and one seed are needed")
        }
        let run = SteeringExperiment.Run(
            prompts: prompts, judge: judge, engine: engine, options: options.writing, total: 0, progress: nil)
        let unsteered = try await run.outcome { _ in Hooks() }
        var trials: [Trial] = []
        for sites in options.runs {
            for separation in options.separations.sorted(by: >) {
                var rates: [Double] = []
                var cost = 0.0
                let scaled = concept.separated(by: separation)
                for goal in [SteeringPlan.Goal.add, .remove] {
                    let aim = goal == .add ? options.target : 1 - options.target
                    let entry = SteeringPlan.Entry(
                        concept: concept.name, goal: goal, target: aim, sites: sites,
                        scope: options.writing.scope)
                    let plan = try SteeringPlan([entry]).compile(
                        with: [scaled], for: engine.model.network.layout)
                    let outcome = try await run.outcome { _ in plan.hooks }
                    rates.append(outcome.positiveRate)
                    cost = max(cost, outcome.perplexity / unsteered.perplexity)
                }
                let trial = Trial(
                    sites: sites, separation: separation, added: rates[0], removed: rates[1], cost: cost)
                trials.append(trial)
                if !(cost <= 2 * options.budget) { break }
            }
        }
        self.trials = trials
        best = trials.filter { $0.cost <= options.budget }.max {
            $0.added - $0.removed < $1.added - $1.removed
        }
    }

    /// The concept with the best setting; as it was if none was within the budget.
    public func applied(to concept: Concept) -> Concept {
        guard let best else { return concept }
        return concept.separated(by: best.separation).steered(at: best.sites)
    }
}

extension SteeringExperiment.Outcome {
    /// Part of the continuations that show the concept.
    var positiveRate: Double { Double(positive.count { $0 }) / Double(max(positive.count, 1)) }

    /// Perplexity of a word under the language the texts should be in, or of a token under the unsteered model where
    /// that is not known.
    var perplexity: Double {
        likelihood.words > 0 ? likelihood.perplexity : exp(-logProbability / Double(max(tokens, 1)))
    }
}
