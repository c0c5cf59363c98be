public import VaneSites
import VaneTensors

/// A vector that, added to every state at a site, makes a frozen network write the texts of a concept.
///
///     L(v) = -1/T Σ₊ log p(x | h + v)  +  negativeWeight · 1/T Σ₋ log p(x | h + v)
///
/// is taken down by Adam, `T` the tokens of a pass (nats a token). No weight changes. The vector keeps its
/// length: it is to be added as it is. This is the additive form of row 40 (Self-Discovering Interpretable
/// Diffusion Latent Directions, CVPR 2024) for language models, and the supervised steering vector "SSV" of
/// row 120 (AxBench, arXiv 2501.17148).
///
/// Lengths and the learning rate are in units of the site's activations, so the same options suit every
/// model. With a negative weight the loss has no lower bound; ``maximumLength`` is what then keeps the vector
/// in place.
public struct TrainedVector: Sendable {
    /// How far Adam moves an entry in a step at most, in root mean squares of an activation's entry. It falls
    /// to 0 in a straight line.
    public var rate: Double
    /// Passes over all texts.
    public var epochs: Int
    /// What the other class's likelihood counts; 0 leaves it out.
    public var negativeWeight: Double
    /// The longest vector allowed, in mean norms of a token's activation.
    public var maximumLength: Double
    /// Tokens a pass takes at most (a longer text goes alone). Each pass is one step.
    public var batchTokens: Int
    /// Decides the order of the texts.
    public var seed: UInt64

    /// A learner.
    public init(
        rate: Double = 0.1, epochs: Int = 6, negativeWeight: Double = 0, maximumLength: Double = 2,
        batchTokens: Int = 512, seed: UInt64 = 0
    ) {
        self.rate = rate
        self.epochs = epochs
        self.negativeWeight = negativeWeight
        self.maximumLength = maximumLength
        self.batchTokens = batchTokens
        self.seed = seed
    }

    /// A trained vector with how its training went.
    public struct Result: Sendable, Hashable {
        /// What to add to every state, `[width]`.
        public let vector: [Float]
        /// The negative log-likelihood of a token of the positive texts without the vector, nats.
        public let lossBefore: Double
        /// The same with the vector.
        public let lossAfter: Double
        /// The loss `L` of each step.
        public let losses: [Double]
        /// The Euclidean norm of the first step's gradient.
        public let firstGradient: Double
    }

    /// Trains a vector at `site`.
    ///
    /// - Parameters:
    ///   - positive: texts that show the concept.
    ///   - negative: texts that do not; used only with a ``negativeWeight``.
    ///   - site: where; a whole activation, not a head.
    ///   - network: the network, which stays as it is.
    ///   - progress: called after each step with its number and the number of steps.
    /// - Throws: ``ConceptError`` `invalidOption`, or `unusableExamples` when a class that is used has no
    ///   text; `SiteError`; `TensorError`.
    public func train(
        positive: [PromptedText], negative: [PromptedText] = [], at site: Site,
        in network: any DifferentiableNetwork, progress: ((Int, Int) -> Void)? = nil
    ) throws -> Result {
        guard rate > 0 && maximumLength > 0 && negativeWeight >= 0,
            [rate, maximumLength, negativeWeight].allSatisfy(\.isFinite), epochs > 0 && batchTokens > 0
        else {
            throw ConceptError(
                .invalidOption,
                "rate, length, epochs and tokens a pass must be positive and the negative weight not below 0, not "
                    + "\(rate), \(maximumLength), \(epochs), \(batchTokens) and \(negativeWeight)")
        }
        let limit = network.layout.maximumPositions
        let shown = try positive.fitting(limit, "the positive examples")
        let hidden = negativeWeight > 0 ? try negative.fitting(limit, "the negative examples") : []
        let width = try network.layout.width(of: site)
        let norm = try ActivationScale.norm(at: site, shown, in: network)
        let unit = norm / Double(width).squareRoot()

        let weighted = shown.map { ($0, 1.0) } + hidden.map { ($0, -negativeWeight) }
        var generator = SeededGenerator(seed: seed)
        let orders = (0..<epochs).map { _ in generator.shuffled(weighted) }
        let batches = orders.map { order in
            TokenBatches.ranges(order.map(\.0.tokens.count), limit: batchTokens).map { Array(order[$0]) }
        }.flatMap { $0 }
        let schedule = LearningRate(peak: rate * unit, steps: batches.count + 1, decay: .linear)

        var vector = Tensor(zeros: [width])
        var optimiser = Optimiser(.adam())
        var losses: [Double] = []
        var firstGradient = 0.0
        for (number, batch) in batches.enumerated() {
            let step = try gradient(batch, vector.elements, site, network)
            losses.append(step.loss)
            if number == 0 { firstGradient = Numbers.norm(step.gradient) }
            let moved = try optimiser.step(
                ["v": vector], ["v": Tensor(step.gradient.map { Float($0) }, shape: [width])],
                rate: schedule.rate(at: number + 1))
            vector = try limited(moved["v"] ?? vector, to: maximumLength * norm)
            progress?(number + 1, batches.count)
        }
        let result = vector.elements
        guard result.allSatisfy(\.isFinite) else {
            throw ConceptError(.unusableExamples, "the vector at \(site) grew without bound")
        }
        return Result(
            vector: result, lossBefore: try loss(shown, [], site, network),
            lossAfter: try loss(shown, result, site, network), losses: losses, firstGradient: firstGradient)
    }

