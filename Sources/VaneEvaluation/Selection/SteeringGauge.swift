import Foundation
import VaneConcepts
import VaneGeneration
import VaneSites
import VaneTensors

/// What edits do to the predictions of given texts, without generating any: no judge is needed, and much less noise.
///
/// Only the tokens after a text's prompt count. With `p` the network as it is and `q` the edited one, per text and token:
///
///     gain = mean log q(x) - log p(x)
///     cost = mean Σₜ p(t) (log p(t) - log q(t))          nats
///
/// Edits towards a concept should raise the gain of texts that show it above that of texts that do not.
struct SteeringGauge: Sendable {
    /// A text with its class.
    struct Text: Sendable {
        let tokens: [Int]
        let promptLength: Int
        var isPositive = true
    }

    /// The effect on one text.
    struct Effect: Sendable {
        let isPositive: Bool
        /// Tokens that counted.
        let tokens: Int
        var gain: Double
        let cost: Double
    }

    private let batches: [[Text]]
    /// Log-probabilities of the network as it is at the states that choose the tokens that count, a list a text.
    private let plain: [[[Float]]]
    private let engine: Engine

    /// Runs the network as it is on `texts`; those without a token after their prompt are left out.
    init(_ texts: [Text], engine: Engine) async throws {
        var batches: [[Text]] = []
        var rows = 0
        for text in texts where text.tokens.count > text.promptLength {
            if batches.isEmpty || rows + text.tokens.count > 512 {
                batches.append([])
                rows = 0
            }
            batches[batches.count - 1].append(text)
            rows += text.tokens.count
        }
        self.batches = batches
        self.engine = engine
        let all = batches
        plain = try await engine.perform { model in
            try all.map { try Self.logProbabilities($0, Hooks(), model) }
        }
    }

    /// The effects of `hooks` on every text; costs are infinite where the edited predictions are no numbers.
    func effects(of hooks: Hooks) async throws -> [Effect] {
        let (batches, plain) = (batches, plain)
        return try await engine.perform { model in
            try zip(batches, plain).flatMap { batch, before in
                zip(batch, zip(before, try Self.logProbabilities(batch, hooks, model))).map {
                    Self.effect(on: $0, $1.0, $1.1)
                }
            }
        }
    }

    private static func logProbabilities(_ batch: [Text], _ hooks: Hooks, _ model: LanguageModel) throws
        -> [[Float]]
    {
        // The last token chooses nothing.
        let inputs = batch.map { text in
            SequenceInput(
                state: model.network.makeSequence(), tokens: Array(text.tokens.dropLast()), hooks: hooks,
                promptLength: text.promptLength)
        }
        guard let logits = try model.network.forward(inputs, output: .allLogits, through: nil) else {
            throw EvaluationError(.unusableInput, "the network gave no logits")
        }
        let scores = logits.logSoftmax()
        return scores.read { base in
            var first = 0
            return batch.map { text in
                let start = (first + text.promptLength - 1) * scores.width
                first += text.tokens.count - 1
                let values = UnsafeBufferPointer(start: base, count: scores.rowCount * scores.width)
                return Array(values[start..<first * scores.width])
            }
        }
    }

    private static func effect(on text: Text, _ before: [Float], _ after: [Float]) -> Effect {
        let counted = text.tokens.dropFirst(text.promptLength)
        let width = before.count / counted.count
        var (gain, cost) = (0.0, 0.0)
        for (row, token) in counted.enumerated() {
            gain += Double(after[row * width + token]) - Double(before[row * width + token])
        }
        for (p, q) in zip(before, after) where p > -.infinity {
            cost += exp(Double(p)) * (Double(p) - Double(q))
        }
        let count = Double(counted.count)
        return Effect(
            isPositive: text.isPositive, tokens: counted.count, gain: gain / count,
            cost: cost.isFinite ? cost / count : .infinity)
    }
}

/// Effects of steering towards a concept on each text, followed by those of steering away, whose gains have their sign turned.
extension [SteeringGauge.Effect] {
    /// Mean over the texts, nats a token.
    var cost: Double { reduce(0) { $0 + $1.cost } / Double(Swift.max(count, 1)) }

    /// Mean over the positive less mean over the negative texts.
    var gain: Double {
        let means = gains.map { $0.reduce(0, +) / Double(Swift.max($0.count, 1)) }
        return means[0] - means[1]
    }

    /// The standard error of ``gain``.
    var standardError: Double {
        gains.reduce(0.0) { sum, gains in
            let count = Double(gains.count)
            guard count > 1 else { return .infinity }
            let mean = gains.reduce(0, +) / count
            return sum + gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count
        }.squareRoot()
    }

    /// ``gain`` with a bootstrap interval over the texts, each class resampled on its own.
    func estimate(seed: UInt64) -> Estimate {
        let classes = gains
        var generator = SeededGenerator(seed: seed, stream: 700)
        let samples = (0..<2000).map { _ in
            let means = classes.map { gains in
                gains.indices.reduce(0.0) { sum, _ in sum + gains[generator.integer(below: gains.count)] }
                    / Double(Swift.max(gains.count, 1))
            }
            return means[0] - means[1]
        }
        return Estimate(
            value: gain, low: Statistics.quantile(samples, 0.025),
            high: Statistics.quantile(samples, 0.975))
    }

    /// Each text's gains of both directions averaged, one list a class.
    private var gains: [[Double]] {
        let half = count / 2
        return [true, false].map { wanted in
            (0..<half).filter { self[$0].isPositive == wanted }.map {
                (self[$0].gain + self[half + $0].gain) / 2
            }
        }
    }
}
