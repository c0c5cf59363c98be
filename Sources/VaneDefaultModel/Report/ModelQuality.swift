import Foundation
public import VaneGeneration
import VanePlanted
import VaneSites
import VaneTokenizers

/// How well a model knows the planted language, measured on what its training did not show.
public struct ModelQuality: Sendable, Codable {
    /// Perplexity of a word on held-out texts, beside the grammar's own.
    public struct HeldOut: Sendable, Codable {
        /// Texts.
        public let texts: Int
        /// Words in them.
        public let words: Int
        /// `exp` of the model's mean negative log-probability of a text and its end, a word.
        public let model: Double
        /// The same for the choices that made the texts (`PlantedText.logProbability`): the least that any model
        /// can reach on average, but for texts that two series of choices can make.
        public let grammar: Double
    }

    /// How much of what the model writes belongs to the language.
    public struct Writing: Sendable, Codable {
        /// The temperature it was sampled at.
        public let temperature: Double
        /// Documents sampled, from nothing.
        public let samples: Int
        /// Sentences and lines in them; an end without a full stop does not count.
        public let sentences: Int
        /// Those that the grammar of texts or the planted world accepts.
        public let grammatical: Int
        /// Samples in which all are accepted.
        public let flawless: Int
        /// The first three samples.
        public let examples: [String]
    }

    /// Questions about the planted world of one kind and topic.
    public struct Answers: Sendable, Codable {
        /// The kind, as in `PlantedWorld.Kind`.
        public let kind: String
        /// Relation, unit, task or direction.
        public let topic: String
        /// Whether training held these questions back.
        public let isHeldOut: Bool
        /// Questions.
        public let count: Int
        /// Right answers, taking the most likely token each time.
        public let right: Int
        /// What always giving the most frequent answer of the topic would get right.
        public let chance: Double
    }

    /// Held-out texts.
    public let heldOut: HeldOut
    /// Free writing, by temperature.
    public let writing: [Writing]
    /// Questions.
    public let answers: [Answers]

    /// Measures the model of `engine`.
    ///
    /// - Parameters:
    ///   - engine: the model; trained on the planted corpus under a seed other than `seed`.
    ///   - samples: documents to write at each temperature.
    ///   - seed: seeds the held-out texts.
    ///   - progress: called with a part of the work done, 0...1, and what is being done.
    /// - Throws: errors of generation.
    public init(
        of engine: Engine, samples: Int = 500, seed: UInt64 = 2,
        progress: (@Sendable (Double, String) -> Void)? = nil
    ) async throws {
        heldOut = try await Self.heldOut(engine, texts: 400, seed: seed)
        var writing: [Writing] = []
        for (i, temperature) in [1.0, 0.8].enumerated() {
            writing.append(
                try await Self.write(engine, samples, temperature) {
                    progress?(0.1 + 0.3 * (Double(i) + $0), "writing at temperature \(temperature)")
                })
        }
        self.writing = writing
        answers = try await Self.answer(engine, seed: seed) { progress?(0.7 + 0.3 * $0, "answering") }
    }

    private static func heldOut(_ engine: Engine, texts: Int, seed: UInt64) async throws -> HeldOut {
        let language = PlantedLanguage(seed: seed)
        let drawn = (0..<texts).map { language.text(at: $0) }
        let tokenizer = engine.model.tokenizer
        let end = Array(engine.model.endOfText.sorted().prefix(1))
        let sequences = drawn.map { end + tokenizer.encode($0.text) + end }
        let scores = try await engine.perform { model in
            try model.logProbabilities(of: sequences).map { $0.reduce(0, +) }
        }
        let oracle = PlantedOracle()
        let words = drawn.reduce(0) { $0 + oracle.reading(of: $1.text).words }
        func perplexity(_ sum: Double) -> Double { exp(-sum / Double(max(words, 1))) }
        return HeldOut(
            texts: texts, words: words, model: perplexity(scores.reduce(0, +)),
            grammar: perplexity(drawn.reduce(0) { $0 + $1.logProbability }))
    }

    private static func write(
        _ engine: Engine, _ samples: Int, _ temperature: Double, progress: (Double) -> Void
    ) async throws -> Writing {
        let start = Array(engine.model.endOfText.sorted().prefix(1))
        let limit = engine.model.network.layout.maximumPositions - start.count
        let requests = (0..<samples).map { seed in
            GenerationRequest(
                prompt: start, maximumTokens: limit,
                sampling: SamplingOptions(temperature: temperature, topP: 1, seed: UInt64(seed)))
        }
        let (grammar, world) = (PlantedLikelihood(), PlantedWorldOracle())
        var (sentences, grammatical, flawless) = (0, 0, 0)
        var examples: [String] = []
        for first in stride(from: 0, to: samples, by: 50) {
            let part = Array(requests[first..<min(first + 50, samples)])
            for generation in try await engine.generate(part, batchSize: 25) {
                if examples.count < 3 { examples.append(generation.text) }
                let counts = Self.count(generation.text, grammar, world)
                sentences += counts.all
                grammatical += counts.grammatical
                flawless += counts.all > 0 && counts.grammatical == counts.all ? 1 : 0
            }
            progress(Double(min(first + 50, samples)) / Double(samples))
        }
        return Writing(
            temperature: temperature, samples: samples, sentences: sentences, grammatical: grammatical,
            flawless: flawless, examples: examples)
    }

    /// How many sentences and lines a document has, and how many of them belong to the language.
    private static func count(
        _ text: String, _ grammar: PlantedLikelihood, _ world: PlantedWorldOracle
    ) -> (all: Int, grammatical: Int) {
        var result = (all: 0, grammatical: 0)
        for line in text.split(separator: "\n").map(String.init) {
            if world.isGrammatical(line) || PlantedThesaurus.isGrammatical(line) || PlantedBrief(line) != nil
            {
                result.all += 1
                result.grammatical += 1
                continue
            }
            let score = grammar.logProbability(of: line)
            result.all += score.sentences
            result.grammatical += score.grammaticalSentences
        }
        return result
    }

    private static func answer(
        _ engine: Engine, seed: UInt64, progress: (Double) -> Void
    ) async throws -> [Answers] {
        let world = PlantedWorld(seed: seed)
        let tokenizer = engine.model.tokenizer
        var groups: [[PlantedQuestion]] = []
        for kind in PlantedWorld.Kind.allCases {
            let byTopic = Dictionary(grouping: world.questions(kind)) { "\($0.topic) \($0.isHeldOut)" }
            groups += byTopic.sorted { $0.key < $1.key }.map(\.value)
        }
        var result: [Answers] = []
        for (number, group) in groups.enumerated() {
            let requests = group.map {
                GenerationRequest(
                    prompt: tokenizer.encode($0.prompt), maximumTokens: 80,
                    sampling: SamplingOptions(temperature: 0), stop: ["\n"])
            }
            let generations = try await engine.generate(requests, batchSize: 25)
            let right = zip(group, generations).count { $0.isRight($1.text) }
            let frequencies = Dictionary(group.map { ($0.answer, 1) }, uniquingKeysWith: +)
            result.append(
                Answers(
                    kind: group[0].kind.rawValue, topic: group[0].topic, isHeldOut: group[0].isHeldOut,
                    count: group.count, right: right,
                    chance: Double(frequencies.values.max() ?? 0) / Double(group.count)))
            progress(Double(number + 1) / Double(groups.count))
        }
        return result
    }
}
