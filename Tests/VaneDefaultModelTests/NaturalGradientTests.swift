import Testing
import VaneConcepts
import VaneDefaultModel
import VaneGeneration
import VaneModels
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport
import VaneTokenizers

@Suite("Natural gradient")
struct NaturalGradientTests {
    private let site = Site.residual(3)

    /// Texts that the built-in model writes while `direction` is added to every state.
    private func texts(_ engine: Engine, _ direction: [Float], _ strength: Double, _ count: Int) async throws
        -> [[Int]]
    {
        var hooks = Hooks()
        hooks.add(AdditionEdit(of: direction, strength: strength, scope: .all), at: site)
        let prompts = ["The", "One day,", "I", "In the morning,", "She"].map {
            engine.model.tokenizer.encode($0)
        }
        let requests = (0..<count).map { number in
            GenerationRequest(
                prompt: prompts[number % prompts.count], maximumTokens: 24,
                sampling: SamplingOptions(temperature: 1, seed: UInt64(number) + (strength > 0 ? 0 : 10_000)),
                hooks: hooks)
        }
        let generations = try await engine.generate(requests, batchSize: 50) { _ in }
        return zip(requests, generations).map { $0.prompt + $1.tokens }
    }

    @Test(
        "texts written while a direction was added give it back, better than the plain gradient; shuffled classes do not",
        .tags(.planted, .slow), arguments: [1, 2])
    func planted(_ seed: UInt64) async throws {
        let engine = Engine(try DefaultModel.load())
        let network = try #require(engine.model.network as? any DifferentiableNetwork)
        var generator = SeededGenerator(seed: seed, stream: 99)
        let truth = generator.unitVector(width: network.layout.width)
        let shown = try await texts(engine, truth, 12, 400)
        let hidden = try await texts(engine, truth, -12, 400)
        func probe(_ positive: [[Int]], _ negative: [[Int]], damping: Double = 0.1) throws -> LinearProbe {
            let probes = try NaturalGradient(damping: damping).probes(
                positive: positive, negative: negative, at: [site], in: network)
            return try #require(probes[site])
        }
        func cosine(_ probe: LinearProbe) -> Double {
            zip(probe.direction, truth).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let natural = try probe(shown, hidden)
        // With the Fisher matrix drowned the direction is the plain gradient's.
        let plain = try probe(shown, hidden, damping: 1e6)
        let mixed = generator.shuffled(shown + hidden)
        let control = try probe(Array(mixed.prefix(400)), Array(mixed.suffix(400)))

        print("cosine \(cosine(natural)), plain gradient \(cosine(plain)), shuffled \(cosine(control))")
        #expect(cosine(natural) > 0.5 && cosine(natural) > cosine(plain) + 0.02)
        #expect(abs(cosine(control)) < 0.2)

        // The way to 0.99 costs the texts what it was to cost.
        func likelihood(_ strength: Double) throws -> Double {
            var hooks = Hooks()
            hooks.add(AdditionEdit(of: natural.direction, strength: strength, scope: .all), at: site)
            let scores = try engine.model.logProbabilities(of: shown + hidden, hooks: hooks).joined()
            return scores.reduce(0, +) / Double(scores.count)
        }
        let way = LinearProbe.logit(ofProbability: 0.99) / natural.norm
        let cost = try likelihood(0) - (likelihood(way) + likelihood(-way)) / 2
        print("cost of the way to 0.99: \(cost) nats a token")
        #expect(cost > 0.005 && cost < 0.02)
    }

    /// Texts of random tokens, of several lengths.
    private func random(_ network: any SteerableNetwork, _ count: Int, seed: UInt64) -> [[Int]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            (0..<5 + number % 4).map { _ in generator.integer(below: network.layout.vocabulary) }
        }
    }

    @Test(
        "a small move raises the log-odds of the texts; the way to a target goes with the root of the divergence",
        .tags(.law), arguments: PlantedModels.allCases)
    func slope(_ planted: PlantedModels) throws {
        let model = try LanguageModel(folder: planted.folder)
        let network = try #require(model.network as? any DifferentiableNetwork)
        let positive = random(network, 9, seed: 1)
        let negative = random(network, 7, seed: 2)
        for site in [Site.residual(0), .attentionOutput(1)] {
            func probe(_ divergence: Double) throws -> LinearProbe {
                let probes = try NaturalGradient(divergence: divergence).probes(
                    positive: positive, negative: negative, at: [site], in: network)
                return try #require(probes[site])
            }
            let (near, far) = (try probe(0.01), try probe(0.04))
            #expect(abs(near.norm / far.norm - 2) < 1e-5)
            #expect(zip(near.direction, far.direction).allSatisfy { abs($0 - $1) < 1e-6 })
            func odds(_ strength: Double) throws -> Double {
                var hooks = Hooks()
                hooks.add(AdditionEdit(of: near.direction, strength: strength, scope: .all), at: site)
                func mean(_ texts: [[Int]]) throws -> Double {
                    let scores = try model.logProbabilities(of: texts, hooks: hooks).flatMap { $0 }
                    return scores.reduce(0, +) / Double(scores.count)
                }
                return try mean(positive) - mean(negative)
            }
            let step = 0.01 / near.norm
            #expect(try odds(step) > odds(0) && odds(0) > odds(-step), "\(site)")
        }
    }

    @Test(
        "the small and the large way to the Fisher matrix agree; the same texts give the same bits",
        .tags(.law))
    func ways() throws {
        let network = try #require(try PlantedModels.llama.network() as? any DifferentiableNetwork)
        let (positive, negative) = (random(network, 6, seed: 3), random(network, 6, seed: 4))
        func probe(_ times: Int) throws -> LinearProbe {
            let repeated = { (texts: [[Int]]) in (0..<times).flatMap { _ in texts } }
            return try #require(
                try NaturalGradient().probes(
                    positive: repeated(positive), negative: repeated(negative), at: [.residual(1)],
                    in: network)[
                        .residual(1)])
        }
        let times = 1 + network.layout.width / 6
        #expect(12 < network.layout.width && 12 * times > network.layout.width)
        let (few, many) = (try probe(1), try probe(times))
        let cosine = zip(few.direction, many.direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(cosine > 0.9999, "\(cosine)")
        #expect(abs(few.norm / many.norm - 1) < 1e-3 && abs(few.bias - many.bias) < 1e-3)
        #expect(try probe(1) == few)
    }

    @Test("what cannot be learnt from is refused in words")
    func refusals() throws {
        let network = try #require(try PlantedModels.gpt2.network() as? any DifferentiableNetwork)
        let sites = [Site.residual(0)]
        let texts = random(network, 4, seed: 5)
        func error(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            error {
                _ = try NaturalGradient().probes(positive: [[3]], negative: texts, at: sites, in: network)
            }
            .contains("at least two tokens"))
        #expect(
            error {
                _ = try NaturalGradient().probes(positive: texts, negative: texts, at: sites, in: network)
            }
            .contains("nothing makes one class likelier"))
        #expect(
            error {
                _ = try NaturalGradient(damping: 0).probes(
                    positive: texts, negative: texts, at: sites, in: network)
            }.contains("must be positive"))
    }
}
