import Foundation
import VaneConcepts
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTokenizers

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
    let reader: Reader

    /// What judges written texts.
    enum Reader: Sendable {
        /// The model's expectations after examples.
        case contexts(ContextReader)
        /// The probe of a site.
        case probe(Concept.Layer)
    }

    /// Contexts of examples a side that a choice among `finalists` can afford to read with: about a fifth of the work allowed.
    static func contexts(
        _ engine: Engine, _ options: MethodSelection.Options, finalists: Int, continuations: Int
    ) -> Int {
        let texts = Double(2 * finalists * continuations / 2)
        let each = 2 * texts * Double(2 * tokens) * SelectionWork.workOfToken(engine.model.network.layout)
        return min(4, max(1, Int(options.maximumWork / 5 / max(each, 1))))
    }

    /// Continuations that the effect is measured on: fewer of a larger model, so that the some 24 conditions written take about a
    /// fifth of the work allowed.
    static func continuations(_ engine: Engine, _ options: MethodSelection.Options) -> Int {
        let all = 24 * Double(tokens) * SelectionWork.workOfToken(engine.model.network.layout)
        return max(16, min(options.continuations, Int(options.maximumWork / 5 / all)))
    }

    private var continuations: Int { Self.continuations(engine, options) }

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

    /// The first two words of each text: the rest is the model's to write.
    static func prompts(_ texts: [String]) -> [String] {
        texts.map { text in
            text.split(separator: " ", omittingEmptySubsequences: false).prefix(2).joined(separator: " ")
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

    /// How far the trials' texts move, each at the strengths that cost the budget; the best four write again twice, if the model is
    /// small enough for it, and what they then moved counts with the first time.
    ///
    /// The shift is the mean over prompts of what the reader reads in texts steered towards the concept, less in those steered
    /// away.
    func finalists(
        _ trials: [MethodSelection.Trial], _ learnt: [String: Concept], prompts: [String],
        progress: (Double) -> Void
    ) async throws -> [MethodSelection.Finalist] {
        let (best, rounds) = (4, continuations < options.continuations ? 0 : 2)
        let all = Double(trials.count + rounds * min(best, trials.count))
        var done = 0.0
        var entered: [(finalist: MethodSelection.Finalist, plans: [CompiledPlan])] = []
        for trial in trials {
            progress(done / all)
            done += 1
            let run = run(prompts, trial.candidate)
            guard let concept = learnt[trial.candidate.method],
                let plans = try await matched(
                    concept.reaching(2 * trial.reach), trial.candidate, run.prompts)
            else { continue }
            let texts = try await written(plans, run)
            entered.append(
                (
                    MethodSelection.Finalist(trial: trial, shift: texts.shift, harm: texts.harm, rounds: 1),
                    plans
                ))
        }
        entered.sort { $0.finalist.matchedShift > $1.finalist.matchedShift }
        for number in entered.indices.prefix(best) {
            let (finalist, plans) = entered[number]
            var (sum, harm) = (finalist.shift, finalist.harm)
            for round in 0..<rounds {
                progress(done / all)
                done += 1
                let texts = try await written(
                    plans, run(prompts, finalist.trial.candidate, round: round + 1))
                (sum, harm) = (sum + texts.shift, max(harm, texts.harm))
            }
            entered[number].finalist = MethodSelection.Finalist(
                trial: finalist.trial, shift: sum / Double(rounds + 1), harm: harm, rounds: rounds + 1)
        }
        return entered.map(\.finalist)
    }

    /// What the texts written with adding and with removing show, and the harm done to them.
    private func written(
        _ plans: [CompiledPlan], _ run: SteeringExperiment.Run
    ) async throws -> (shift: Double, harm: Double) {
        let base = try await run.outcome { _ in Hooks() }
        var written: [SteeringExperiment.Outcome] = []
        for plan in plans { written.append(try await run.outcome { _ in plan.hooks }) }
        let shifts = try await zip(read(written[0]), read(written[1])).map { $0 - $1 }
        return (
            shifts.reduce(0, +) / Double(max(shifts.count, 1)), damage(written, base).excess(options)
        )
    }

    /// Adding and removing at the strengths that cost the budget on what the unsteered model writes after the prompts; nil
    /// where no strength does. What the same edit costs on given texts, where trials are matched, is another measure: ways that
    /// cost as much there differ in what they do to the model's own texts.
    private func matched(
        _ concept: Concept, _ candidate: MethodSelection.Candidate, _ prompts: [String]
    ) async throws -> [CompiledPlan]? {
        let tokens = Self.spread(prompts, to: min(16, max(6, continuations / 4))).map {
            engine.model.tokenizer.encode($0)
        }
        var search = StrengthSearch.Options()
        (search.seeds, search.tolerance, search.seed) = (1, 0.05, options.learning.seed)
        var plans: [CompiledPlan] = []
        for goal in [SteeringPlan.Goal.add, .remove] {
            var entry = candidate.entry(for: concept, goal, target: options.target)
            entry.strength = .divergence(options.budget)
            do {
                let found = try await StrengthSearch(
                    SteeringPlan([entry]), with: [concept], prompts: tokens, engine: engine, options: search)
                plans.append(try found.plan.compile(with: [concept], for: engine.model.network.layout))
            } catch let error as EvaluationError where error.code == .unreachableDivergence { return nil }
        }
        return plans
    }

    /// What the reader reads in each text, by the unsteered model.
    private func read(_ outcome: SteeringExperiment.Outcome) async throws -> [Double] {
        let (sequences, starts) = (outcome.sequences, outcome.starts)
        switch reader {
        case .contexts(let reader):
            return try await engine.perform { try reader.read(sequences, from: starts, in: $0) }
        case .probe(let layer):
            let pooling = options.learning.pooling
            return try await engine.perform { model in
                let harvest = try Harvest(sequences, at: [layer.site], in: model.network, pooling: pooling)
                return harvest.activations[layer.site].map { layer.probe.logits(of: harvest.rows, in: $0) }
                    ?? []
            }
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
        _ candidate: MethodSelection.Candidate, _ prompts: Int, _ continuations: Int, round: Int = 0
    ) -> SteeringExperiment.Options {
        SteeringExperiment.Options(
            targets: [options.target], seeds: max(1, continuations / max(1, prompts)), sites: candidate.sites,
            scope: candidate.scope, maximumTokens: Self.tokens,
            sampling: SamplingOptions(seed: options.learning.seed &+ UInt64(round) << 40), batchSize: 32)
    }

    private func run(
        _ prompts: [String], _ candidate: MethodSelection.Candidate, round: Int = 0
    ) -> SteeringExperiment.Run {
        let continuations = self.continuations / 2
        let prompts = Self.spread(prompts, to: continuations)
        return SteeringExperiment.Run(
            prompts: prompts, judge: Unasked(), engine: engine,
            options: experimentOptions(candidate, prompts.count, continuations, round: round), total: 0,
            progress: nil)
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
