import Foundation
import VaneConcepts
public import VaneSites
import VaneTensors

/// How a network recalls facts: which parts write the answer, what the heads among them are worth, and whether
/// the last block damps it (row 185, Lv et al., arXiv 2403.19521).
///
/// Parts are scored by direct logit attribution of the answer's logit less the vocabulary's mean logit; the
/// heads that add most are taken away (set to their mean over the prompts) to see what the answer's
/// probability loses; the logit lens compares the probability in front of the last block with the final one.
public struct FactualRecall: Sendable {
    /// A prompt with the token that answers it.
    public struct Fact: Sendable, Hashable {
        /// The prompt's token ids.
        public let prompt: [Int]
        /// The answer's first token.
        public let answer: Int

        /// A fact.
        public init(prompt: [Int], answer: Int) {
            self.prompt = prompt
            self.answer = answer
        }
    }

    /// The mean contribution of each part, logits over the vocabulary's mean, the largest first.
    public let contributions: [DirectLogitAttribution.Contribution]
    /// The answer's mean probability.
    public let probability: Double
    /// The same without the heads that add most.
    public let withoutTopHeads: Double
    /// The same without as many other heads, means of several draws.
    public let withoutRandomHeads: Double
    /// Prompts on which the last block lowers the answer's probability.
    public let damped: Int
    /// All prompts.
    public let prompts: Int
    /// The chance of so many damped prompts if the last block raised as often as it lowered: one-sided sign test.
    public let dampingPValue: Double

    /// Looks at some facts.
    ///
    /// - Parameters:
    ///   - facts: prompts with answers.
    ///   - heads: how many heads to take away.
    ///   - draws: draws of random heads.
    ///   - seed: seeds the draws.
    ///   - network: the network.
    ///   - progress: called with the number of prompts attributed.
    /// - Throws: ``EvidenceError``; `SiteError`.
    public init(
        _ facts: [Fact], removing heads: Int = 3, draws: Int = 5, seed: UInt64 = 0,
        in network: any InspectableNetwork, progress: ((Int) -> Void)? = nil
    ) throws {
        let layout = network.layout
        let all = HeadAblation.heads(of: layout)
        guard !facts.isEmpty else { throw EvidenceError(.unusableInputs, "factual recall needs prompts") }
        guard heads > 0, heads <= all.count / 2, draws > 0 else {
            throw EvidenceError(
                .invalidOption,
                "1 to \(all.count / 2) heads can be compared with as many others, draws 1 or more")
        }
        var sums: [DirectLogitAttribution.Part: Double] = [:]
        var order: [DirectLogitAttribution.Part] = []
        var damped = 0
        for (number, fact) in facts.enumerated() {
            let run = try DirectLogitAttribution(
                of: .logit(fact.answer), fact.prompt,
                in: network, weighing: FactualRecall.weights(fact.answer, layout.vocabulary))
            if order.isEmpty { order = run.contributions.map(\.part) }
            for entry in run.contributions {
                sums[entry.part, default: 0] += entry.value / Double(facts.count)
            }
            let sites: [Site] = layout.depth > 1 ? [.residual(layout.depth - 2)] : [.embedding]
            let lens = try LogitLens(
                fact.prompt, at: sites + [.residual(layout.depth - 1)], in: network)
            let course = lens.probabilities(of: [fact.answer], position: fact.prompt.count - 1)
            if let before = course.first, let after = course.last, before > after { damped += 1 }
            progress?(number + 1)
        }
        contributions = order.map { .init(part: $0, value: sums[$0] ?? 0) }.sorted { $0.value > $1.value }
        let ranked: [Site] = contributions.compactMap {
            guard case .head(let layer, let head) = $0.part else { return nil }
            return .head(layer: layer, head: head)
        }
        let ablation = try HeadAblation.mean(over: facts.map(\.prompt), in: network)
        func mean(without removed: [Site]) throws -> Double {
            try FactualRecall.probability(facts, ablation.hooks(removing: removed), in: network)
        }
        probability = try mean(without: [])
        withoutTopHeads = try mean(without: Array(ranked.prefix(heads)))
        var generator = SeededGenerator(seed: seed)
        let rest = Array(ranked.dropFirst(heads))
        withoutRandomHeads =
            try (0..<draws).reduce(0.0) { sum, _ in
                try sum + mean(without: Array(generator.shuffled(rest).prefix(heads)))
            } / Double(draws)
        self.damped = damped
        prompts = facts.count
        dampingPValue = Statistics.binomialTail(successes: damped, of: facts.count, chance: 0.5)
    }

    /// The answer's logit less the mean logit.
    private static func weights(_ answer: Int, _ vocabulary: Int) -> [Int: Double] {
        var weights = [Int: Double](
            uniqueKeysWithValues: (0..<vocabulary).map { ($0, -1 / Double(vocabulary)) })
        weights[answer, default: 0] += 1
        return weights
    }

    private static func probability(_ facts: [Fact], _ hooks: Hooks, in network: any SteerableNetwork) throws
        -> Double
    {
        var sum = 0.0
        for batch in TokenBatches.ranges(facts.map(\.prompt.count), limit: 1024) {
            let inputs = facts[batch].map {
                SequenceInput(
                    state: network.makeSequence(), tokens: $0.prompt, hooks: hooks,
                    promptLength: $0.prompt.count)
            }
            guard let logits = try network.forward(inputs, output: .lastLogits, through: nil) else {
                throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
            }
            let rows = logits.logSoftmax().elements
            for (row, fact) in facts[batch].enumerated() {
                sum += exp(Double(rows[row * logits.width + fact.answer]))
            }
        }
        return sum / Double(facts.count)
    }
}
