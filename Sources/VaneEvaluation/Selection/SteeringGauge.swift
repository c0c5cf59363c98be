import Foundation
import VaneConcepts
import VaneGeneration
import VaneSites
import VaneTensors

/// What edits do to the probability of given texts, without generating any: no judge is needed, and much less noise.
///
/// The first third of a text is its prompt; only tokens after it count. With `p` the network as it is and `q` the edited one,
/// per text and token:
///
///     gain = mean log q(x) - log p(x)
///     cost = mean Σₜ p(t) (log p(t) - log q(t))          nats
///
/// Edits towards a concept should raise the gain of texts that show it above that of texts that do not.
struct SteeringGauge: Sendable {
    /// A text with its class.
    struct Text: Sendable {
        let tokens: [Int]
        let isPositive: Bool
        var promptLength: Int { max(1, tokens.count / 3) }
    }

    /// The effect on one text.
    struct Effect: Sendable {
        let isPositive: Bool
        let gain: Double
        let cost: Double
    }

    private let batches: [[Text]]
    /// Log-probabilities of the network as it is, one tensor a batch.
    private let plain: [Tensor]
    private let engine: Engine

    /// Runs the network as it is on `texts`; those of fewer than two tokens are left out.
    init(_ texts: [Text], engine: Engine) async throws {
        var batches: [[Text]] = []
        var rows = 0
        for text in texts where text.tokens.count > 1 {
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

    /// The effects of `hooks` on every text.
    func effects(of hooks: Hooks) async throws -> [Effect] {
        let batches = batches
        let plain = plain
        return try await engine.perform { model in
            try zip(batches, plain).flatMap { batch, before in
                Self.effects(batch, before, try Self.logProbabilities(batch, hooks, model))
            }
        }
    }

    private static func logProbabilities(_ batch: [Text], _ hooks: Hooks, _ model: LanguageModel) throws
        -> Tensor
    {
        let inputs = batch.map { text in
            SequenceInput(
                state: model.network.makeSequence(), tokens: Array(text.tokens.dropLast()), hooks: hooks,
                promptLength: text.promptLength)
        }
        guard let logits = try model.network.forward(inputs, output: .allLogits, through: nil) else {
            throw EvaluationError(.unusableInput, "the network gave no logits")
        }
        return logits.logSoftmax()
    }

    private static func effects(_ batch: [Text], _ before: Tensor, _ after: Tensor) -> [Effect] {
        let width = before.width
        return before.read { p in
            after.read { q in
                var first = 0
                return batch.map { text in
                    defer { first += text.tokens.count - 1 }
                    var (gain, cost) = (0.0, 0.0)
                    let counted = text.promptLength - 1..<text.tokens.count - 1
                    for place in counted {
                        let row = (first + place) * width
                        let token = text.tokens[place + 1]
                        gain += Double(q[row + token]) - Double(p[row + token])
                        for t in 0..<width {
                            let own = Double(p[row + t])
                            cost += exp(own) * (own - Double(q[row + t]))
                        }
                    }
                    let count = Double(max(counted.count, 1))
                    return Effect(isPositive: text.isPositive, gain: gain / count, cost: cost / count)
                }
            }
        }
    }
}
