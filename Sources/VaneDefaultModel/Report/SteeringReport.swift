import Foundation
public import VaneConcepts
public import VaneEvaluation
public import VaneGeneration
import VanePlanted
import VaneSites
import VaneTokenizers

/// What steering does to the default model, concept by concept, judged by the grammar itself.
public struct SteeringReport: Sendable, Codable {
    /// One concept's experiment.
    public struct Part: Sendable, Codable {
        /// The concept.
        public let concept: String
        /// Held-out accuracy of its best probe.
        public let accuracy: Double
        /// Where the edits were.
        public let sites: [String]
        /// One row a condition.
        public let rows: [SteeringExperiment.Row]
    }

    /// Two concepts steered together.
    public struct Pair: Sendable, Codable {
        /// The concept whose target changed.
        public let swept: String
        /// The concept whose target stayed.
        public let held: String
        /// What the sweep changes about the held concept's rate from its one end to the other, under the joint edit.
        public let gcav: Estimate
        /// The same under plain addition.
        public let meanDifference: Estimate
        /// One row a method and target.
        public let rows: [CrossTalkExperiment.Row]
    }

    /// One part a concept.
    public let parts: [Part]
    /// Pairs of concepts.
    public let pairs: [Pair]
    /// Prompts.
    public let prompts: Int
    /// Perplexity of a word under the grammar when nothing is steered: over five texts a prompt, because every ratio
    /// is taken to it.
    public let unsteeredPerplexity: Double

    /// How many prompts the report takes if nothing else is said.
    public static let promptCount = 200

    /// How continuations are written.
    static let writing = SteeringExperiment.Options(
        seeds: 1, maximumTokens: 40, sampling: SamplingOptions(temperature: 0.8, topP: 0.95), batchSize: 50)

    /// Pairs that are steered together, the swept concept first.
    static let pairs = [
        ("sentiment", "formality"), ("sentiment", "film"), ("formality", "politeness"),
        ("certainty", "sentiment"), ("future", "sentiment"),
    ]

    /// The first `words` words of texts that the training did not show; the beginnings themselves may occur in it. No two are alike.
    public static func prompts(_ count: Int, words: Int = 3, seed: UInt64 = 5) -> [String] {
        let language = PlantedLanguage(seed: seed)
        var prompts: [String] = []
        var index = 0
        while prompts.count < count {
            let text = language.text(at: index, kind: [.story, .review, .report][index % 3]).text
            let prompt = text.split(separator: " ").prefix(words).joined(separator: " ")
            if !prompts.contains(prompt) { prompts.append(prompt) }
            index += 1
        }
        return prompts
    }

    /// Steers every concept over `prompts` prompts, up and down at 0.9, 0.99 and 0.999, beside the controls; then
    /// pairs of concepts.
    ///
    /// - Parameters:
    ///   - engine: the model.
    ///   - concepts: the starter concepts with what was learnt for each.
    ///   - count: how many texts to continue.
    ///   - progress: called with a part of the work done, 0...1, and what is being done.
    /// - Throws: errors of steering and generation.
    public init(
        of engine: Engine, concepts: [(starter: StarterConcept, concept: Concept)],
        prompts count: Int = promptCount,
        progress: (@Sendable (Double, String) -> Void)? = nil
    ) async throws {
        let prompts = Self.prompts(count)
        let likelihood = PlantedLikelihood()
        let chosen = Self.pairs.compactMap { pair in
            let find = { (name: String) in concepts.first { $0.starter.name == name } }
            return find(pair.0).flatMap { swept in find(pair.1).map { (swept, $0) } }
        }
        let total = Double(concepts.count + chosen.count)
        var parts: [Part] = []
        for (number, (starter, concept)) in concepts.enumerated() {
            var options = Self.writing
            options.instructions = starter.instructions
            let experiment = try await SteeringExperiment(
                concept, prompts: prompts, judge: OracleJudge(starter, likelihood: likelihood),
                engine: engine, options: options
            ) { done, all in
                progress?((Double(number) + Double(done) / Double(all)) / total, starter.name)
            }
            parts.append(
                Part(
                    concept: starter.name,
                    accuracy: concept.bestLayer?.result.accuracy.value ?? .nan,
                    sites: experiment.sites.map(\.description), rows: experiment.rows))
        }
        var more = Self.writing
        more.seeds = 2
        var pairs: [Pair] = []
        for (number, (swept, held)) in chosen.enumerated() {
            let before = Double(concepts.count + number)
            let experiment = try await CrossTalkExperiment(
                swept: (swept.concept, OracleJudge(swept.starter, likelihood: likelihood)),
                held: (held.concept, OracleJudge(held.starter, likelihood: likelihood)),
                prompts: prompts, engine: engine, options: more
            ) { done, all in
                progress?(
                    (before + Double(done) / Double(all)) / total,
                    "\(swept.starter.name) with \(held.starter.name)")
            }
            pairs.append(
                Pair(
                    swept: swept.starter.name, held: held.starter.name,
                    gcav: experiment.gcav,
                    meanDifference: experiment.meanDifference, rows: experiment.rows))
        }
        self.parts = parts
        self.pairs = pairs
        self.prompts = count
        unsteeredPerplexity = try await Self.perplexity(of: engine, prompts: prompts, likelihood: likelihood)
    }

    private static func perplexity(of engine: Engine, prompts: [String], likelihood: PlantedLikelihood)
        async throws -> Double
    {
        let requests = prompts.enumerated().flatMap { index, prompt in
            (0..<5).map { seed in
                var sampling = writing.sampling
                sampling.seed = UInt64(1000 * index + seed)
                return GenerationRequest(
                    prompt: engine.model.tokenizer.encode(prompt), maximumTokens: writing.maximumTokens,
                    sampling: sampling)
            }
        }
        let texts = try await engine.generate(requests, batchSize: writing.batchSize) { _ in }
        var sum = TextLikelihood(logProbability: 0, words: 0)
        for (number, text) in texts.enumerated() {
            let score = likelihood.score(of: text.text, after: prompts[number / 5])
            sum.logProbability += score.logProbability
            sum.words += score.words
        }
        return sum.perplexity
    }
}
