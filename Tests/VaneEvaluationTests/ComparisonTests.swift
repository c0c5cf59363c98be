import Foundation
import Testing
import VaneConcepts
import VaneEvaluation
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTestSupport
import VaneTokenizers

@Suite("One prompt beside itself")
struct ComparisonTests {
    private func compare(
        _ bench: Workbench, _ plan: SteeringPlan, prompt: String = "The wind turned", tokens: Int = 20,
        sampling: SamplingOptions = SamplingOptions(seed: 3), stop: [String] = []
    ) async throws -> SteeringComparison {
        try await SteeringComparison(
            prompt: prompt, plan: plan, concepts: [bench.concept],
            request: GenerationRequest(prompt: [], maximumTokens: tokens, sampling: sampling, stop: stop),
            engine: bench.engine)
    }

    @Test(
        "the unsteered side is plain generation, the steered one its own", arguments: PlantedModels.allCases)
    func sides(model: PlantedModels) async throws {
        let bench = try Workbench(model)
        let comparison = try await compare(bench, SteeringPlan([.add(bench.concept, to: 0.99999)]))
        let prompt = bench.engine.model.tokenizer.encode("The wind turned")
        let plain = try await bench.engine.generate([
            GenerationRequest(prompt: prompt, maximumTokens: 20, sampling: SamplingOptions(seed: 3))
        ])[0]
        #expect(comparison.unsteered.text == plain.text && comparison.unsteered.finish == plain.finish)
        #expect(comparison.steered.text != plain.text)
        #expect(Set(comparison.ledger.keys) == Set(bench.concept.defaultSites))
        #expect(
            comparison.ledger.values.allSatisfy { $0.rows >= 20 }
                && comparison.ledger.values.contains { $0.moved > 0 })
        let perplexity = exp(-plain.logProbabilities.reduce(0, +) / Double(plain.tokens.count))
        #expect(abs(comparison.unsteered.perplexity - perplexity) < 1e-4 * perplexity)
        // Both sides are read in the unsteered model.
        let site = try #require(bench.concept.bestLayer).site
        let network = bench.engine.model.network
        let readings = try bench.concept.readout(of: [prompt + plain.tokens], at: site, in: network)[0]
        #expect(comparison.unsteered.probabilities["token"] == Array(readings.suffix(plain.tokens.count)))
        for side in [comparison.unsteered, comparison.steered] {
            #expect(
                side.pieces.joined() == side.text && side.pieces.count == side.probabilities["token"]?.count)
            let values = side.probabilities["token"] ?? []
            #expect(
                abs(side.meanProbability(of: "token") - values.reduce(0, +) / Double(values.count)) < 1e-12)
            #expect(side.meanProbability(of: "nothing").isNaN)
        }
    }

    @Test("an empty plan writes the same text twice", .tags(.law))
    func empty() async throws {
        let comparison = try await compare(Workbench(), SteeringPlan())
        #expect(comparison.steered.text == comparison.unsteered.text && comparison.ledger.isEmpty)
        #expect(comparison.steered.perplexity == comparison.unsteered.perplexity && comparison.notes.isEmpty)
    }

    @Test("a generation that fills the context can be read to its end", arguments: PlantedModels.allCases)
    func full(model: PlantedModels) async throws {
        let bench = try Workbench(model)
        let comparison = try await compare(bench, SteeringPlan([.add(bench.concept, to: 0.9)]), tokens: 500)
        for side in [comparison.unsteered, comparison.steered] where side.finish != .endOfText {
            #expect(side.finish == .contextFull && side.perplexity.isFinite)
        }
    }

    @Test("a stop text is not shown, and a text that ends at once has no perplexity")
    func ends() async throws {
        let bench = try Workbench()
        let free = try await compare(bench, SteeringPlan()).unsteered
        let stop = String(free.text.dropFirst(4).prefix(3))
        let stopped = try await compare(bench, SteeringPlan(), stop: [stop]).unsteered
        #expect(stopped.finish == .stopText && stopped.pieces.joined() == stopped.text)
        #expect(free.text.hasPrefix(stopped.text) && !stopped.text.contains(stop))
        let model = bench.engine.model
        let everything = Engine(
            LanguageModel(
                network: model.network, tokenizer: model.tokenizer, identity: model.identity,
                endOfText: Set(0..<model.network.layout.vocabulary)))
        let silent = try await SteeringComparison(
            prompt: "The wind", plan: SteeringPlan(), concepts: [bench.concept],
            request: GenerationRequest(prompt: []), engine: everything)
        #expect(silent.unsteered.finish == .endOfText && silent.unsteered.text.isEmpty)
        #expect(silent.unsteered.perplexity.isNaN && silent.unsteered.meanProbability(of: "token").isNaN)
        #expect(free.perplexity > 1)
    }

    @Test("a plan that cannot reach the output, an empty prompt and another model's concept are refused")
    func refused() async throws {
        let bench = try Workbench()
        let depth = bench.engine.model.network.layout.depth
        let late = SteeringPlan([.add(bench.concept, to: 0.9, at: [.residual(depth - 1)], scope: .prompt)])
        let error = await #expect(throws: SteeringError.self) { try await compare(bench, late) }
        #expect(error?.code == .editWithoutEffect)
        let plan = SteeringPlan([.add(bench.concept, to: 0.9)])
        let empty = await #expect(throws: GenerationError.self) { try await compare(bench, plan, prompt: "") }
        #expect(empty?.code == .unusablePrompt)
        let llama = Engine(try LanguageModel(folder: PlantedModels.llama.folder))
        let wrong = await #expect(throws: ConceptError.self) {
            try await SteeringComparison(
                prompt: "x", plan: plan, concepts: [bench.concept], request: GenerationRequest(prompt: []),
                engine: llama)
        }
        #expect(wrong?.code == .wrongModel)
    }
}
