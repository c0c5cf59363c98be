import Foundation
import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors

/// What the oracle says of what the built-in model writes under hooks.
struct Continuations {
    /// The part of the continuations that show a starter concept, and their perplexity by the grammar.
    struct Result: CustomStringConvertible {
        let rate: Double
        let perplexity: Double

        var description: String {
            "\((rate * 1000).rounded() / 1000) (perplexity \((perplexity * 10).rounded() / 10))"
        }
    }

    private static let likelihood = PlantedLikelihood()

    let model: BuiltIn
    let starter: StarterConcept
    private let judge: OracleJudge
    private let prompts: [String]

    init(_ name: String, in model: BuiltIn, prompts count: Int = 120, words: Int = 3, seed: UInt64 = 5) throws
    {
        self.model = model
        starter = try #require(StarterConcept.all.first { $0.name == name })
        judge = OracleJudge(starter, likelihood: Continuations.likelihood)
        prompts = SteeringReport.prompts(count, words: words, seed: seed)
    }

    /// One continuation of 30 tokens of each prompt; the same seeds for all hooks.
    func measure(_ hooks: Hooks) async throws -> Result {
        let requests = prompts.enumerated().map { number, prompt in
            GenerationRequest(
                prompt: model.tokens(prompt), maximumTokens: 30,
                sampling: SamplingOptions(temperature: 1, seed: UInt64(number * 1000)), hooks: hooks)
        }
        let texts = try await model.engine.generate(requests, batchSize: 60).map(\.text)
        var (logProbability, words) = (0.0, 0)
        for (text, prompt) in zip(texts, prompts) {
            guard let score = judge.likelihood(of: text, after: prompt) else { continue }
            logProbability += score.logProbability
            words += score.words
        }
        let shown = zip(texts, prompts).count { judge.isPositive($0, after: $1) }
        return Result(
            rate: Double(shown) / Double(texts.count),
            perplexity: words == 0 ? .nan : exp(-logProbability / Double(words)))
    }

    /// Token ids of sentences with the concept and with another value.
    func examples(_ count: Int, seed: UInt64 = 3) throws -> (positive: [[Int]], negative: [[Int]]) {
        let set = try starter.examples(count, seed: seed)
        return (set.positive.map { model.tokens($0) }, set.negative.map { model.tokens($0) })
    }
}

/// The correlation of the ranks; ties share theirs.
func spearman(_ a: [Double], _ b: [Double]) -> Double {
    func ranks(_ values: [Double]) -> [Float] {
        let mean = Double(values.count - 1) / 2
        return values.map { value in
            let below = values.count { $0 < value }
            let equal = values.count { $0 == value }
            return Float(Double(below) + Double(equal - 1) / 2 - mean)
        }
    }
    return cosine(ranks(a), ranks(b))
}