    /// The negative log-likelihood of a token of `texts` while `vector` is added, nats.
    private func loss(
        _ texts: [PromptedText], _ vector: [Float], _ site: Site, _ network: any SteerableNetwork
    ) throws -> Double {
        var hooks = Hooks()
        if !vector.isEmpty { hooks.add(ShiftEdit(vector), at: site) }
        let writings = try LikelihoodPass.writings(of: texts, batchTokens: batchTokens, in: network) { _ in
            hooks
        }
        return writings.reduce(0) { $0 + $1.loss } / Double(texts.reduce(0) { $0 + $1.continuation.count })
    }

    private func gradient(
        _ batch: [(text: PromptedText, weight: Double)], _ vector: [Float], _ site: Site,
        _ network: any DifferentiableNetwork
    ) throws -> (loss: Double, gradient: [Double]) {
        var hooks = Hooks()
        hooks.add(ShiftEdit(vector), at: site)
        let pass = try LikelihoodPass(
            batch.map(\.text), hooks: batch.map { _ in hooks }, at: [site], in: network)
        var sum = [Double](repeating: 0, count: vector.count)
        guard let slope = pass.slopes[site] else { return (pass.loss, sum) }
        for (rows, (_, weight)) in zip(pass.rows, batch) {
            for (j, value) in Numbers.sum(slope, rows).enumerated() { sum[j] += weight * value }
        }
        // The pass's own loss weighs all texts alike.
        guard batch.contains(where: { $0.weight != 1 }) else { return (pass.loss, sum) }
        let loss = zip(pass.writings, batch).reduce(0) { $0 + $1.0.loss * $1.1.weight }
        return (loss / Double(pass.count), sum)
    }

    private func limited(_ vector: Tensor, to length: Double) throws -> Tensor {
        let norm = Numbers.norm(vector.elements)
        return norm > length ? vector.scaled(by: Float(length / norm)) : vector
    }
}

/// How long a network's activations are.
enum ActivationScale {
    /// The mean Euclidean norm of the activations of the first texts' last tokens at `site`. First tokens can
    /// be many times as long and would hide all others.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` when it is not a positive number.
    static func norm(at site: Site, _ texts: [PromptedText], in network: any SteerableNetwork) throws
        -> Double
    {
        let harvest = try Harvest(
            texts.prefix(32).map(\.tokens), at: [site], in: network, pooling: .last)
        let rows = harvest.activations[site]
        let norms = (0..<harvest.rows.count).map { row in
            rows.map { Numbers.norm(Numbers.sum($0, row..<row + 1)) } ?? 0
        }
        let norm = norms.reduce(0, +) / Double(max(norms.count, 1))
        guard norm > 0 && norm.isFinite else {
            throw ConceptError(.unusableExamples, "the activations at \(site) have no length")
        }
        return norm
    }
}
