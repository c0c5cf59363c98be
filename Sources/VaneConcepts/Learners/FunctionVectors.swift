public import VaneSites
import VaneTensors

/// Function vectors: the sum of what a few attention heads write after demonstrations of a task (row 12: Todd
/// et al., arXiv 2310.15213).
///
/// 1. `ā_{l,j}`: the mean output of head `j` of block `l` at the last token of prompts with demonstrations.
/// 2. In prompts whose demonstrations are wrong (shuffled labels) a head's last output is replaced by `ā`;
///    the mean change of the probability of the right answer's first token is the head's indirect effect.
/// 3. `v = Σ W_O^{l,j} ā_{l,j}` over the heads with the largest effects; output biases are left out.
/// 4. `v` is added once, to the residual stream after one block at the last token of a prompt without
///    demonstrations.
///
/// How many heads and which block differ between models (the published replications move from 10 to 27 heads
/// and from a third to two thirds of the depth), so both are swept, on queries that must not be those that
/// are scored in the end. Mediation costs one pass of the wrong prompts for every head.
public struct FunctionVectors: Sendable {
    /// Tokens a pass takes at most (a longer prompt goes alone).
    public var batchTokens: Int

    /// A learner.
    public init(batchTokens: Int = 1024) { self.batchTokens = batchTokens }

    /// A head with its indirect effect.
    public struct Head: Sendable, Hashable {
        /// The head, a `Site` `.head`.
        public let site: Site
        /// The mean change of the right answer's probability.
        public let effect: Double
    }

    /// One choice of heads and block.
    public struct Choice: Sendable, Hashable {
        /// The number of heads.
        public let heads: Int
        /// The block after which the vector was added.
        public let layer: Int
        /// The part of the queries that were answered exactly by greedy decoding.
        public let accuracy: Double
    }

    /// The vector of a task.
    public struct Result: Sendable {
        /// What to add at the last token of the prompt, `[width]`.
        public let vector: [Float]
        /// Where: the residual stream after a block.
        public let site: Site
        /// The heads it is made of.
        public let heads: [Head]
        /// All choices that were tried, with their accuracy on the queries for choosing.
        public let choices: [Choice]
        /// Every head, the largest effect first.
        public let effects: [Head]
        /// The mean output of every head.
        public let means: [Site: [Float]]
    }

    /// Learns the vector of a task.
    ///
    /// - Parameters:
    ///   - prompts: prompts with demonstrations of the task, without an answer at the end.
    ///   - corrupted: prompts with wrong demonstrations, each with the right answer as continuation.
    ///   - selection: queries without demonstrations, with answers, on which heads and block are chosen.
    ///   - headCounts: the numbers of heads to try.
    ///   - layers: the blocks to try; all if nil.
    ///   - network: the network.
    ///   - progress: called with the number of finished passes over heads and choices, and their total.
    /// - Throws: ``ConceptError`` `invalidOption` or `unusableExamples`; `SiteError`; `TensorError`.
    public func learn(
        prompts: [[Int]], corrupted: [PromptedText], selection: [PromptedText],
        headCounts: [Int] = [2, 4, 8, 12], layers: [Int]? = nil, in network: any ReadableNetwork,
        progress: ((Int, Int) -> Void)? = nil
    ) throws -> Result {
        let layout = network.layout
        let all = layout.depth * layout.heads
        let counts = headCounts.filter { $0 > 0 && $0 <= all }
        let layers = layers ?? Array(0..<layout.depth)
        guard !counts.isEmpty, !layers.isEmpty else {
            throw ConceptError(
                .invalidOption, "expected numbers of heads from 1 to \(all) and at least one block to try")
        }
        let selection = try selection.fitting(layout.maximumPositions, "the queries for choosing")
        let means = try meanOutputs(prompts, in: network)
        let total = all + counts.count * layers.count
        let effects = try effects(of: means, on: corrupted, in: network) { progress?($0, total) }
        var choices: [Choice] = []
        var best: (choice: Choice, vector: [Float])?
        for count in counts {
            let vector = try vector(of: effects.prefix(count).map(\.site), means, in: network)
            for layer in layers {
                let accuracy = try accuracy(
                    on: selection, adding: vector, at: .residual(layer), in: network)
                let choice = Choice(heads: count, layer: layer, accuracy: accuracy)
                choices.append(choice)
                if accuracy > best?.choice.accuracy ?? -1 { best = (choice, vector) }
                progress?(all + choices.count, total)
            }
        }
        guard let best else { throw ConceptError(.unusableExamples, "no choice could be scored") }
        return Result(
            vector: best.vector, site: .residual(best.choice.layer),
            heads: Array(effects.prefix(best.choice.heads)), choices: choices, effects: effects, means: means)
    }

