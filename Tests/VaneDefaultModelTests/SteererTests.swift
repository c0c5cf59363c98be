import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VanePlanted
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport
import VaneTokenizers

/// Each steerer on the built-in model, judged by the grammar; beside it a random direction in the same
/// operation.
@Suite("Steerers on the built-in model", .tags(.planted, .slow))
struct SteererTests {
    private let engine: Engine
    private let sentiment: Concept
    private let random: Concept
    private let oracle = PlantedOracle()
    private let starter: StarterConcept

    init() throws {
        engine = Engine(try DefaultModel.load())
        sentiment = try #require(try DefaultModel.concept(named: "sentiment"))
        starter = try #require(StarterConcept.all.first { $0.name == "sentiment" })
        var generator = SeededGenerator(seed: 21)
        let layers = sentiment.layers.map { layer in
            let direction = generator.unitVector(width: layer.steering.weights.count)
            let weights = direction.map { Float(Double($0) * layer.steering.norm) }
            return Concept.Layer(
                site: layer.site, probe: LinearProbe(weights: weights, bias: layer.steering.bias),
                meanDifference: weights, result: layer.result)
        }
        random = Concept(
            name: "sentiment", layers: layers, defaultSites: sentiment.defaultSites,
            provenance: sentiment.provenance, verdict: sentiment.verdict)
    }

    /// Part of the continuations with more positive words than others; the plan's divergence is searched for.
    private func rate(_ concept: Concept, _ entry: SteeringPlan.Entry) async throws -> Double {
        let prompts = SteeringReport.prompts(60).map { engine.model.tokenizer.encode($0) }
        let search = try await StrengthSearch(
            SteeringPlan([entry]), with: [concept], prompts: Array(prompts.prefix(10)), engine: engine,
            options: StrengthSearch.Options(seeds: 2))
        let plan = try search.plan.compile(with: [concept], for: engine.model.network.layout)
        let requests = prompts.enumerated().map { number, prompt in
            GenerationRequest(
                prompt: prompt, maximumTokens: 40, sampling: SamplingOptions(seed: UInt64(number * 1000)),
                hooks: plan.hooks)
        }
        let texts = try await engine.generate(requests, batchSize: 30).map(\.text)
        let shown = texts.count { oracle.reading(of: $0).value(of: starter.attribute) == starter.value }
        return Double(shown) / Double(texts.count)
    }

    @Test(
        "up and down differ by the oracle; for a random direction they hardly do",
        arguments: [
            (SteeringPlan.Operation.gcav, Strength.divergence(1)), (.add, .divergence(1)),
            (.addRestoringNorm, .divergence(1)), (.rotate, .divergence(1)), (.clamp, .probability(0.999)),
        ])
    func moves(operation: SteeringPlan.Operation, strength: Strength) async throws {
        func difference(_ concept: Concept) async throws -> Double {
            var down = strength
            if case .probability(let target) = strength { down = .probability(1 - target) }
            let more = try await rate(concept, .steer(concept, operation, strength))
            let less = try await rate(concept, .steer(concept, operation, down, goal: .remove))
            return more - less
        }
        let (real, control) = (try await difference(sentiment), try await difference(random))
        print("\(operation.name) \(strength): rate up less rate down \(real), random direction \(control)")
        #expect(real > 0.2 && real > abs(control) + 0.1)
    }
}
