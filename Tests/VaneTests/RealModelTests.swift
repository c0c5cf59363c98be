import Foundation
import Testing
import Vane
import VaneTestSupport

/// A real model and real sentences, when the optional folder of real data is there.
@Suite("Happiness on TinyTalk", .enabled(if: Fixtures.shared != nil), .tags(.slow))
struct RealModelTests {
    private let engine: Engine
    private let examples: ExampleSet

    init() throws {
        let data = try #require(Fixtures.shared)
        engine = Engine(try LanguageModel(folder: data.appendingPathComponent("models/tinytalk/hf").path))
        func texts(_ name: String) throws -> [String] {
            try ExampleFile.texts(
                path: data.appendingPathComponent("text/emotion_scenarios/\(name).json").path)
        }
        examples = try ExampleSet(positive: texts("happiness"), negative: texts("sadness"))
    }

    @Test("the concept is found, its shuffled control is not")
    func learnt() async throws {
        let concept = try await engine.learn("happiness", from: examples)
        #expect(concept.verdict.isFound)
        let best = try #require(concept.bestLayer).result
        #expect(best.auroc.low > 0.75, "\(best.auroc)")
        for layer in concept.layers {
            let control = layer.result.shuffledAUROC
            #expect(control.low < 0.6 && control.high > 0.4, "\(layer.site): \(control)")
        }
        let repeated = try await engine.learn("happiness", from: examples)
        #expect(repeated == concept)
    }

    @Test("steered text is the same on any number of threads and in any batch, and differs from unsteered")
    func reproducible() async throws {
        let concept = try await engine.learn("happiness", from: examples)
        let plan = SteeringPlan([.add(concept, to: 0.999)])
        let compiled = try plan.compile(with: [concept], for: engine.model.network.layout)
        let requests = examples.negative.prefix(16).enumerated().map { index, text in
            GenerationRequest(
                prompt: engine.model.tokenizer.encode("User: \(text)\nBot:"), maximumTokens: 20,
                sampling: SamplingOptions(seed: UInt64(index)), hooks: compiled.hooks)
        }
        let threads = Compute.threads
        defer { Compute.threads = threads }
        Compute.threads = 2
        let batched = try await engine.generate(requests, batchSize: 16)
        Compute.threads = 1
        let single = try await engine.generate(requests, batchSize: 1)
        #expect(batched == single)
        let unsteered = try await engine.generate(
            requests.map {
                GenerationRequest(prompt: $0.prompt, maximumTokens: 20, sampling: $0.sampling)
            })
        #expect(batched != unsteered)
        #expect(compiled.ledger.bySite.count == concept.defaultSites.count)
    }

    @Test("on the steered stream each edited layer reads the target to 1e-5, and satisfied states stay")
    func exact() async throws {
        let concept = try await engine.learn("happiness", from: examples)
        let text = engine.model.tokenizer.encode("User: I lost my keys and my dog ran away.\nBot:")
        try await engine.perform { model in
            for target in [0.9, 0.99, 0.999] {
                let recorder = ActivationRecorder()
                let compiled = try SteeringPlan([.add(concept, to: target)])
                    .compile(with: [concept], for: model.network.layout)
                let hooks = compiled.hooks.followed(by: recorder.hooks(at: concept.defaultSites))
                let input = SequenceInput(
                    state: model.network.makeSequence(), tokens: text, hooks: hooks, promptLength: text.count)
                _ = try model.network.forward([input], output: .none, through: nil)
                for site in concept.defaultSites {
                    let probe = try concept.layer(at: site).probe
                    for row in recorder.rows(at: site) {
                        let read = probe.probability(row)
                        #expect(read > target - 1e-5, "\(site), target \(target): \(read)")
                    }
                    #expect(recorder.rows(at: site).contains { abs(probe.probability($0) - target) < 1e-5 })
                }
            }
        }
    }
}
