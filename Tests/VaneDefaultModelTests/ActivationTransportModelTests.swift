import Testing
import VaneConcepts
import VaneDefaultModel
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Activation transport and dampened experts on the built-in model")
struct ActivationTransportModelTests {
    private let model: BuiltIn

    init() throws { model = try BuiltIn() }

    private func hooks(_ maps: [Site: TransportMap], _ strength: Double = 1) throws -> Hooks {
        try SteeringPlan(SteeringPlan.transport(maps, named: "t", strength: strength))
            .compile(with: [], for: model.network.layout).hooks
    }

    /// Shifts as long as those of `maps` on average states, in random directions.
    private func random(_ maps: [Site: TransportMap], _ source: [[Int]]) throws -> [Site: TransportMap] {
        let means = try Harvest(source, at: Array(maps.keys), in: model.network, pooling: .mean).activations
        var generator = SeededGenerator(seed: 17)
        var result: [Site: TransportMap] = [:]
        for (site, map) in maps.sorted(by: { $0.key < $1.key }) {
            let rows = try #require(means[site])
            let (values, width) = (rows.elements, rows.shape[1])
            let shift = (0..<width).map { j in
                let mean =
                    stride(from: j, to: values.count, by: width).reduce(0) { $0 + values[$1] }
                    / Float(values.count / width)
                return (map.scale[j] - 1) * mean + map.offset[j]
            }
            let size = Float(length(shift))
            result[site] = TransportMap(
                scale: [Float](repeating: 1, count: width),
                offset: generator.unitVector(width: width).map { size * $0 })
        }
        return result
    }

    @Test(
        "the concept's rate rises with λ of simultaneous maps; along a random map it does not; λ = 0 is no edit",
        .tags(.planted, .slow), arguments: ["sentiment", "film", "formality", "politeness"])
    func rates(_ name: String) async throws {
        // Simultaneous maps were chosen on "sentiment" and "film" with the prompts of seed 5; causal ones,
        // which do not add up, hardly move this model. The other concepts and the prompts of seed 8 confirm
        // it.
        let continuations = try Continuations(name, in: model, seed: 8)
        let examples = try continuations.examples(200)
        let sites = (0..<5).map(Site.residual)
        func maps(
            _ form: ActivationTransport.Form, _ estimation: ActivationTransport.Estimation
        ) throws -> [Site: TransportMap] {
            try ActivationTransport(form, estimation: estimation).maps(
                from: examples.negative, to: examples.positive, at: sites, in: model.network)
        }
        let linear = try maps(.linear, .simultaneous)
        let prompt = model.tokens("One day, the old teacher")
        #expect(
            try bitPatterns(model.logits(prompt, hooks(linear, 0))) == bitPatterns(model.logits(prompt)))
        let strengths = [0, 0.2, 0.4, 0.6, 0.8, 1]
        var results: [Continuations.Result] = []
        for strength in strengths { results.append(try await continuations.measure(hooks(linear, strength))) }
        let correlation = spearman(strengths, results.map(\.rate))
        print("\(name): linear simultaneous over λ \(results.map(\.description)), Spearman \(correlation)")
        for form in ActivationTransport.Form.allCases {
            for estimation in ActivationTransport.Estimation.allCases {
                let result = try await continuations.measure(hooks(maps(form, estimation)))
                print("\(name): \(form) \(estimation) \(result)")
            }
        }
        let control = try await continuations.measure(hooks(random(linear, examples.negative)))
        print("\(name): random \(control)")
        let gain = results[5].rate - results[0].rate
        #expect(correlation >= 0.9)
        #expect(gain > 0.15 && gain > abs(control.rate - results[0].rate) + 0.1)
    }

    @Test(
        "known limit: dampened experts leave the language and hardly move the concept, on a model with few of them",
        .tags(.planted, .slow), arguments: ["sentiment", "film"])
    func experts(_ name: String) async throws {
        let continuations = try Continuations(name, in: model)
        let examples = try continuations.examples(200)
        let sites = (0..<model.network.layout.depth).map(Site.mlpHidden)
        let maps = try AurA().maps(
            concept: examples.positive, others: examples.negative, at: sites, in: model.network)
        var generator = SeededGenerator(seed: 19)
        let mixed = generator.shuffled(examples.positive + examples.negative)
        let shuffled = try AurA().maps(
            concept: Array(mixed[..<200]), others: Array(mixed[200...]), at: sites, in: model.network)
        // The same factors on other neurons.
        let misplaced = maps.sorted { $0.key < $1.key }.map { site, map in
            (site, TransportMap(scale: generator.shuffled(map.scale), offset: map.offset))
        }
        let misplacedMaps = Dictionary(misplaced) { first, _ in first }
        func mean(_ maps: [Site: TransportMap]) -> Float {
            let all = maps.values.flatMap(\.scale)
            return all.reduce(0, +) / Float(all.count)
        }
        let results = [
            try await continuations.measure(Hooks()), try await continuations.measure(hooks(maps)),
            try await continuations.measure(hooks(shuffled)),
            try await continuations.measure(hooks(misplacedMaps)),
        ]
        print(
            "\(name): plain \(results[0]), dampened \(results[1]) (mean factor \(mean(maps))), shuffled \(results[2]) "
                + "(mean factor \(mean(shuffled))), misplaced \(results[3])")
        #expect(abs(results[1].rate - results[0].rate) < 0.1, "with an effect, ask for the fall here")
        #expect(results[1].perplexity < 1.5 * results[0].perplexity)
    }
}
