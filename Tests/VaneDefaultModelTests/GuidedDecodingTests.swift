import Foundation
import Testing
import Vane
import VaneConcepts
import VaneDefaultModel
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Guided decoding by frames of words")
struct GuidedDecodingTests {
    private let model: BuiltIn
    private let prompts: [[Int]]

    init() throws {
        let model = try BuiltIn()
        self.model = model
        let things = [
            "soup", "stew", "pie", "salad", "curry", "match", "race", "marathon", "storm", "rainbow",
            "sunset",
            "film", "song", "lesson", "garden", "journey", "meeting", "party", "concert", "house", "story",
            "letter", "picture", "day",
        ]
        prompts = things.flatMap { ["The \($0)", "In the morning, the \($0)"] }.map(model.tokens)
    }

    // One token each: the built-in model writes most words in several, which share their first letters.
    private static let past = ["was", "were", "had", "did"]
    private static let present = ["is", "are", "has", "does"]

    private struct Written {
        /// Mean frame correlation of each text.
        let correlations: [Double]
        /// Words in the past of each text, by the language's own tables.
        let words: [Double]
        let perplexity: Double
    }

    private func written(
        _ guidance: Guidance, read probe: FrameProbe, _ oracle: PlantedOracle
    ) async throws -> Written {
        let requests = prompts.map {
            GenerationRequest(
                prompt: $0, maximumTokens: 20, sampling: SamplingOptions(temperature: 0, topP: 0.9),
                guidance: guidance)
        }
        let texts = try await model.engine.generate(requests, batchSize: 48)
        let whole = zip(prompts, texts).map { $0 + $1.tokens }
        let counts = texts.map(\.tokens.count)
        let all = try probe.correlations(of: whole, in: model.network)
        let scores = try zip(model.engine.model.logProbabilities(of: whole), counts).flatMap {
            $0.suffix($1)
        }
        return Written(
            correlations: zip(all, counts).map { $0.suffix($1).reduce(0, +) / Double(max(1, $1)) },
            words: texts.map { Double(oracle.reading(of: $0.text).counts[.tense]?["past"] ?? 0) },
            perplexity: exp(-scores.reduce(0, +) / Double(scores.count)))
    }

    @Test(
        "more of the words are said, and the states lean to them, than by a random choice among as many tokens",
        .tags(.planted, .slow), arguments: [2, 4])
    func tense(candidates: Int) async throws {
        let oracle = PlantedOracle()
        let probe = try await model.engine.frameProbe(ofWords: Self.past, against: Self.present)
        var generator = SeededGenerator(seed: 5)
        let vocabulary = model.network.layout.vocabulary
        func drawn() -> [[Int]] { (0..<4).map { _ in [generator.integer(below: vocabulary)] } }
        let other = try FrameProbe(of: drawn(), against: drawn(), in: model.network)
        let guided = try await written(Guidance(to: probe, candidates: candidates), read: probe, oracle)
        // The choice among as many candidates that knows nothing: a number made of the state's bits.
        let random = try await written(
            Guidance(candidates: candidates, window: 1) { states, _ in
                let bits = states.joined().reduce(UInt64(7)) { ($0 &* 31) &+ UInt64($1.bitPattern) }
                var generator = SeededGenerator(seed: bits)
                return generator.uniform()
            }, read: probe, oracle)
        let papers = try await written(
            Guidance(to: probe, candidates: candidates, tokenWeight: 0), read: probe, oracle)
        let wrong = try await written(Guidance(to: other, candidates: candidates), read: probe, oracle)
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        func gain(_ a: [Double], _ b: [Double]) -> Estimate {
            Statistics.pairedBootstrap(zip(a, b).map { $0 - $1 }, resamples: 1000, generator: &generator)
        }
        let lean = gain(guided.correlations, random.correlations)
        let said = gain(guided.words, random.words)
        let paperLean = gain(papers.correlations, random.correlations)
        let wrongly = gain(wrong.words, random.words)
        print(
            "guided among \(candidates): correlation \(mean(guided.correlations)) against \(mean(random.correlations)), more by "
                + "\(lean); words in the past a text \(mean(guided.words)) against \(mean(random.words)), more by \(said); by random "
                + "words \(mean(wrong.words)), more by \(wrongly); perplexity \(guided.perplexity), random choice "
                + "\(random.perplexity), random words \(wrong.perplexity); the paper's form: correlation more by \(paperLean), "
                + "words in the past \(mean(papers.words)), perplexity \(papers.perplexity)")
        #expect(lean.low > 0)
        #expect(said.low > 0 && mean(guided.words) >= 1.3 * mean(random.words))
        #expect(wrongly.value < said.value / 2)
        // The known limit of the paper's form, which reads only what may come next.
        #expect(mean(papers.words) - mean(random.words) < said.value / 2)
    }
}
