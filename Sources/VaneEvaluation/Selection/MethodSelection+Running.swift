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
        let (trials, chosen) = try await work.select(among: learnt, on: parts.selection, book) {
            progress?(0.2 + 0.7 * $0, $1)
        }
        self.trials = trials
        self.chosen = chosen

        progress?(0.92, "learning the choice from all but the report's examples")
        let most = [parts.training, parts.selection]
        let selection = try await work.gauge(parts.selection)
        let report = try await work.gauge(parts.report)
        /// The concept at the reach that costs the budget, and what it does to the report's texts.
        func reported(_ concept: Concept) async throws -> (concept: Concept, effects: [SteeringGauge.Effect])
        {
            let trial = try await work.trial(
                chosen.candidate, concept, selection, round: chosen.round, start: chosen.reach, steps: 8)
            let scaled = concept.reaching(trial.reach)
            return (scaled, try await work.effects(of: scaled, chosen.candidate, gauge: report))
        }
        let own = try await reported(work.learn(chosen.candidate.method, from: most))
        let control = try await reported(work.learn(RandomDirection(), from: most))
        let seed = options.learning.seed
        concept = own.concept.steered(at: chosen.candidate.sites)
        reportedGain = own.effects.estimate(seed: seed)
        reportedCost = own.effects.cost
        reportedTexts = own.effects.count / 2
        randomGain = control.effects.estimate(seed: seed)
        progress?(1, "done")
    }
}
