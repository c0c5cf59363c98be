import Testing
import VaneGeneration
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Guidance by the states that candidates lead to")
struct GuidanceTests {
    private func norm(_ states: [[Float]]) -> Double {
        states.joined().reduce(0) { $0 + Double($1) * Double($1) }
    }

    /// What guidance writes, by whole passes from the first token on.
    private func reference(
        _ model: LanguageModel, _ prompt: [Int], tokens count: Int, candidates: Int, window: Int,
        _ score: ([[Float]]) -> Double
    ) throws -> [Int] {
        var tokens = prompt
        for _ in 0..<count {
            let logits = try #require(
                try model.network.forward(
                    [
                        SequenceInput(
                            state: model.network.makeSequence(), tokens: tokens, promptLength: prompt.count)
                    ], output: .lastLogits, through: nil)
            ).elements
            let likely = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }.prefix(candidates)
            let scores = try likely.map { token in
                let recorder = ActivationRecorder()
                let input = SequenceInput(
                    state: model.network.makeSequence(), tokens: tokens + [token],
                    hooks: recorder.hooks(at: [.finalNorm]), promptLength: prompt.count)
                _ = try model.network.forward([input], output: .none, through: nil)
                return score(Array(recorder.rows(at: .finalNorm).suffix(window)))
            }
            let best = scores.indices.max { (scores[$0], $1) < (scores[$1], $0) } ?? 0
            tokens.append(likely[best])
        }
        return Array(tokens.dropFirst(prompt.count))
    }

    @Test(
        "what is written is what whole passes over every candidate choose, in batches and alone",
        .tags(.law), arguments: PlantedModels.allCases, [1, 3])
    func reference(fixture: PlantedModels, window: Int) async throws {
        let engine = Engine(try fixture.load().ending(at: []))
        let guidance = Guidance(candidates: 3, window: window) { states, _ in
            states.joined().reduce(0) { $0 + Double($1) * Double($1) }
        }
        let prompts = (0..<4).map { Array([1, 17, 80, 42, 200, 5].prefix(1 + $0)) }
        let requests = prompts.map {
            GenerationRequest(prompt: $0, maximumTokens: 8, sampling: .greedy, guidance: guidance)
        }
        let plain = GenerationRequest(prompt: [1, 17, 80], maximumTokens: 12, sampling: .greedy)
        let together = try await engine.generate(requests + [plain])
        for (i, prompt) in prompts.enumerated() {
            let wanted = try reference(
                engine.model, prompt, tokens: 8, candidates: 3, window: window, norm)
            #expect(together[i].tokens == wanted && together[i].finish == .maximumTokens)
            var streamed = Generation()
            for token in try await engine.collect(requests[i]) { streamed.append(token) }
            #expect(streamed == together[i])
            let scores = try engine.model.logProbabilities(of: [prompt + wanted])[0].suffix(8)
            #expect(
                zip(scores, together[i].logProbabilities).allSatisfy { abs($0 - $1) < 1e-4 })
        }
        #expect(try await engine.generate([plain])[0] == together[4])
    }

    @Test("one candidate, or a score that says nothing, is greedy decoding; ends end it", .tags(.law))
    func greedy() async throws {
        let model = try PlantedModels.llama.load().ending(at: [])
        let engine = Engine(model)
        func request(_ guidance: Guidance?) -> GenerationRequest {
            GenerationRequest(
                prompt: [1, 40], maximumTokens: 16, sampling: .greedy, guidance: guidance)
        }
        let one = Guidance(candidates: 1, window: 1) { states, _ in states[0].reduce(0) { $0 + Double($1) } }
        let nothing = Guidance(candidates: 5, window: 2) { _, _ in 0 }
        let neither = Guidance(candidates: 5, window: 2) { _, _ in .nan }
        let all = try await engine.generate([nil, one, nothing, neither].map(request))
        #expect(all[1] == all[0] && all[2] == all[0] && all[3] == all[0])
        let end = try #require(all[0].tokens.dropFirst(3).first { !all[0].tokens.prefix(3).contains($0) })
        let ending = Engine(model.ending(at: [end]))
        let cut = try await ending.generate([nil, nothing].map(request))
        #expect(cut[0] == cut[1] && cut[1].finish == .endOfText)
        let full = GenerationRequest(
            prompt: [1, 40], maximumTokens: 100_000, sampling: .greedy, guidance: nothing)
        let result = try await engine.generate([full])[0]
        #expect(result.finish == .contextFull)
        #expect(result.tokens.count + 2 == model.network.layout.maximumPositions)
    }

    @Test("numbers that make no sense and errors of the score are errors")
    func errors() async throws {
        struct Failure: Error {}
        let engine = Engine(try PlantedModels.gpt2.load())
        for (candidates, window) in [(0, 1), (1, 0), (-3, 1)] {
            let guidance = Guidance(candidates: candidates, window: window) { _, _ in 0 }
            await #expect(throws: GenerationError.self) {
                try await engine.generate([GenerationRequest(prompt: [1], guidance: guidance)])
            }
        }
        let failing = Guidance(candidates: 2, window: 1) { _, _ in throw Failure() }
        await #expect(throws: Failure.self) {
            try await engine.generate([GenerationRequest(prompt: [1], guidance: failing)])
        }
        let more = Guidance(candidates: 100_000, window: 1) { _, _ in 0 }
        let request = GenerationRequest(
            prompt: [1], maximumTokens: 2, sampling: SamplingOptions(topK: 3), guidance: more)
        #expect(try await engine.generate([request])[0].tokens.count <= 2)
    }
}
