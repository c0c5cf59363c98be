import Foundation
public import VaneConcepts
public import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors
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
        let work = Work(
            name: name, digest: examples.digest, positive: positive, negative: negative, engine: engine,
            options: options)
        let book = try journal.map { try Journal(path: $0, key: work.key) }

        let learnt = try await work.learnAll(from: parts.training) { progress?(0.2 * $0, $1) }
        let sites = learnt.values.first?.layers.map(\.site) ?? []
        var candidates = learnt.keys.sorted().flatMap { method in
            Self.runs(of: sites).flatMap { run in
                options.scopes.map { Candidate(method: method, sites: run, scope: $0) }
            }
        }
        var trials: [Trial] = []
        var reach: [Candidate: Double] = [:]
        var count = options.firstTexts
        var round = 0
        let most = max(parts.selection.positive.count, parts.selection.negative.count)
        while true {
            let isLast = count >= most || candidates.count <= 4
            let gauge = try await work.gauge(parts.selection, most: isLast ? most : count)
            var results: [Trial] = []
            for (number, candidate) in candidates.enumerated() {
                let part = Double(number) / Double(candidates.count)
                progress?(
                    0.2 + 0.7 * min(1, (Double(round) + part) / 3),
                    "round \(round + 1), trial \(number + 1) of \(candidates.count)")
                guard let concept = learnt[candidate.method] else { continue }
                let trial: Trial
                if let kept = book?.trial(candidate, round: round) {
                    trial = kept
                } else {
                    trial = try await work.trial(
                        candidate, concept, gauge, round: round, start: reach[candidate] ?? 1)
                    try book?.add(trial)
                }
                reach[candidate] = trial.reach
                results.append(trial)
            }
            trials += results
            let ranked = results.filter { $0.cost <= 2 * options.budget && $0.gain.isFinite }.sorted {
                $0.matchedGain > $1.matchedGain
            }
            let gradient = ranked.first { $0.candidate.method == Work.gradient }
            guard let best = ranked.first else {
                throw EvaluationError(
                    .unusableInput,
                    "nothing that was tried stays within \(options.budget) nats a token; give a larger budget"
                )
            }
            if isLast {
                chosen =
                    gradient.flatMap { $0.matchedGain >= best.matchedGain - best.error ? $0 : nil } ?? best
                break
            }
            candidates = ranked.prefix(max(3, candidates.count / 3)).map(\.candidate)
            if let kept = gradient?.candidate, !candidates.contains(kept) { candidates.append(kept) }
            count *= 3
            round += 1
        }
        self.trials = trials

        progress?(0.92, "learning the choice from all but the report's examples")
        let full = try await work.learn(
            chosen.candidate.method, from: [parts.training, parts.selection])
        let selection = try await work.gauge(parts.selection, most: most)
        let fitted = try await work.trial(
            chosen.candidate, full, selection, round: round, start: chosen.reach, steps: 8)
        concept = full.reaching(fitted.reach).steered(at: chosen.candidate.sites)
        let report = try await work.gauge(parts.report, most: .max)
        let own = try await work.effects(
            of: full.reaching(fitted.reach), chosen.candidate, gauge: report)
        reportedGain = Work.estimate(own, seed: options.learning.seed)
        reportedCost = Work.cost(own)
        reportedTexts = own.count / 2
        let random = try await work.learn([RandomDirection()], from: [parts.training, parts.selection])
        guard let random = random.values.first else {
            throw EvaluationError(.unusableInput, "there is no random control")
        }
        let control = try await work.trial(
            chosen.candidate, random, selection, round: round, start: fitted.reach, steps: 8)
        randomGain = Work.estimate(
            try await work.effects(of: random.reaching(control.reach), chosen.candidate, gauge: report),
            seed: options.learning.seed)
        progress?(1, "done")
    }
}

extension Concept {
    /// The concept with steering probes for which the way from the boundary to a target is `factor` times as long.
    func reaching(_ factor: Double) -> Concept {
        let probes = layers.map { layer in
            (
                layer.site,
                LinearProbe(
                    weights: layer.steering.weights.map { Float(Double($0) / factor) },
                    bias: Float(Double(layer.steering.bias) / factor))
            )
        }
        let digits = String(format: "%.3g", factor)
        return steered(
            by: Dictionary(uniqueKeysWithValues: probes),
            from: "\(provenance.steering ?? provenance.method), reach × \(digits)")
    }
}

