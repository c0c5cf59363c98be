import Vane

/// How bets on concepts went.
struct BetReport: Encodable, Sendable {
    struct Request: Sendable {
        let concepts: [Concept]
        let token: [String]
        let against: [String]
        let texts: [String]
        let ending: String
        var site: Site?
        var orders = 20
        var level = 0.05
        var seed: UInt64 = 0
        var sample: String?
    }

    /// One score's bets.
    struct Score: Encodable, Sendable {
        let name: String
        let site: Site
        let isControl: Bool
        /// The step at which the first order rejected that it does not matter; nil if it did not.
        let rejectedAt: Int?
        /// Its steps in all orders, the number of steps there are where it was not rejected.
        let steps: [Int]
        /// In how many orders it was rejected.
        let rejected: Int
        /// In how many orders it is among the discoveries at the false discovery rate.
        let discovered: Int
        /// The wealth in the first order after each step.
        let wealths: [Double]
        /// The test given the other concepts: the step of rejection in each order, nil where not rejected;
        /// none for one concept
        /// alone or controls.
        let given: [Int?]
        /// The test on one text: in each round of draws the draw that set its prediction apart, nil where
        /// none did.
        let sample: [Int?]

        var median: Double { Statistics.quantile(steps.map(Double.init), 0.5) }
    }

    let tokens: [String]
    let against: [String]
    let texts: Int
    let orders: Int
    let level: Double
    /// Steps that a test without rejection takes.
    let steps: Int
    let givenSteps: Int
    let sample: String?
    private(set) var scores: [Score]

    init(
        _ request: Request, _ objective: Objective, in model: LanguageModel,
        progress: @escaping (Double, String) -> Void
    ) throws {
        let network = model.network
        let ending = model.tokenizer.encode(request.ending)
        let room = max(1, network.layout.maximumPositions - ending.count)
        func tokens(_ text: String) -> [Int] { Array(model.tokenizer.encode(text).prefix(room)) }
        let texts = request.texts.map(tokens).filter { !$0.isEmpty }
        guard texts.count >= 100 else {
            throw EvidenceError(
                .unusableInputs,
                "bets take at least 100 texts, one payoff for two of them; there are \(texts.count)")
        }
        let layers = try request.concepts.map { concept in
            if let site = request.site { return try concept.layer(at: site) }
            guard let best = concept.bestLayer else {
                throw ConceptError(.unknownSite, "the concept '\(concept.name)' holds no layers")
            }
            return best
        }
        progress(0, "reading texts")
        let outputs = try objective.values(of: texts.map { $0 + ending }, in: network)
        progress(0.2, "reading texts")
        // One number a text, read as the concept's examples were.
        let poolings = request.concepts.map(\.provenance.options.pooling).map { $0 == .tokens ? .mean : $0 }
        var generator = SeededGenerator(seed: request.seed, stream: 750)
        let control = layers[0].site
        let width = try network.layout.width(of: control)
        let random = (0..<3).map { _ in generator.unitVector(width: width) }
        func read(_ texts: [[Int]]) throws -> [[Double]] {
            func rows(_ site: Site, _ pooling: Pooling) throws -> [[Float]] {
                let harvest = try Harvest(texts, at: [site], in: network, pooling: pooling)
                guard let matrix = harvest.activations[site] else { return [] }
                let (values, width) = (matrix.elements, matrix.width)
                return texts.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
            }
            let own = try zip(layers, poolings).map { layer, pooling in
                try rows(layer.site, pooling).map { layer.probe.logit($0) }
            }
            let drawn = try rows(control, .mean)
            let columns =
                own
                + random.map { direction in
                    drawn.map { row in zip(direction, row).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
                }
            return texts.indices.map { text in columns.map { $0[text] } }
        }
        let scores = try read(texts)
        progress(0.4, "betting")
        let names = request.concepts.map(\.name) + (1...3).map { "random direction \($0)" }
        let count = layers.count
        // Betting goes on beyond 1/level, so that enough is won for many discoveries.
        var test = SKIT()
        test.level = request.level / Double(names.count)
        var results: [[BettingResult]] = []
        var given = [[Int?]](repeating: [], count: names.count)
        let pool = texts.count * 2 / 5
        var conditional = ConditionalSKIT()
        (conditional.level, conditional.seed) = (request.level, request.seed)
        for number in 0..<request.orders {
            let order = generator.shuffled(texts.indices)
            let (drawn, shown) = (order.map { outputs[$0] }, order.map { scores[$0] })
            let orderTest = test
            results.append(
                try Array(names.indices).parallelMap { concept in
                    try orderTest.test(outputs: drawn, scores: shown.map { $0[concept] })
                })
            if count > 1, pool >= 50 {
                let concepts = shown.map { Array($0[..<count]) }
                let sampler = try ConditionalSampler(pool: Array(concepts[..<pool]))
                let conditionalTest = conditional
                let found = try Array(0..<count).parallelMap { concept in
                    try conditionalTest.test(
                        concept, outputs: Array(drawn[pool...]), scores: Array(concepts[pool...]),
                        sampler: sampler)
                }
                for (concept, result) in found.enumerated() { given[concept].append(result.rejectedAt) }
            }
            progress(0.4 + 0.6 * Double(number + 1) / Double(request.orders), "betting")
        }
        var local = [[Int?]](repeating: [], count: names.count)
        if let sample = request.sample {
            let own = try read([tokens(sample)])[0]
            // Draws beyond those that there are say more of the pool than of the model.
            let sampler = try ConditionalSampler(
                pool: scores, effectiveSamples: max(20, Double(texts.count) / 5), regresses: false)
            var test = SampleSKIT()
            test.level = request.level
            for round in 0..<request.orders {
                test.seed = request.seed &+ UInt64(round)
                for concept in names.indices {
                    local[concept].append(
                        try test.test(concept, scores: own, sampler: sampler, outputs: outputs).rejectedAt)
                }
            }
        }
        let steps = texts.count / 2
        let discoveries = results.map { order in
            Set(BettingTest.discoveries(order.map(\.wealth), level: request.level))
        }
        self.scores = names.indices.map { concept in
            let ends = results.map { $0[concept].rejection(at: request.level) }
            return Score(
                name: names[concept], site: concept < count ? layers[concept].site : control,
                isControl: concept >= count, rejectedAt: ends[0],
                steps: ends.map { $0 ?? steps }, rejected: ends.count { $0 != nil },
                discovered: discoveries.count { $0.contains(concept) }, wealths: results[0][concept].wealths,
                given: given[concept], sample: local[concept])
        }
        (self.tokens, against) = (request.token, request.against)
        (self.texts, orders, level) = (texts.count, request.orders, request.level)
        (self.steps, givenSteps, sample) = (steps, texts.count - pool, request.sample)
    }
}
