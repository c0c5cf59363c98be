import Testing
import VaneConcepts
import VaneDefaultModel
import VaneGeneration
import VanePlanted
import VaneSites
import VaneSteering
import VaneTensors
import VaneTokenizers

/// The built-in model with what the tests of learners ask of it.
struct BuiltIn {
    private static let openings = ["The", "One day,", "I", "In the morning,", "She"]

    let engine: Engine
    let network: any DifferentiableNetwork & ReadableNetwork

    init() throws {
        engine = Engine(try DefaultModel.load())
        network = try #require(engine.model.network as? any DifferentiableNetwork & ReadableNetwork)
    }

    var width: Int { network.layout.width }

    /// The token that starts a document.
    var start: Int? { engine.model.endOfText.first }

    func tokens(_ text: String) -> [Int] { engine.model.tokenizer.encode(text) }

    /// The only token of `text`.
    func token(_ text: String) throws -> Int {
        let tokens = tokens(text)
        try #require(tokens.count == 1, "'\(text)' is \(tokens.count) tokens")
        return tokens[0]
    }

    /// Hooks that add `vector` as it is to every state at `site`.
    func adding(_ vector: [Float], at site: Site) -> Hooks {
        var hooks = Hooks()
        hooks.add(AdditionEdit(of: vector, strength: length(vector), scope: .all), at: site)
        return hooks
    }

    /// Texts that the model writes while `vector` is added.
    func texts(adding vector: [Float], at site: Site, count: Int, seed: UInt64) async throws -> [[Int]] {
        let prompts = BuiltIn.openings.map(tokens)
        let requests = (0..<count).map { number in
            GenerationRequest(
                prompt: prompts[number % prompts.count], maximumTokens: 24,
                sampling: SamplingOptions(temperature: 1, seed: seed + UInt64(number)),
                hooks: adding(vector, at: site))
        }
        let generations = try await engine.generate(requests, batchSize: 50) { _ in }
        return zip(requests, generations).map { $0.prompt + $1.tokens }
    }

    /// As `texts(adding:at:count:seed:)`, with what was given apart from what was written.
    func prompted(
        adding vector: [Float], at site: Site, count: Int, seed: UInt64
    ) async throws -> [PromptedText] {
        let lengths = BuiltIn.openings.map { tokens($0).count }
        let texts = try await texts(adding: vector, at: site, count: count, seed: seed)
        return texts.enumerated().map { PromptedText($1, promptLength: lengths[$0 % lengths.count]) }
    }

    /// The negative log-likelihood of a token of `texts`, nats.
    func loss(_ texts: [[Int]], _ hooks: Hooks = Hooks()) throws -> Double {
        let scores = try engine.model.logProbabilities(of: texts, hooks: hooks).joined()
        return -scores.reduce(0, +) / Double(scores.count)
    }

    /// Logits of the token after `tokens`.
    func logits(_ tokens: [Int], _ hooks: Hooks = Hooks()) throws -> [Float] {
        let input = SequenceInput(
            state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
        return try #require(
            try network.forward([input], output: .lastLogits, through: nil)
        ).elements
    }
}

func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

func length(_ a: [Float]) -> Double { dot(a, a).squareRoot() }

func cosine(_ a: [Float], _ b: [Float]) -> Double { dot(a, b) / max(length(a) * length(b), 1e-30) }
