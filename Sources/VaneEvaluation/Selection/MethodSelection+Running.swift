import Foundation
public import VaneConcepts
public import VaneGeneration
import VaneTokenizers

extension MethodSelection {
    /// Chooses.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - examples: sentences with and without the concept.
    ///   - engine: the model.
    ///   - options: what to try.
    ///   - journal: a file that keeps the trials, one JSON text a line; trials it holds already for the same examples, model
    ///     and options are not run again. nil keeps none.
    ///   - progress: called with a part of the work done, 0...1, and what is being done.
    /// - Throws: ``EvaluationError`` `unusableInput` with fewer than 8 examples a class or when no trial stays within the
    ///   budget; errors of learning and steering; `WeightsError` when the journal cannot be written.
    public init(
        _ name: String, from examples: ExampleSet, engine: Engine, options: Options = Options(),
        journal: String? = nil, progress: (@Sendable (Double, String) -> Void)? = nil
    ) async throws {
        let positive = examples.positive.map { engine.model.tokenizer.encode($0) }
        let negative = examples.negative.map { engine.model.tokenizer.encode($0) }
        let parts = try Parts(
            positives: positive.count, negatives: negative.count, options: options.learning)
        let work = SelectionWork(
            name: name, digest: examples.digest, positive: positive, negative: negative, engine: engine,
            options: options)
        let book = try journal.map { try Journal(path: $0, key: try work.key) }

        let learnt = try await work.learnAll(from: parts.training) { progress?(0.2 * $0, $1) }
        trials = try await work.select(among: learnt, on: parts.selection, book) {
            progress?(0.2 + 0.5 * $0, $1)
        }
        let most = [parts.training, parts.selection]
        func prompts(_ part: SelectionWork.Part) -> [String] {
            SelectionWriting.prompts(
                part.positive.map { examples.positive[$0] } + part.negative.map { examples.negative[$0] })
        }
        let reader = try await work.learn(LogisticCAV(), from: most)
        guard let reading = reader.bestLayer else {
            throw EvaluationError(.unusableInput, "the model has no site to read at")
        }
        let writing = SelectionWriting(engine: engine, options: options, reader: reading)
        finalists = try await writing.finalists(
            work.finalists(trials), learnt, prompts: prompts(parts.selection)
        ) { progress?(0.7 + 0.2 * $0, "writing with the finalists") }
        guard let best = finalists.max(by: { $0.matchedShift < $1.matchedShift }) else {
            throw EvaluationError(.unusableInput, "no trial came to its end")
        }
        chosen = best.trial

        progress?(0.9, "learning the choice from all but the report's examples")
        let (candidate, round, reach) = (best.trial.candidate, best.trial.round, best.trial.reach)
        let selection = try await work.gauge(parts.selection)
        let report = try await work.gauge(parts.report)
        /// The concept at the reach that costs the budget.
        func matched(_ concept: Concept, budget: Double) async throws -> Concept {
            let trial = try await work.trial(
                candidate, concept, selection, round: round, start: reach, steps: 8,
                budget: budget)
            return concept.reaching(trial.reach)
        }
        let own = try await matched(
            work.learn(candidate.method, from: most, reader: reader), budget: options.budget)
        progress?(0.93, "writing texts to check the harm")
        let limited = try await writing.withinLimits(own, candidate, prompts: prompts(parts.selection))
        let cost = try await work.effects(of: limited.concept, candidate, gauge: selection).cost
        let control = try await matched(work.learn(RandomDirection(), from: most), budget: cost)
        var concept = limited.concept.steered(at: candidate.sites)
        let effects = try await work.effects(of: concept, candidate, gauge: report)
        let random = try await work.effects(of: control, candidate, gauge: report)
        progress?(0.96, "writing texts to report on")
        concept.effect = try await writing.effect(
            of: concept, candidate, prompts: prompts(parts.report), judgedBy: examples)
        self.concept = concept
        restraint = limited.factor
        reportedGain = effects.estimate(seed: options.learning.seed)
        reportedCost = effects.cost
        reportedTexts = effects.count / 2
        randomGain = random.estimate(seed: options.learning.seed)
        progress?(1, "done")
    }
}
