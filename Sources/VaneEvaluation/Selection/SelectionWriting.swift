import Foundation
import VaneConcepts
import VaneGeneration
import VaneSites
import VaneSteering

/// What a chosen way of steering does to texts that the model writes itself, after the beginnings of examples.
///
/// ``SteeringGauge`` measures on given texts. Where the model goes on from what it wrote while steered, the same edit can do more
/// harm, and what favours given texts need not decide what is written. So the last choice is among finalists that write, and
/// the winner is weakened until its texts are within limits.
package struct SelectionWriting {
    /// Tokens a continuation.
    private static let tokens = 24

    let engine: Engine
    let options: MethodSelection.Options
    /// Reads in the unsteered model how far a text shows the concept.
    let reader: Concept.Layer

    /// Continuations that the effect is measured on: fewer of a larger model, so that the some 24 conditions written take about a
    /// fifth of the work allowed.
    private var continuations: Int {
        let all = 24 * Double(Self.tokens) * SelectionWork.workOfToken(engine.model.network.layout)
        return max(16, min(options.continuations, Int(options.maximumWork / 5 / all)))
    }

    /// The harm done to texts, each against unsteered ones; the worse of adding and removing.
    struct Damage {
        /// Perplexity under the unsteered model, as a multiple.
        var perplexity = 1.0
        /// Tokens a Lempel-Ziv phrase, as a multiple.
        var compression = 1.0
        /// Part of four-token runs that repeat an earlier one, as a difference.
        var repetition = 0.0

        /// By how much what is done is too much: 1 at the limits; the logarithms of the multiples are compared.
        func excess(_ options: MethodSelection.Options) -> Double {
            [
                log(perplexity) / log(options.maximumPerplexity),
                log(compression) / log(options.maximumCompression), repetition / options.maximumRepetition,
            ].max() ?? 0
        }
    }

    /// The first third of each text's words.
    static func prompts(_ texts: [String]) -> [String] {
        texts.map { text in
            let words = text.split(separator: " ", omittingEmptySubsequences: false)
            return words.prefix(max(1, words.count / 3)).joined(separator: " ")
        }
    }

    /// At most `count` of the prompts, spread evenly over the list: positives stand in front of negatives.
    package static func spread(_ prompts: [String], to count: Int) -> [String] {
        guard count < prompts.count else { return prompts }
        return (0..<max(0, count)).map { prompts[$0 * prompts.count / count] }
    }

    /// `concept` with its reach shortened until the texts stay within the limits of the options, and by which factor.
    ///
    /// Harm grows about with the square of the reach, so a reach is shortened by the square root of the excess. After
    /// six steps the last one is taken as it is.
    func withinLimits(
        _ concept: Concept, _ candidate: MethodSelection.Candidate, prompts: [String]
    ) async throws -> (concept: Concept, factor: Double) {
        let run = run(prompts, candidate)
        let base = try await run.outcome { _ in Hooks() }
        var factor = 1.0
        for _ in 0..<6 {
            let written = try await written(concept.reaching(factor), candidate, run)
            let excess = damage(written, base).excess(options)
            guard excess > 1 else { break }
            factor *= excess.isFinite ? max(0.5, 0.95 / excess.squareRoot()) : 0.5
        }
        return (factor == 1 ? concept : concept.reaching(factor), factor)
    }

    /// How far the trials' texts move, each at the reach that costs the budget.
    ///
    /// The shift is the mean over prompts of what the reader's probe reads in texts steered towards the concept, less in those
    /// steered away, in logits.
    func finalists(
        _ trials: [MethodSelection.Trial], _ learnt: [String: Concept], prompts: [String],
        progress: (Double) -> Void
    ) async throws -> [MethodSelection.Finalist] {
        guard let first = trials.first else { return [] }
        let base = try await run(prompts, first.candidate).outcome { _ in Hooks() }
        var finalists: [MethodSelection.Finalist] = []
        for (number, trial) in trials.enumerated() {
            progress(Double(number) / Double(trials.count))
            guard let concept = learnt[trial.candidate.method] else { continue }
            let reach = trial.reach * (options.budget / trial.cost).squareRoot()
            let written = try await written(
                concept.reaching(reach), trial.candidate, run(prompts, trial.candidate))
            let shifts = try await zip(read(written[0]), read(written[1])).map { $0 - $1 }
            finalists.append(
                MethodSelection.Finalist(
                    trial: trial, shift: shifts.reduce(0, +) / Double(max(shifts.count, 1)),
                    harm: damage(written, base).excess(options)))
        }
        return finalists
    }

    /// What the reader's probe reads in each text, by the unsteered model.
    private func read(_ outcome: SteeringExperiment.Outcome) async throws -> [Double] {
        let (site, probe, pooling) = (reader.site, reader.probe, options.learning.pooling)
        let sequences = outcome.sequences
        return try await engine.perform { model in
            let harvest = try Harvest(sequences, at: [site], in: model.network, pooling: pooling)
            return harvest.activations[site].map { probe.logits(of: harvest.rows, in: $0) } ?? []
        }
    }

    /// The texts written with adding and with removing.
    private func written(
        _ concept: Concept, _ candidate: MethodSelection.Candidate, _ run: SteeringExperiment.Run
    ) async throws -> [SteeringExperiment.Outcome] {
        var outcomes: [SteeringExperiment.Outcome] = []
        for goal in [SteeringPlan.Goal.add, .remove] {
            let plan = try SteeringPlan([candidate.entry(for: concept, goal, target: options.target)])
                .compile(with: [concept], for: engine.model.network.layout)
            outcomes.append(try await run.outcome { _ in plan.hooks })
        }
        return outcomes
    }

    private func damage(_ written: [SteeringExperiment.Outcome], _ base: SteeringExperiment.Outcome) -> Damage
    {
        written.reduce(into: Damage()) { damage, outcome in
            let perplexity = outcome.perplexity / base.perplexity
            damage.perplexity = max(damage.perplexity, perplexity.isNaN ? .infinity : perplexity)
            damage.compression = max(damage.compression, outcome.meanCompression / base.meanCompression)
            damage.repetition = max(damage.repetition, outcome.meanRepetition - base.meanRepetition)
        }
    }

    /// What `concept` does to texts, called positive by a judge that is trained on all examples; nil where they do not make a
    /// judge that is better than guessing: too few, or texts that come in several versions.
    func effect(
        of concept: Concept, _ candidate: MethodSelection.Candidate, prompts: [String],
        judgedBy examples: ExampleSet
    ) async throws -> Concept.Effect? {
        guard
            let judge = try? BagOfWordsJudge(positive: examples.positive, negative: examples.negative),
            Statistics.wilson(
                successes: Int((judge.accuracy * Double(judge.trainingCount)).rounded()),
                of: judge.trainingCount
            ).low > 0.5
        else { return nil }
        let prompts = Self.spread(prompts, to: continuations)
        let experiment = try await SteeringExperiment(
            concept, prompts: prompts, judge: judge, engine: engine,
            options: experimentOptions(candidate, prompts.count, continuations))
        return experiment.effect(target: options.target, scope: candidate.scope, judge: "a bag of words")
    }

    private func experimentOptions(
        _ candidate: MethodSelection.Candidate, _ prompts: Int, _ continuations: Int
    ) -> SteeringExperiment.Options {
        SteeringExperiment.Options(
            targets: [options.target], seeds: max(1, continuations / max(1, prompts)), sites: candidate.sites,
            scope: candidate.scope, maximumTokens: Self.tokens,
            sampling: SamplingOptions(seed: options.learning.seed), batchSize: 32)
    }

    private func run(_ prompts: [String], _ candidate: MethodSelection.Candidate) -> SteeringExperiment.Run {
        let continuations = self.continuations / 2
        let prompts = Self.spread(prompts, to: continuations)
        return SteeringExperiment.Run(
            prompts: prompts, judge: Unasked(), engine: engine,
            options: experimentOptions(candidate, prompts.count, continuations), total: 0, progress: nil)
    }

    /// Where only the harm counts.
    private struct Unasked: TextJudge {
        let accuracy = 0.0
        func isPositive(_ text: String, after prompt: String) -> Bool { false }
    }
}

extension MethodSelection.Candidate {
    /// The entry of a plan that steers so with a concept; removing aims at one minus the target.
    func entry(for concept: Concept, _ goal: SteeringPlan.Goal, target: Double) -> SteeringPlan.Entry {
        SteeringPlan.Entry(
            concept: concept.name, goal: goal, target: goal == .add ? target : 1 - target, sites: sites,
            scope: scope)
    }
}
