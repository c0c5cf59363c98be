import Foundation
import Testing
import VaneGeneration
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Log-probabilities of given texts", .tags(.law))
struct ScoringTests {
    private let sequences = [[17, 80, 42, 5], [9], [], [100, 81, 7, 9, 11, 250, 3, 3], [42, 42]]

    /// `log softmax` of the logits after each proper prefix, one forward pass a prefix.
    private func manual(_ network: any SteerableNetwork, _ tokens: [Int]) throws -> [Double] {
        try (1..<max(tokens.count, 1)).map { end in
            let logits = try lastLogits(network, Array(tokens.prefix(end))).map(Double.init)
            let largest = logits.max() ?? 0
            return logits[tokens[end]] - largest - log(logits.reduce(0) { $0 + exp($1 - largest) })
        }
    }

    @Test("they equal the log-softmax of the logits", arguments: PlantedModels.allCases)
    func manual(model: PlantedModels) throws {
        let model = try model.load()
        let scores = try model.logProbabilities(of: sequences)
        #expect(scores.map(\.count) == [3, 0, 0, 7, 1])
        for (tokens, values) in zip(sequences, scores) {
            for (value, expected) in zip(values, try manual(model.network, tokens)) {
                // Float log-softmax of logits up to about 20 against double.
                #expect(abs(value - expected) < 1e-5)
            }
        }
    }

    @Test("the company of other sequences changes no bit")
    func batches() throws {
        let model = try PlantedModels.llama.load()
        var generator = SeededGenerator(seed: 1)
        // More rows than one pass takes.
        let many = (0..<60).map { _ in (0..<40).map { _ in generator.integer(below: 300) } }
        let together = try model.logProbabilities(of: many)
        #expect(together.allSatisfy { $0.count == 39 })
        for i in [0, 24, 25, 26, 59] {
            #expect(
                try model.logProbabilities(of: [many[i]])[0].map(\.bitPattern)
                    == together[i].map(\.bitPattern))
        }
        #expect(try model.logProbabilities(of: []).isEmpty)
    }

    @Test("generated tokens carry the log-probability scoring gives them")
    func generated() async throws {
        let engine = Engine(try PlantedModels.gptNeo.load())
        let request = GenerationRequest(
            prompt: [17, 80, 42], maximumTokens: 25,
            sampling: SamplingOptions(temperature: 1.2, topK: 40, repetitionPenalty: 1.2, seed: 4))
        let generation = try await engine.generate([request])[0]
        let scores = try engine.model.logProbabilities(of: [request.prompt + generation.tokens])[0]
        #expect(generation.tokens.count == 25)
        #expect(generation.logProbabilities == Array(scores.dropFirst(2)), "the same bits in both places")
    }

    @Test("a token outside the vocabulary is refused wherever it stands", arguments: [0, 1, 2])
    func unknownToken(place: Int) throws {
        let model = try PlantedModels.gpt2.load()
        for token in [-1, 300, 1 << 40] {
            var tokens = [5, 6, 7]
            tokens[place] = token
            #expect(throws: SiteError.self) { try model.logProbabilities(of: [[5, 6], tokens]) }
        }
        #expect(throws: SiteError.self) { try model.logProbabilities(of: [[Int](repeating: 1, count: 66)]) }
        #expect(try model.logProbabilities(of: [[Int](repeating: 1, count: 65)])[0].count == 64)
    }
}
