import Foundation
import VaneConcepts
import VaneGeneration
import VaneSites
import VaneSteering

/// What a chosen way of steering does to texts that the model writes itself, after the beginnings of examples.
///
/// The cost of ``SteeringGauge`` is measured on given texts. Where the model goes on from what it wrote while steered, the same
/// edit can do more harm, so the choice is checked, and weakened, by generating.
struct SelectionWriting {
    let engine: Engine
    let candidate: MethodSelection.Candidate
    let options: MethodSelection.Options

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

    /// `concept` with its reach shortened until the texts stay within the limits of the options, and by which factor.
    ///
    /// Harm grows about with the square of the reach, so a reach is shortened by the square root of the excess. After
    /// six steps the last one is taken as it is.
    func withinLimits(_ concept: Concept, prompts: [String]) async throws -> (
        concept: Concept, factor: Double
    ) {
        let run = run(prompts, judge: Unasked(), continuations: options.continuations / 2)
        let base = try await run.outcome { _ in Hooks() }
        var factor = 1.0
        for _ in 0..<6 {
            let excess = try await damage(of: concept.reaching(factor), run, base).excess(options)
            guard excess > 1 else { break }
            factor *= excess.isFinite ? max(0.5, 0.95 / excess.squareRoot()) : 0.5
        }
        return (factor == 1 ? concept : concept.reaching(factor), factor)
    }

    private func damage(
        of concept: Concept, _ run: SteeringExperiment.Run, _ base: SteeringExperiment.Outcome
    ) async throws -> Damage {
        var damage = Damage()
        for goal in [SteeringPlan.Goal.add, .remove] {
            let plan = try SteeringPlan([candidate.entry(for: concept, goal, target: options.target)])
                .compile(with: [concept], for: engine.model.network.layout)
            let outcome = try await run.outcome { _ in plan.hooks }
            let perplexity = outcome.perplexity / base.perplexity
            damage.perplexity = max(damage.perplexity, perplexity.isNaN ? .infinity : perplexity)
            damage.compression = max(damage.compression, outcome.meanCompression / base.meanCompression)
            damage.repetition = max(damage.repetition, outcome.meanRepetition - base.meanRepetition)
        }
        return damage
    }

    /// What `concept` does to texts, called positive by a judge that is trained on all examples; nil with too few examples for
    /// a judge.
    func effect(of concept: Concept, prompts: [String], judgedBy examples: ExampleSet) async throws
        -> Concept.Effect?
    {
        guard
            let judge = try? BagOfWordsJudge(positive: examples.positive, negative: examples.negative)
        else { return nil }
        let prompts = Array(prompts.prefix(options.continuations))
        let experiment = try await SteeringExperiment(
            concept, prompts: prompts, judge: judge, engine: engine,
            options: experimentOptions(prompts.count, options.continuations))
        return experiment.effect(target: options.target, scope: candidate.scope, judge: "a bag of words")
    }

    private func experimentOptions(_ prompts: Int, _ continuations: Int) -> SteeringExperiment.Options {
        SteeringExperiment.Options(
            targets: [options.target], seeds: max(1, continuations / max(1, prompts)), sites: candidate.sites,
            scope: candidate.scope, maximumTokens: 24,
            sampling: SamplingOptions(seed: options.learning.seed), batchSize: 32)
    }

    private func run(_ prompts: [String], judge: any TextJudge, continuations: Int) -> SteeringExperiment.Run
    {
        let prompts = Array(prompts.prefix(continuations))
        return SteeringExperiment.Run(
            prompts: prompts, judge: judge, engine: engine,
            options: experimentOptions(prompts.count, continuations), total: 0, progress: nil)
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
