import Foundation
import VaneConcepts
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors

/// What all trials of a selection share.
struct SelectionWork: Sendable {
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
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let learning = String(decoding: try encoder.encode(options.learning), as: UTF8.self)
            return [
                VaneVersion.current, digest, engine.model.identity.fingerprint,
                options.learners.map(\.method.id).joined(separator: " "), "\(options.includesGradient)",
                options.scopes.map(\.rawValue).joined(separator: " "), "\(options.target)",
                "\(options.budget)", "\(options.firstTexts)", "\(options.maximumWork)", learning,
            ].joined(separator: "; ")
        }
    }

    /// The concepts of all methods, by their ids.
    func learnAll(from part: Part, progress: (@Sendable (Double, String) -> Void)?) async throws
        -> [String: Concept]
    {
        let isDifferentiable = engine.model.network is any DifferentiableNetwork
        let steps = Double(options.learners.count + 1)
        var concepts: [String: Concept] = [:]
        for (number, learner) in options.learners.enumerated() {
            progress?(Double(number) / steps, "learning by \(learner.method.name)")
            concepts[learner.method.id] = try await learn(learner, from: [part])
        }
        if options.includesGradient && isDifferentiable {
            progress?((steps - 1) / steps, "taking gradients")
            let learnt = concepts[LogisticCAV().method.id]
            let reader = if let learnt { learnt } else { try await learn(LogisticCAV(), from: [part]) }
            concepts[Self.gradient] = try await learnGradient(from: [part], reader: reader)
        }
        return concepts
    }

    /// The concept of one method; `reader` is what `LogisticCAV` learnt from the same parts.
    func learn(_ method: String, from parts: [Part], reader: Concept) async throws -> Concept {
        if method == LogisticCAV().method.id { return reader }
        if method == Self.gradient { return try await learnGradient(from: parts, reader: reader) }
        guard let learner = options.learners.first(where: { $0.method.id == method }) else {
            throw EvaluationError(.unusableInput, "there is no method '\(method)'")
        }
        return try await learn(learner, from: parts)
    }

    func learn(_ learner: any Learner, from parts: [Part]) async throws -> Concept {
        try await engine.perform { model in
            try ConceptLearner(learner, options.learning).learn(
                name, positive: texts(parts, true), negative: texts(parts, false), digest: digest,
                in: model.network, model: model.identity)
        }
    }

    /// The natural gradient under a reader.
    private func learnGradient(from parts: [Part], reader: Concept) async throws -> Concept {
        try await engine.perform { model in
            guard let network = model.network as? any DifferentiableNetwork else { return reader }
            return try NaturalGradient().steering(
                reader, positive: texts(parts, true), negative: texts(parts, false), in: network)
        }
    }

    private func texts(_ parts: [Part], _ shown: Bool) -> [[Int]] {
        parts.flatMap { shown ? $0.positive : $0.negative }.map { shown ? positive[$0] : negative[$0] }
    }

    /// The texts of a part, at most so many a class.
    func gauge(_ part: Part, most: Int = .max) async throws -> SteeringGauge {
        let limit = engine.model.network.layout.maximumPositions
        func texts(_ numbers: [Int], _ all: [[Int]], _ isPositive: Bool) -> [SteeringGauge.Text] {
            numbers.prefix(most).map {
                let tokens = Array(all[$0].prefix(limit))
                return SteeringGauge.Text(
                    tokens: tokens, promptLength: max(1, tokens.count / 3), isPositive: isPositive)
            }
        }
        return try await SteeringGauge(
            texts(part.positive, positive, true) + texts(part.negative, negative, false), engine: engine)
    }

    /// Successive halving among the runs of sites and scopes of all concepts.
    func select(
        among learnt: [String: Concept], on part: Part, _ book: Journal?,
        progress: (Double, String) -> Void
    ) async throws -> [MethodSelection.Trial] {
        let sites = learnt.values.first?.layers.map(\.site) ?? []
        var candidates = affordable(
            learnt.keys.sorted().map { method in
                let own = learnt[method].map { [$0.defaultSites] } ?? []
                let runs = MethodSelection.runs(of: sites)
                return (runs + own.filter { !runs.contains($0) }).flatMap { run in
                    options.scopes.map { MethodSelection.Candidate(method: method, sites: run, scope: $0) }
                }
            })
        var trials: [MethodSelection.Trial] = []
        var reach: [MethodSelection.Candidate: Double] = [:]
        var count = options.firstTexts
        for round in 0... {
            let isLast = count >= max(part.positive.count, part.negative.count) || candidates.count <= 4
            let gauge = try await gauge(part, most: isLast ? .max : count)
            var results: [MethodSelection.Trial] = []
            for (number, candidate) in candidates.enumerated() {
                let done = Double(round) + Double(number) / Double(candidates.count)
                progress(min(1, done / 3), "round \(round + 1), trial \(number + 1) of \(candidates.count)")
                guard let concept = learnt[candidate.method] else { continue }
                let kept = book?.trial(candidate, round: round)
                let trial: MethodSelection.Trial
                if let kept {
                    trial = kept
                } else {
                    trial = try await self.trial(
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
            guard !ranked.isEmpty else { break }
            if isLast { return trials }
            candidates = ranked.prefix(max(3, candidates.count / 3)).map(\.candidate)
            count *= 3
        }
        throw EvaluationError(
            .unusableInput,
            "nothing that was tried stays within \(options.budget) nats a token; give a larger budget")
    }

    /// The trials to decide among by writing: the best of each method and the best three of the last round, best first.
    func finalists(_ trials: [MethodSelection.Trial]) -> [MethodSelection.Trial] {
        let usable = trials.filter { $0.cost > 0 && $0.cost <= 2 * options.budget && $0.gain.isFinite }
        let ranked = usable.sorted { ($0.round, $0.matchedGain) > ($1.round, $1.matchedGain) }
        var methods: Set<String> = []
        var seen: Set<MethodSelection.Candidate> = []
        return ranked.enumerated().filter { place, trial in
            let isNew = methods.insert(trial.candidate.method).inserted
            return (place < 3 || isNew) && seen.insert(trial.candidate).inserted
        }.map(\.element)
    }

    /// Multiplications and additions that a token takes, about.
    static func workOfToken(_ layout: NetworkLayout) -> Double {
        let block = layout.width * (4 * layout.width + 3 * layout.mlpWidth)
        return 2 * Double(layout.depth * block + layout.vocabulary * layout.width)
    }

    /// As many candidates as the work allowed for the first round pays, drawn evenly from the methods, at least two each.
    private func affordable(_ methods: [[MethodSelection.Candidate]]) -> [MethodSelection.Candidate] {
        let lengths = (positive + negative).map(\.count)
        let text = Double(lengths.reduce(0, +)) / Double(max(1, lengths.count))
        // Some four steps, each adding and removing on texts of both classes; three rounds cost about the same.
        let trial =
            Self.workOfToken(engine.model.network.layout) * text * Double(options.firstTexts) * 2 * 2 * 4
        let each = max(2, Int(options.maximumWork / 3 / trial) / max(1, methods.count))
        var generator = SeededGenerator(seed: options.learning.seed, stream: 501)
        return methods.flatMap { candidates in
            guard candidates.count > each else { return candidates }
            let drawn = Set(generator.shuffled(candidates.indices).prefix(each))
            return candidates.indices.filter(drawn.contains).map { candidates[$0] }
        }
    }

    /// Adding and removing, one after the other: first what adding did to each text, then what removing did with its gain's
    /// sign turned.
    func effects(of concept: Concept, _ candidate: MethodSelection.Candidate, gauge: SteeringGauge)
        async throws
        -> [SteeringGauge.Effect]
    {
        var effects: [SteeringGauge.Effect] = []
        for goal in [SteeringPlan.Goal.add, .remove] {
            let plan = try SteeringPlan([candidate.entry(for: concept, goal, target: options.target)])
                .compile(with: [concept], for: engine.model.network.layout)
            effects += try await gauge.effects(of: plan.hooks).map {
                var effect = $0
                if goal == .remove { effect.gain = -effect.gain }
                return effect
            }
        }
        return effects
    }

    /// Finds the reach that costs the budget, in a few steps: the cost grows about with its square.
    func trial(
        _ candidate: MethodSelection.Candidate, _ concept: Concept, _ gauge: SteeringGauge, round: Int,
        start: Double, steps: Int = 4, budget: Double? = nil
    ) async throws -> MethodSelection.Trial {
        let budget = budget ?? options.budget
        var reach = start
        var best: MethodSelection.Trial?
        func distance(_ trial: MethodSelection.Trial) -> Double {
            trial.cost > 0 && trial.cost.isFinite ? abs(log(trial.cost / budget)) : .infinity
        }
        for _ in 0..<steps {
            let effects = try await effects(of: concept.reaching(reach), candidate, gauge: gauge)
            let trial = MethodSelection.Trial(
                candidate: candidate, round: round, texts: effects.count / 2, reach: reach,
                cost: effects.cost, gain: effects.gain, error: effects.standardError,
                budget: budget)
            if best.map({ distance(trial) < distance($0) }) ?? true { best = trial }
            guard distance(trial) > 0.1 else { break }
            let factor =
                trial.cost.isFinite && trial.cost > 0
                ? (budget / trial.cost).squareRoot() : trial.cost == 0 ? 8 : 0.125
            reach *= min(8, max(0.125, factor))
        }
        return best
            ?? MethodSelection.Trial(
                candidate: candidate, round: round, texts: 0, reach: reach, cost: .infinity, gain: 0,
                error: 0,
                budget: budget)
    }
}