/// What all trials of a selection share.
private struct Work: Sendable {
    typealias Part = (positive: [Int], negative: [Int])
    static let gradient = "natural-gradient"

    let name: String
    let digest: String
    let positive: [[Int]]
    let negative: [[Int]]
    let engine: Engine
    let options: MethodSelection.Options

    /// What trials depend on.
    var key: String {
        let learners = options.learners.map(\.method.id).joined(separator: " ")
        let learning = options.learning
        return [
            digest, engine.model.identity.fingerprint, learners, "\(options.includesGradient)",
            options.scopes.map(\.rawValue).joined(separator: " "), "\(options.target)", "\(options.budget)",
            "\(options.firstTexts)", "\(learning.pooling)", "\(learning.isPaired)", "\(learning.seed)",
        ].joined(separator: "; ")
    }

    /// The concepts of all methods, by their ids.
    func learnAll(from part: Part, progress: (@Sendable (Double, String) -> Void)?) async throws
        -> [String: Concept]
    {
        var concepts = try await learn(options.learners, from: [part]) { progress?(0.8 * $0, $1) }
        if options.includesGradient, engine.model.network is any DifferentiableNetwork {
            progress?(0.8, "taking gradients")
            concepts[Self.gradient] = try await learnGradient(from: [part])
        }
        return concepts
    }

    /// The concept of one method.
    func learn(_ method: String, from parts: [Part]) async throws -> Concept {
        if method == Self.gradient { return try await learnGradient(from: parts) }
        let learners = options.learners.filter { $0.method.id == method }
        guard let concept = try await learn(learners, from: parts)[method] else {
            throw EvaluationError(.unusableInput, "there is no method '\(method)'")
        }
        return concept
    }

    func learn(
        _ learners: [any Learner], from parts: [Part],
        progress: (@Sendable (Double, String) -> Void)? = nil
    ) async throws -> [String: Concept] {
        var concepts: [String: Concept] = [:]
        for (number, learner) in learners.enumerated() {
            progress?(Double(number) / Double(learners.count), "learning by \(learner.method.name)")
            concepts[learner.method.id] = try await engine.perform { model in
                try ConceptLearner(learner, options.learning).learn(
                    name, positive: texts(parts, true), negative: texts(parts, false), digest: digest,
                    in: model.network, model: model.identity)
            }
        }
        return concepts
    }

    /// The natural gradient, under the default reader.
    private func learnGradient(from parts: [Part]) async throws -> Concept {
        try await engine.perform { model in
            let reader = try ConceptLearner(LogisticCAV(), options.learning).learn(
                name, positive: texts(parts, true), negative: texts(parts, false), digest: digest,
                in: model.network, model: model.identity)
            guard let network = model.network as? any DifferentiableNetwork else { return reader }
            let learner = NaturalGradient()
            let probes = try learner.probes(
                positive: texts(parts, true), negative: texts(parts, false),
                at: reader.layers.map(\.site), in: network)
            return reader.steered(by: probes, from: "natural gradient, damping \(learner.damping)")
        }
    }

    private func texts(_ parts: [Part], _ shown: Bool) -> [[Int]] {
        parts.flatMap { shown ? $0.positive : $0.negative }.map { shown ? positive[$0] : negative[$0] }
    }

    /// The texts of a part, at most so many a class.
    func gauge(_ part: Part, most: Int) async throws -> SteeringGauge {
        let limit = engine.model.network.layout.maximumPositions
        func texts(_ numbers: [Int], _ all: [[Int]], _ isPositive: Bool) -> [SteeringGauge.Text] {
            numbers.prefix(most).map {
                SteeringGauge.Text(tokens: Array(all[$0].prefix(limit)), isPositive: isPositive)
            }
        }
        return try await SteeringGauge(
            texts(part.positive, positive, true) + texts(part.negative, negative, false), engine: engine)
    }

