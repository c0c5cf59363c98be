import VaneConcepts
public import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors
import VaneTokenizers

extension MethodComparison {
    /// What steering needs beside the examples.
    public struct Generation: Sendable {
        /// Texts to continue and report on.
        public var prompts: [String]
        /// Texts to search strengths on; none of them should be among the prompts.
        public var calibration: [String]
        /// Calls a continuation positive or not.
        public var judge: any TextJudge

        /// Prompts, calibration texts and a judge.
        public init(prompts: [String], calibration: [String], judge: any TextJudge) {
            self.prompts = prompts
            self.calibration = calibration
            self.judge = judge
        }
    }

    /// Compares.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - examples: what to learn from and to test on.
    ///   - generation: prompts and judge; only reading is compared if nil.
    ///   - engine: the model.
    ///   - options: what to compare and how.
    ///   - progress: called with a part of the work done, 0...1, and what is being done.
    /// - Throws: ``EvaluationError`` `unusableInput` without prompts, learners, costs or sites; errors of learning and
    ///   generation that do not belong to one method. What does is told in its row.
    public init(
        _ name: String, examples: ComparisonExamples, generation: Generation?, engine: Engine,
        options: Options = Options(), progress: (@Sendable (Double, String) -> Void)? = nil
    ) async throws {
        let layout = engine.model.network.layout
        let middle = (layout.depth / 4..<max(layout.depth / 4 + 1, layout.depth * 3 / 4)).map(Site.residual)
        let sites = options.sites ?? middle
        try Self.require(options, generation, sites)
        for site in sites { _ = try layout.width(of: site) }
        let work = ComparisonWork(
            name: name, examples: examples, engine: engine, options: options, sites: sites)

        let learning = generation == nil ? 1 : 0.2
        let ids = work.learnerIDs(forSteering: generation != nil)
        var concepts: [String: Result<Concept, any Error>] = [:]
        for (number, id) in ids.enumerated() {
            try Task.checkCancellation()
            progress?(learning * Double(number) / Double(ids.count), "learning by \(id)")
            concepts[id] = try await work.learn(id)
        }
        var readings: [Reading] = []
        for learner in options.learners {
            readings.append(try await work.reading(learner.method.id, concepts[learner.method.id]))
        }
        concept = name
        model = engine.model.identity.name
        teaching = examples.teaching.positive.count + examples.teaching.negative.count
        testing = examples.positiveTest.count + examples.negativeTest.count
        self.readings = readings
        self.sites = sites
        prompts = generation?.prompts ?? []
        judgeAccuracy = generation?.judge.accuracy
        guard let generation else {
            rows = []
            return
        }
        rows = try await SteeringRows(work: work, generation: generation, concepts: concepts)
            .all { progress?(learning + (1 - learning) * $0, $1) }
    }

    private static func require(_ options: Options, _ generation: Generation?, _ sites: [Site]) throws {
        guard !options.learners.isEmpty, !sites.isEmpty else {
            throw EvaluationError(.unusableInput, "a comparison takes at least one learner and one site")
        }
        guard let generation else { return }
        guard !generation.prompts.isEmpty, !generation.calibration.isEmpty else {
            throw EvaluationError(
                .unusableInput,
                "steering is compared on prompts and its strength searched on others; there are "
                    + "\(generation.prompts.count) and \(generation.calibration.count)")
        }
        guard !options.divergences.isEmpty, options.divergences.allSatisfy({ $0 > 0 && $0.isFinite }),
            !options.ways.isEmpty, options.randomDirections > 0
        else {
            throw EvaluationError(
                .unusableInput,
                "steering is compared by at least one way, at costs of a positive number of nats a token")
        }
    }
}

/// What the learners of a comparison share.
struct ComparisonWork: Sendable {
    let name: String
    let examples: ComparisonExamples
    let engine: Engine
    let options: MethodComparison.Options
    /// Where to steer.
    let sites: [Site]

    /// Learners first, then what steering needs besides; the random control is made, not learnt, for steering.
    func learnerIDs(forSteering: Bool) -> [String] {
        var ids = options.learners.map(\.method.id)
        guard forSteering else { return ids }
        let steered = options.ways.filter { !$0.isTransport }.map(\.learner).map {
            $0 == SteeringWay.random ? LogisticCAV().method.id : $0
        }
        for id in steered where !ids.contains(id) { ids.append(id) }
        return ids
    }

    /// The concept of a learner, or why it could not be learnt.
    func learn(_ id: String) async throws -> Result<Concept, any Error> {
        do {
            return .success(try await engine.perform { try learn(id, $0) })
        } catch let error as ConceptError {
            return .failure(error)
        }
    }

    private func learn(_ id: String, _ model: LanguageModel) throws -> Concept {
        let positive = examples.teaching.positive.map { model.tokenizer.encode($0) }
        let negative = examples.teaching.negative.map { model.tokenizer.encode($0) }
        let learner = Learners.learner(id: id) ?? LogisticCAV()
        // What trains through the network does so at one block, the middle one of those to steer at.
        let places = learner is any NetworkLearner ? [sites[sites.count / 2]] : nil
        // Texts of both classes stand for the language, for the learner that asks for a background.
        let concept = try ConceptLearner(learner, options.learning).learn(
            name, positive: positive, negative: negative, background: positive + negative,
            digest: examples.teaching.digest, start: model.endOfText.min(), at: places, in: model.network,
            model: model.identity)
        guard id == SteeringWay.gradient else { return concept }
        guard let network = model.network as? any DifferentiableNetwork else {
            throw ConceptError(.invalidOption, "\(model.identity.name) has no gradients to steer along")
        }
        return try NaturalGradient().steering(concept, positive: positive, negative: negative, in: network)
    }

    /// How the learner's best probe reads the test texts.
    func reading(_ id: String, _ learnt: Result<Concept, any Error>?) async throws
        -> MethodComparison.Reading
    {
        func nothing(_ reason: String) -> MethodComparison.Reading {
            MethodComparison.Reading(
                learner: id, site: nil, accuracy: nil, auroc: nil, shuffledAUROC: nil, isFound: false,
                failure: reason)
        }
        switch learnt {
        case nil: return nothing("it was not learnt")
        case .failure(let error): return nothing("\(error)")
        case .success(let concept):
            guard let best = concept.bestLayer else { return nothing("it has no layers") }
            let texts = examples.positiveTest + examples.negativeTest
            let truth = examples.positiveTest.map { _ in true } + examples.negativeTest.map { _ in false }
            let limit = engine.model.network.layout.maximumPositions
            let scores = try await engine.perform { model in
                try concept.score(
                    texts.map { Array(model.tokenizer.encode($0).prefix(limit)) }, at: best.site,
                    in: model.network)
            }
            var generator = SeededGenerator(seed: options.learning.seed, stream: 610)
            let right = zip(scores, truth).count { ($0 > 0.5) == $1 }
            return MethodComparison.Reading(
                learner: id, site: best.site,
                accuracy: Statistics.wilson(successes: right, of: truth.count),
                auroc: Statistics.auroc(
                    scores: scores, positive: truth, resamples: 500, generator: &generator),
                shuffledAUROC: best.result.shuffledAUROC.value, isFound: concept.verdict.isFound, failure: nil
            )
        }
    }
}