    /// The mean output of every head at the last token of `prompts`.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func meanOutputs(_ prompts: [[Int]], in network: any SteerableNetwork) throws -> [Site: [Float]] {
        let layout = network.layout
        let heads = (0..<layout.depth).flatMap { layer in
            (0..<layout.heads).map { Site.head(layer: layer, head: $0) }
        }
        return try TaskVectors(batchTokens: batchTokens).vectors(of: prompts, at: heads, in: network)
    }

    /// The indirect effect of every head of `means` on `corrupted`, the largest first.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func effects(
        of means: [Site: [Float]], on corrupted: [PromptedText], in network: any SteerableNetwork,
        progress: ((Int) -> Void)? = nil
    ) throws -> [Head] {
        let texts = try corrupted.fitting(network.layout.maximumPositions, "the wrong prompts")
        func probability(_ edit: (site: Site, mean: [Float])?) throws -> Double {
            let writings = try LikelihoodPass.writings(of: texts, batchTokens: batchTokens, in: network) {
                text in
                var hooks = Hooks()
                if let edit {
                    hooks.add(ReplacementEdit(edit.mean, at: text.promptLength - 1), at: edit.site)
                }
                return hooks
            }
            return writings.reduce(0) { $0 + $1.first } / Double(writings.count)
        }
        let base = try probability(nil)
        let heads = try means.keys.sorted().enumerated().map { number, site in
            defer { progress?(number + 1) }
            return Head(site: site, effect: try probability((site, means[site] ?? [])) - base)
        }
        return heads.sorted { ($1.effect, $0.site) < ($0.effect, $1.site) }
    }

    /// What some heads together write with their mean outputs: `Σ W_O ā`.
    ///
    /// - Throws: ``ConceptError`` `unknownSite` for a site without a mean or that is no head; `SiteError`.
    public func vector(
        of heads: [Site], _ means: [Site: [Float]], in network: any ReadableNetwork
    ) throws -> [Float] {
        var sum = [Double](repeating: 0, count: network.layout.width)
        for site in heads {
            guard case .head(let layer, let head) = site, let mean = means[site],
                let matrix = try network.weights(of: .headOutput(layer: layer, head: head)),
                matrix.shape == [sum.count, mean.count]
            else { throw ConceptError(.unknownSite, "there is no mean output or no weight of \(site)") }
            let weights = matrix.elements
            for j in sum.indices {
                sum[j] += Numbers.dot(weights[j * mean.count..<(j + 1) * mean.count], mean)
            }
        }
        return sum.map { Float($0) }
    }

    /// The part of `queries`, as far as they fit the network, that greedy decoding answers exactly with `vector` added at the prompt's last
    /// token.
    ///
    /// - Throws: ``ConceptError``; `SiteError`.
    public func accuracy(
        on queries: [PromptedText], adding vector: [Float], at site: Site,
        in network: any SteerableNetwork
    ) throws -> Double {
        try LikelihoodPass.accuracy(of: queries, batchTokens: batchTokens, in: network) { text in
            var hooks = Hooks()
            hooks.add(ShiftEdit(vector, at: text.promptLength - 1..<text.promptLength), at: site)
            return hooks
        }
    }
}

extension LikelihoodPass {
    /// The part of `texts` that greedy decoding writes exactly under their hooks; those with nothing to write are left out, longer
    /// ones than the network takes are cut.
    static func accuracy(
        of texts: [PromptedText], batchTokens: Int, in network: any SteerableNetwork,
        hooks: (PromptedText) throws -> Hooks = { _ in Hooks() }
    ) throws -> Double {
        let texts = try texts.fitting(network.layout.maximumPositions, "the queries")
        let writings = try writings(of: texts, batchTokens: batchTokens, in: network, hooks: hooks)
        return Double(writings.count { $0.isGreedy }) / Double(writings.count)
    }
}
