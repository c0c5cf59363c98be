import Foundation
import Synchronization
import VaneGeneration
import VaneModels
import VaneSites
import VaneTestSupport
import VaneTokenizers

extension PlantedModels {
    /// The fixture with its tokenizer.
    func load() throws -> LanguageModel { try LanguageModel(folder: folder) }

    /// What `transformers` continues greedily.
    func golden() throws -> [GoldenPrompt] {
        let data = try Data(contentsOf: Fixtures.url("models/\(rawValue)/golden.json"))
        return try JSONDecoder().decode(GoldenFile.self, from: data).prompts
    }

    private struct GoldenFile: Decodable {
        let prompts: [GoldenPrompt]
    }
}

/// One prompt of a fixture's `golden.json`.
struct GoldenPrompt: Decodable {
    let text: String
    let ids: [Int]
    let greedy: [Int]
}

extension LanguageModel {
    /// The same model with other tokens ending a text.
    func ending(at tokens: Set<Int>) -> LanguageModel {
        LanguageModel(network: network, tokenizer: tokenizer, identity: identity, endOfText: tokens)
    }
}

extension Engine {
    /// Everything a stream yields.
    nonisolated func collect(_ request: GenerationRequest) async throws -> [GeneratedToken] {
        var tokens: [GeneratedToken] = []
        for try await token in stream(request) { tokens.append(token) }
        return tokens
    }
}

/// Counts forward passes, each taking a while.
final class SlowTap: Tap {
    private let passes = Mutex(0)
    private let pause: TimeInterval

    init(pause: TimeInterval) { self.pause = pause }

    var count: Int { passes.withLock { $0 } }

    func read(_ activation: Activation) {
        passes.withLock { $0 += 1 }
        Thread.sleep(forTimeInterval: pause)
    }
}
