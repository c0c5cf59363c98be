import VaneConcepts
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors
import VaneTokenizers

/// The rows of a comparison: every condition over the same prompts and seeds.
struct SteeringRows: Sendable {
    let work: ComparisonWork
    let generation: MethodComparison.Generation
    let concepts: [String: Result<Concept, any Error>]

    /// How many continuations a row keeps to look at.
    private static let shown = 3

    /// One thing to try.
    private struct Condition {
        let way: SteeringWay
        let goal: SteeringPlan.Goal
        let asked: Double?
    }

    private var conditions: [Condition] {
        var conditions: [Condition] = []
        for (number, divergence) in work.options.divergences.enumerated() {
            for way in work.options.ways {
                if way.isTransport {
                    // Dampening cannot bring a concept about.
                    if way.learner != SteeringWay.aura {
                        conditions.append(Condition(way: way, goal: .add, asked: divergence))
                    }
                    conditions.append(Condition(way: way, goal: .remove, asked: divergence))
                    continue
                }
                guard way.operation != .project else {
                    // It has no strength: once is enough, and it only takes out.
                    if number == 0 { conditions.append(Condition(way: way, goal: .remove, asked: nil)) }
                    continue
                }
                for goal in [SteeringPlan.Goal.add, .remove] {
                    conditions.append(Condition(way: way, goal: goal, asked: divergence))
                }
            }
        }
        return conditions
    }

    /// Runs all conditions.
    func all(progress: @escaping @Sendable (Double, String) -> Void) async throws -> [MethodComparison.Row] {
        let conditions = conditions
        let instructions = work.options.writing.instructions
        let total = conditions.count + 1 + instructions.count
        let run = SteeringExperiment.Run(
            prompts: generation.prompts, judge: generation.judge, engine: work.engine,
            options: work.options.writing, total: generation.prompts.count, progress: nil)
        progress(0, "unsteered")
        let base = try await run.outcome { _ in Hooks() }
        var rows = [row(nil, nil, base, base, run)]
        for goal in [SteeringPlan.Goal.add, .remove] {
            guard let instruction = instructions[goal] else { continue }
            progress(Double(rows.count) / Double(total), "asking in words")
            let outcome = try await run.outcome(instruction: instruction) { _ in Hooks() }
            rows.append(row(nil, goal, outcome, base, run))
        }
        for condition in conditions {
            try Task.checkCancellation()
            let cost = condition.asked.map { " at \($0) nats" } ?? ""
            progress(
                Double(rows.count) / Double(total), "\(condition.way), \(condition.goal.rawValue)\(cost)")
            rows.append(try await row(condition, base, run))
        }
        return rows
    }

    private func row(
        _ condition: Condition, _ base: SteeringExperiment.Outcome, _ run: SteeringExperiment.Run
    ) async throws -> MethodComparison.Row {
        do {
            if let asked = condition.asked, condition.way.isTransport {
                let found = try await transport(by: condition.way.learner, condition.goal, asked)
                let outcome = try await run.outcome { _ in found.hooks }
                return row(
                    condition.way, condition.goal, outcome, base, run, asked: asked, strength: found.strength,
                    cost: found.cost)
            }
            let found = try await strengths(condition)
            let plans = try found.map { finding, concept in
                try SteeringPlan([entry(condition, concept, finding?.strength)]).compile(
                    with: [concept], for: work.engine.model.network.layout)
            }
            let outcome = try await run.outcome { plans[$0 % plans.count].hooks }
            let costs = found.compactMap(\.finding?.measured)
            return row(
                condition.way, condition.goal, outcome, base, run, asked: condition.asked,
                strength: found.count == 1 ? found.first?.finding?.strength.description : nil,
                cost: costs.isEmpty ? nil : costs.reduce(0, +) / Double(costs.count))
        } catch let error where error is EvaluationError || error is SteeringError || error is ConceptError {
            return MethodComparison.Row(
                way: condition.way, goal: condition.goal, asked: condition.asked, strength: nil, cost: nil,
                rate: nil, shift: nil, perplexityRatio: nil, truePerplexityRatio: nil, repetition: nil,
                examples: [], failure: "\(error)")
        }
    }

    /// The concepts to steer by, each with the strength of the asked cost: one, or several of the random control.
    private func strengths(_ condition: Condition) async throws -> [(
        finding: StrengthSearch.Finding?, concept: Concept
    )] {
        var found: [(finding: StrengthSearch.Finding?, concept: Concept)] = []
        for concept in try concepts(for: condition.way) {
            guard let asked = condition.asked else {
                found.append((nil, concept))
                continue
            }
            let tokenizer = work.engine.model.tokenizer
            let search = try await StrengthSearch(
                SteeringPlan([entry(condition, concept, .divergence(asked))]), with: [concept],
                prompts: generation.calibration.map { tokenizer.encode($0) }, engine: work.engine,
                options: work.options.search)
            found.append((search.findings.first, concept))
        }
        return found
    }

    private func entry(_ condition: Condition, _ concept: Concept, _ strength: Strength?)
        -> SteeringPlan.Entry
    {
        // A direction that was trained at one block is used there.
        let sites = work.sites.filter { site in concept.layers.contains { $0.site == site } }
        return .steer(
            concept, condition.way.operation, strength, goal: condition.goal, at: sites,
            scope: work.options.writing.scope)
    }

    private func concepts(for way: SteeringWay) throws -> [Concept] {
        let id = way.learner == SteeringWay.random ? LogisticCAV().method.id : way.learner
        guard let learnt = concepts[id] else {
            throw EvaluationError(.unusableInput, "'\(id)' was not learnt")
        }
        let concept = try learnt.get()
        guard way.learner == SteeringWay.random else { return [concept] }
        return (0..<work.options.randomDirections).map { number in
            var generator = SeededGenerator(seed: 7, stream: UInt64(620 + number))
            let probes = concept.layers.map { layer in
                let direction = generator.unitVector(width: layer.steering.weights.count)
                return (
                    layer.site,
                    LinearProbe(
                        weights: direction.map { Float(Double($0) * layer.steering.norm) },
                        bias: layer.steering.bias)
                )
            }
            return concept.steered(
                by: Dictionary(probes) { first, _ in first }, from: "random direction \(number + 1)")
        }
    }

    private func row(
        _ way: SteeringWay?, _ goal: SteeringPlan.Goal?, _ outcome: SteeringExperiment.Outcome,
        _ base: SteeringExperiment.Outcome, _ run: SteeringExperiment.Run, asked: Double? = nil,
        strength: String? = nil, cost: Double? = nil
    ) -> MethodComparison.Row {
        let isKnown = outcome.likelihood.words > 0 && base.likelihood.words > 0
        return MethodComparison.Row(
            way: way, goal: goal, asked: asked, strength: strength, cost: cost,
            rate: Statistics.wilson(
                successes: outcome.positive.count { $0 }, of: outcome.positive.count),
            shift: goal == nil ? nil : run.shift(outcome, base),
            perplexityRatio: outcome.perplexity / base.perplexity,
            truePerplexityRatio: isKnown
                ? outcome.likelihood.perplexity / base.likelihood.perplexity : nil,
            repetition: outcome.meanRepetition,
            examples: Array(outcome.texts.prefix(Self.shown)), failure: nil)
    }
}