    /// Adding and removing, one after the other: first what adding did to each text, then what removing did with its gain's
    /// sign turned.
    func effects(of concept: Concept, _ candidate: MethodSelection.Candidate, gauge: SteeringGauge)
        async throws
        -> [SteeringGauge.Effect]
    {
        var effects: [SteeringGauge.Effect] = []
        for goal in [SteeringPlan.Goal.add, .remove] {
            let entry = SteeringPlan.Entry(
                concept: concept.name, goal: goal,
                target: goal == .add ? options.target : 1 - options.target, sites: candidate.sites,
                scope: candidate.scope)
            let plan = try SteeringPlan([entry]).compile(
                with: [concept], for: engine.model.network.layout)
            effects += try await gauge.effects(of: plan.hooks).map {
                SteeringGauge.Effect(
                    isPositive: $0.isPositive, gain: goal == .add ? $0.gain : -$0.gain, cost: $0.cost)
            }
        }
        return effects
    }

    /// Finds the reach that costs the budget, in a few steps: the cost grows about with its square.
    func trial(
        _ candidate: MethodSelection.Candidate, _ concept: Concept, _ gauge: SteeringGauge, round: Int,
        start: Double, steps: Int = 4
    ) async throws -> MethodSelection.Trial {
        var reach = start
        var best: MethodSelection.Trial?
        func distance(_ trial: MethodSelection.Trial) -> Double {
            trial.cost > 0 && trial.cost.isFinite ? abs(log(trial.cost / options.budget)) : .infinity
        }
        for _ in 0..<steps {
            let effects = try await effects(of: concept.reaching(reach), candidate, gauge: gauge)
            let trial = MethodSelection.Trial(
                candidate: candidate, round: round, texts: effects.count / 2, reach: reach,
                cost: Self.cost(effects), gain: Self.gain(effects), error: Self.error(effects),
                budget: options.budget)
            if best.map({ distance(trial) < distance($0) }) ?? true { best = trial }
            guard distance(trial) > 0.1 else { break }
            let factor =
                trial.cost.isFinite && trial.cost > 0
                ? (options.budget / trial.cost).squareRoot() : trial.cost == 0 ? 8 : 0.125
            reach *= min(8, max(0.125, factor))
        }
        return best
            ?? MethodSelection.Trial(
                candidate: candidate, round: round, texts: 0, reach: reach, cost: .infinity, gain: 0,
                error: 0,
                budget: options.budget)
    }

    static func cost(_ effects: [SteeringGauge.Effect]) -> Double {
        effects.reduce(0) { $0 + $1.cost } / Double(max(effects.count, 1))
    }

    /// Mean over the positive less mean over the negative texts.
    static func gain(_ effects: [SteeringGauge.Effect]) -> Double {
        func mean(_ wanted: Bool) -> Double {
            let gains = effects.filter { $0.isPositive == wanted }.map(\.gain)
            return gains.reduce(0, +) / Double(max(gains.count, 1))
        }
        return mean(true) - mean(false)
    }

    /// Each text's gains of both directions averaged, one list a class.
    private static func gains(_ effects: [SteeringGauge.Effect]) -> [[Double]] {
        let half = effects.count / 2
        return [true, false].map { wanted in
            (0..<half).filter { effects[$0].isPositive == wanted }.map {
                (effects[$0].gain + effects[half + $0].gain) / 2
            }
        }
    }

    static func error(_ effects: [SteeringGauge.Effect]) -> Double {
        gains(effects).reduce(0.0) { sum, gains in
            let count = Double(gains.count)
            guard count > 1 else { return .infinity }
            let mean = gains.reduce(0, +) / count
            return sum + gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count
        }.squareRoot()
    }

    /// The gain with a bootstrap interval over the texts, each class resampled on its own.
    static func estimate(_ effects: [SteeringGauge.Effect], seed: UInt64) -> Estimate {
        let classes = gains(effects)
        var generator = SeededGenerator(seed: seed, stream: 700)
        let samples = (0..<2000).map { _ in
            let means = classes.map { gains in
                gains.indices.reduce(0.0) { sum, _ in sum + gains[generator.integer(below: gains.count)] }
                    / Double(max(gains.count, 1))
            }
            return means[0] - means[1]
        }
        return Estimate(
            value: gain(effects), low: Statistics.quantile(samples, 0.025),
            high: Statistics.quantile(samples, 0.975))
    }
}
