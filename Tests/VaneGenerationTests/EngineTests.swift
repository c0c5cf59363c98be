import Testing
import VaneGeneration
import VaneSites
import VaneTestSupport
import VaneTokenizers

@Suite("Generation by an engine")
struct EngineTests {
    @Test("greedy text is what transformers writes", .tags(.golden), arguments: PlantedModels.allCases)
    func golden(model: PlantedModels) async throws {
        let engine = Engine(try model.load())
        for prompt in try model.golden() {
            #expect(engine.model.tokenizer.encode(prompt.text) == prompt.ids)
            let request = GenerationRequest(prompt: prompt.ids, maximumTokens: 20, sampling: .greedy)
            let streamed = try await engine.collect(request)
            #expect(streamed.compactMap(\.id) == prompt.greedy)
            let generated = try await engine.generate([request])
            #expect(generated[0].tokens == prompt.greedy && generated[0].finish == .maximumTokens)
            #expect(streamed.map(\.text).joined() == generated[0].text)
            let whole = engine.model.tokenizer.decode(prompt.ids + prompt.greedy)
            let start = engine.model.tokenizer.decode(prompt.ids)
            // Llama's fixture writes broken byte tokens; decoding all at once replaces whole runs of them.
            #expect(start + generated[0].text == whole || (model == .llama && whole.contains("\u{FFFD}")))
        }
    }

    @Test(
        "a batch of 16 gives what each gives alone, bit for bit", .tags(.law),
        arguments: PlantedModels.allCases)
    func batch(model: PlantedModels) async throws {
        let engine = Engine(try model.load())
        let requests = (0..<16).map { i in
            GenerationRequest(
                prompt: Array([1, 17, 80, 42, 200, 5, 9, 33].prefix(1 + i % 8)), maximumTokens: 5 + i,
                sampling: SamplingOptions(
                    temperature: 0.5 + 0.1 * Double(i), topK: i % 3 * 20, topP: i % 2 == 0 ? 1 : 0.9,
                    minP: i % 5 == 0 ? 0.01 : 0, repetitionPenalty: i % 4 == 0 ? 1.3 : 1, seed: UInt64(i)))
        }
        let together = try await engine.generate(requests, batchSize: 16)
        let apart = try await engine.generate(requests, batchSize: 1)
        let uneven = try await engine.generate(requests, batchSize: 5)
        for i in requests.indices {
            var streamed = Generation()
            for token in try await engine.collect(requests[i]) { streamed.append(token) }
            for other in [apart[i], uneven[i], streamed] {
                #expect(together[i] == other, "request \(i)")
                #expect(
                    together[i].logProbabilities.map(\.bitPattern) == other.logProbabilities.map(\.bitPattern)
                )
            }
            #expect(together[i].tokens.count == 5 + i || together[i].finish == .endOfText)
        }
    }

    @Test("requests in flight at the same time do not disturb each other", .tags(.law))
    func concurrent() async throws {
        let engine = Engine(try PlantedModels.llama.load())
        let requests = (0..<8).map {
            GenerationRequest(
                prompt: [1, 40 + $0], maximumTokens: 30, sampling: SamplingOptions(seed: UInt64($0)))
        }
        let alone = try await engine.generate(requests)
        let crowd = try await withThrowingTaskGroup(of: (Int, [Int]).self) { group in
            for (i, request) in requests.enumerated() {
                group.addTask { (i, try await engine.collect(request).compactMap(\.id)) }
            }
            var results = [[Int]](repeating: [], count: requests.count)
            for try await (i, tokens) in group { results[i] = tokens }
            return results
        }
        #expect(crowd == alone.map(\.tokens))
    }

    @Test("the same seed gives the same text, other seeds another", .tags(.law))
    func seeds() async throws {
        let engine = Engine(try PlantedModels.gpt2.load())
        func texts() async throws -> [String] {
            try await engine.generate(
                (0..<10).map {
                    GenerationRequest(
                        prompt: [17, 80], maximumTokens: 20,
                        sampling: SamplingOptions(temperature: 1, seed: $0))
                }
            ).map(\.text)
        }
        let first = try await texts()
        #expect(try await texts() == first)
        #expect(Set(first).count == 10)
    }

    @Test("prompts and options that cannot be used are refused, naming what is wrong")
    func refused() async throws {
        let engine = Engine(try PlantedModels.gpt2.load())
        func message(_ request: GenerationRequest) async -> (GenerationError.Code, String)? {
            do { _ = try await engine.collect(request) } catch {
                return (error as? GenerationError).map { ($0.code, $0.message) }
            }
            return nil
        }
        let empty = await message(GenerationRequest(prompt: []))
        #expect(empty?.0 == .unusablePrompt && empty?.1.contains("no tokens") == true)
        let long = await message(GenerationRequest(prompt: [Int](repeating: 5, count: 64)))
        #expect(long?.0 == .unusablePrompt && long?.1.contains("64 tokens") == true)
        let wrong: [(SamplingOptions, String)] = [
            (SamplingOptions(temperature: -1), "temperature"),
            (SamplingOptions(temperature: .nan), "temperature"),
            (SamplingOptions(topK: -1), "top-k"), (SamplingOptions(topP: 0), "top-p"),
            (SamplingOptions(topP: 1.1), "top-p"), (SamplingOptions(topP: .nan), "top-p"),
            (SamplingOptions(minP: 1.5), "min-p"), (SamplingOptions(minP: -0.1), "min-p"),
            (SamplingOptions(repetitionPenalty: 0), "repetition penalty"),
        ]
        for (sampling, name) in wrong {
            let error = await message(GenerationRequest(prompt: [5], sampling: sampling))
            #expect(error?.0 == .invalidOption && error?.1.contains(name) == true, "\(sampling)")
        }
        #expect(await message(GenerationRequest(prompt: [5], maximumTokens: 2)) == nil)
        await #expect(throws: SiteError.self) { try await engine.collect(GenerationRequest(prompt: [300])) }
        #expect(try await engine.generate([]).isEmpty)
    }

    @Test("progress counts the finished requests")
    func progress() async throws {
        let engine = Engine(try PlantedModels.gpt2.load())
        let (counts, report) = AsyncStream.makeStream(of: Int.self)
        _ = try await engine.generate(
            [GenerationRequest](repeating: GenerationRequest(prompt: [5], maximumTokens: 2), count: 5),
            batchSize: 2
        ) { report.yield($0) }
        report.finish()
        var seen: [Int] = []
        for await count in counts { seen.append(count) }
        #expect(seen == [2, 4, 5])
    }
}
