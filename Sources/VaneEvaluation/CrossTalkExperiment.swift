public import VaneConcepts
public import VaneGeneration
import VaneSites
public import VaneSteering

/// Does steering one concept disturb another that is steered at the same time?
///
/// One concept is swept over its targets while the other is held at one. Beside GCAV's joint edit stands plain
/// addition: both differences of means, each at the mean distance that GCAV moves a state for that concept alone.
public struct CrossTalkExperiment: Sendable {
    /// The texts of one setting.
    public struct Row: Sendable, Codable {
        /// `gcav` or `meanDifference`.
        public let method: SteeringExperiment.Method
        /// Whether the swept concept was added or removed.
        public let goal: SteeringPlan.Goal
        /// The probability the swept concept aims at.
        public let target: Double
        /// Part of the continuations that show the swept concept.
        public let swept: Double
        /// Part of the continuations that show the held concept.
        public let held: Double
        /// The continuation of the first prompt, to look at.
        public let example: String
    }

    /// One row a method and target, from the lowest target to the highest.
    public let rows: [Row]
    /// The probability the held concept aims at.
    public let heldTarget: Double

    /// How much more of the continuations show the held concept at the highest target of the swept one than at the lowest,
    /// with a 95% bootstrap interval over the prompts, under the joint edit.
    public let gcav: Estimate
    /// The same under plain addition.
    public let meanDifference: Estimate

    /// Runs the experiment.
    ///
    /// - Parameters:
    ///   - swept: the concept whose target changes, with its judge.
    ///   - held: the concept whose target stays, with its judge.
    ///   - heldTarget: that target.
    ///   - prompts: texts to continue.
    ///   - engine: the model.
    ///   - options: targets to add the swept concept to (removing aims at one minus each), and how to write; the sites
    ///     are each concept's own.
    ///   - progress: called with the finished and the total number of continuations.
    /// - Throws: ``EvaluationError`` `unusableInput`; errors of steering and generation.
    public init(
        swept: (concept: Concept, judge: any TextJudge), held: (concept: Concept, judge: any TextJudge),
        heldTarget: Double = 0.9, prompts: [String], engine: Engine,
        options: SteeringExperiment.Options = SteeringExperiment.Options(),
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) async throws {
        guard !prompts.isEmpty, options.seeds > 0, !options.targets.isEmpty else {
            throw EvaluationError(.unusableInput, "at least one prompt, one seed and one target are needed")
        }
        let concepts = [swept.concept, held.concept]
        for concept in concepts { try concept.requireModel(engine.model.identity) }
        let layout = engine.model.network.layout
        let aims =
            options.targets.sorted(by: >).map { (SteeringPlan.Goal.remove, 1 - $0) }
            + options.targets.sorted().map { (.add, $0) }
        let run = SteeringExperiment.Run(
            prompts: prompts, judge: held.judge, engine: engine, options: options,
            total: (1 + 3 * aims.count) * prompts.count * options.seeds,
            progress: progress)

        func entry(_ concept: Concept, _ goal: SteeringPlan.Goal, _ target: Double) -> SteeringPlan.Entry {
            SteeringPlan.Entry(concept: concept.name, goal: goal, target: target, scope: options.scope)
        }
        func outcome(_ entries: [SteeringPlan.Entry]) async throws -> (
            SteeringExperiment.Outcome, [Site: SteeringLedger.Entry]
        ) {
            let plan = try SteeringPlan(entries).compile(with: concepts, for: layout)
            let outcome = try await run.outcome { _ in plan.hooks }
            return (outcome, plan.ledger.bySite)
        }
        let heldEntry = entry(held.concept, .add, heldTarget)
        let heldMoves = try await outcome([heldEntry]).1
        var rows: [Row] = []
        var ends: [SteeringExperiment.Method: [SteeringExperiment.Outcome]] = [:]
        for (goal, target) in aims {
            let sweptEntry = entry(swept.concept, goal, target)
            let joint = try await outcome([sweptEntry, heldEntry]).0
            let sweptMoves = try await outcome([sweptEntry]).1
            let plain = try await run.outcome { _ in
                try run.meanDifferenceHooks(swept.concept.defaultLayers, goal, sweptMoves).followed(
                    by: run.meanDifferenceHooks(held.concept.defaultLayers, .add, heldMoves))
            }
            for (method, outcome) in [(SteeringExperiment.Method.gcav, joint), (.meanDifference, plain)] {
                ends[method, default: []].append(outcome)
                let count = Double(max(outcome.texts.count, 1))
                let shown = outcome.texts.enumerated().count { number, text in
                    swept.judge.isPositive(text, after: prompts[number / options.seeds])
                }
                rows.append(
                    Row(
                        method: method, goal: goal, target: target, swept: Double(shown) / count,
                        held: Double(outcome.positive.count { $0 }) / count,
                        example: outcome.texts.first ?? ""))
            }
        }
        func movement(_ method: SteeringExperiment.Method) -> Estimate {
            let outcomes = ends[method] ?? []
            return outcomes.last.flatMap { last in outcomes.first.map { run.shift(last, $0) } }
                ?? Estimate(value: .nan, low: .nan, high: .nan)
        }
        self.rows = rows
        self.heldTarget = heldTarget
        gcav = movement(.gcav)
        meanDifference = movement(.meanDifference)
    }
}
