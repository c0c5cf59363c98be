import Testing
import VaneGeneration
import VaneSites
import VaneTestSupport
import VaneTokenizers

@Suite("How a generation ends")
struct EndingTests {
    private let prompt = [294, 292, 67, 257]

    private func greedy(
        _ engine: Engine, _ count: Int = 30, prompt: [Int]? = nil, stop: [String] = []
    ) async throws -> Generation {
        let request = GenerationRequest(
            prompt: prompt ?? self.prompt, maximumTokens: count, sampling: .greedy, stop: stop)
        let streamed = try await engine.collect(request)
        let generation = try await engine.generate([request])[0]
        #expect(streamed.map(\.text).joined() == generation.text, "the pieces are the text")
        #expect(streamed.compactMap(\.id) == generation.tokens)
        #expect(
            streamed.dropLast().allSatisfy { $0.finish == nil } && streamed.last?.finish == generation.finish)
        return generation
    }

    @Test("the number of tokens asked for is the number written", arguments: [1, 2, 17])
    func maximum(count: Int) async throws {
        let generation = try await greedy(Engine(try PlantedModels.gpt2.load()), count)
        #expect(generation.tokens.count == count && generation.logProbabilities.count == count)
        #expect(generation.finish == .maximumTokens)
    }

    @Test("no token asked for, none written")
    func none() async throws {
        let engine = Engine(try PlantedModels.gpt2.load())
        let generation = try await engine.generate([GenerationRequest(prompt: prompt, maximumTokens: 0)])[0]
        #expect(generation.tokens.isEmpty && generation.text.isEmpty)
        #expect(try await engine.collect(GenerationRequest(prompt: prompt, maximumTokens: 0)).isEmpty)
    }

    @Test("an end-of-text token ends the text and is no part of it", arguments: PlantedModels.allCases)
    func endOfText(model: PlantedModels) async throws {
        let model = try model.load().ending(at: [])
        let free = try await greedy(Engine(model), 12)
        let last = free.tokens[7]
        let first = try #require(free.tokens.firstIndex(of: last))
        let ended = try await greedy(Engine(model.ending(at: [last])), 12)
        #expect(ended.finish == .endOfText && ended.tokens == Array(free.tokens.prefix(first)))
        #expect(free.finish == .maximumTokens)
        #expect(try await ended.text == (first == 0 ? "" : greedy(Engine(model), first).text))
    }

    @Test(
        "a full context ends the text, and no sequence is longer than the model takes",
        arguments: PlantedModels.allCases)
    func contextFull(model: PlantedModels) async throws {
        let model = try model.load().ending(at: [])
        for length in [2, 40, 62, 63] {
            let prompt = (0..<length).map { 10 + $0 % 7 }
            let generation = try await greedy(Engine(model), 200, prompt: prompt)
            #expect(generation.finish == .contextFull)
            #expect(generation.tokens.count == 64 - length, "prompt of \(length)")
        }
    }

    @Test("a stop text ends the text before itself, across tokens", arguments: PlantedModels.allCases)
    func stop(model: PlantedModels) async throws {
        let engine = Engine(try model.load().ending(at: []))
        let free = try await greedy(engine)
        let characters = Array(free.text)
        try #require(characters.count > 12)
        for (start, length) in [(3, 1), (5, 4), (8, 4), (0, 2)] {
            let stop = String(characters[start..<start + length])
            let end = try #require(free.text.firstRange(of: stop)).lowerBound
            let stopped = try await greedy(engine, stop: ["never comes", stop])
            #expect(stopped.finish == .stopText && stopped.text == String(free.text[..<end]))
            #expect(free.tokens.starts(with: stopped.tokens) && stopped.tokens.count < free.tokens.count)
        }
    }

    @Test(
        "text that could have become a stop text is let go when it does not",
        arguments: PlantedModels.allCases)
    func heldBack(model: PlantedModels) async throws {
        let engine = Engine(try model.load().ending(at: []))
        let free = try await greedy(engine)
        // Each begins like the text and goes on otherwise; one ends in the text's very last character.
        let characters = Array(free.text)
        let stops =
            [2, 5, 9].map { String(characters[$0..<$0 + 3]) + "\u{1F300}" } + [
                "\(characters.last ?? "x")\u{1F300}"
            ]
        let held = try await greedy(engine, stop: stops + [""])
        #expect(held == free)
    }

    @Test("ending the iteration ends the generation")
    func cancelled() async throws {
        let engine = Engine(try PlantedModels.gpt2.load().ending(at: []))
        let tap = SlowTap(pause: 0.005)
        var request = GenerationRequest(prompt: [5], maximumTokens: 60, sampling: .greedy)
        request.hooks.add(tap, at: .residual(0))
        var seen = 0
        for try await _ in engine.stream(request) {
            seen += 1
            if seen == 3 { break }
        }
        // The engine is free again once the generation has noticed; all 60 steps would take 300 ms.
        _ = try await engine.generate([GenerationRequest(prompt: [5], maximumTokens: 5, sampling: .greedy)])
        let passes = tap.count
        try await Task.sleep(for: .milliseconds(100))
        #expect(tap.count <= passes + 1 && tap.count < 50, "\(tap.count) passes, \(passes) before")
        // Control: left alone it takes all of them.
        let whole = try await engine.collect(request)
        #expect(whole.count == 60)
    }

    @Test("a cancelled task ends a batch with an error")
    func cancelledBatch() async throws {
        let engine = Engine(try PlantedModels.gpt2.load().ending(at: []))
        let tap = SlowTap(pause: 0.005)
        var request = GenerationRequest(prompt: [5], maximumTokens: 60, sampling: .greedy)
        request.hooks.add(tap, at: .residual(0))
        let requests = [request]
        let task = Task { try await engine.generate(requests) }
        while tap.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(tap.count < 50)
    }
}
