public import VaneSites
import VaneTensors

/// Vectors that make a frozen network write one given sentence each (row 149: Extracting Latent Steering
/// Vectors, Subramani et al., arXiv 2205.05124).
///
///     z* = argmax_z Σ_t log p(x_t | x_<t, z)      z added to the hidden state at one site
///
/// after a start token, at the first position only or at all of them, found by Adam from a random start
/// (Xavier: variance `2 / (width + 1)`), with the rate times 0.9 whenever the loss has not fallen for a
/// while. Greedy decoding from the start token then writes the sentence back. Means over sentences of a style
/// are the training-based style vectors of row 26: `z + λ (mean z of the target style - mean z of the source
/// style)`, ``moved(_:from:to:by:)``.
///
/// The rate is in units of the site's activations over all sentences, and the start of a sentence is drawn
/// by its number. One pass takes many sentences; each has its own vector and its own optimiser, so how they
/// are packed into passes does not matter but for the order of rounding.
public struct LatentVectors: Sendable {
    /// Where the vector is added.
    public enum Positions: String, Sendable, Codable, CaseIterable {
        /// At the start token only.
        case first
        /// At every token.
        case all

        var range: Range<Int> { self == .first ? 0..<1 : 0..<Int.max }
    }

    /// Where the vector is added.
    public var positions: Positions
    /// How far Adam moves an entry in a step at most, in root mean squares of an activation's entry.
    public var rate: Double
    /// Steps a sentence takes at most.
    public var steps: Int
    /// Steps without a lower loss before the rate falls.
    public var patience: Int
    /// A sentence is done when it is recovered and its loss is below this, nats a token.
    public var targetLoss: Double
    /// Tokens a pass takes at most (a longer sentence goes alone).
    public var batchTokens: Int
    /// Decides the starts.
    public var seed: UInt64

    /// A learner.
    public init(
        positions: Positions = .first, rate: Double = 0.3, steps: Int = 500, patience: Int = 10,
        targetLoss: Double = 0.1, batchTokens: Int = 512, seed: UInt64 = 0
    ) {
        self.positions = positions
        self.rate = rate
        self.steps = steps
        self.patience = patience
        self.targetLoss = targetLoss
        self.batchTokens = batchTokens
        self.seed = seed
    }

    /// The vector of a sentence.
    public struct Latent: Sendable, Hashable {
        /// What to add, `[width]`.
        public let vector: [Float]
        /// The sentence's negative log-likelihood with it, nats a token.
        public let loss: Double
        /// Whether greedy decoding writes the sentence exactly.
        public let isRecovered: Bool
        /// The step at which the vector was found.
        public let steps: Int
    }

    /// The vector of each sentence.
    ///
    /// - Parameters:
    ///   - sentences: the tokens of each, without the start token.
    ///   - start: the token in front of every sentence.
    ///   - site: where the vector is added; a whole activation, not a head.
    ///   - network: the network, which stays as it is.
    ///   - progress: called after each step of a batch with the number of sentences done.
    /// - Throws: ``ConceptError`` `invalidOption`, or `unusableExamples` for an empty sentence or one that
    ///   does not fit; `SiteError`; `TensorError`.
    public func vectors(
        of sentences: [[Int]], start: Int, at site: Site, in network: any DifferentiableNetwork,
        progress: ((Int) -> Void)? = nil
    ) throws -> [Latent] {
        guard rate > 0 && rate.isFinite && targetLoss >= 0, steps > 0 && patience > 0 && batchTokens > 0
        else {
            throw ConceptError(
                .invalidOption,
                "rate, steps, patience and tokens a pass must be positive, not \(rate), \(steps), \(patience) and "
                    + "\(batchTokens)")
        }
        let texts = try sentences.enumerated().map { number, tokens in
            let text = PromptedText(prompt: [start], continuation: tokens)
            guard !tokens.isEmpty, text.tokens.count <= network.layout.maximumPositions else {
                throw ConceptError(
                    .unusableExamples,
                    "sentence \(number + 1) has \(tokens.count) tokens; expected 1 to "
                        + "\(network.layout.maximumPositions - 1)")
            }
            return text
        }
        guard !texts.isEmpty else { throw ConceptError(.unusableExamples, "there is no sentence") }
        let width = try network.layout.width(of: site)
        let unit =
            try ActivationScale.norm(at: site, texts, in: network) / Double(width).squareRoot()
        var searches = try texts.enumerated().map {
            try Search($1, width: width, rate: rate * unit, seed: seed, stream: UInt64($0))
        }
        for range in TokenBatches.ranges(texts.map(\.tokens.count), limit: batchTokens) {
            for _ in 0..<steps {
                let open = range.filter { !searches[$0].isDone }
                guard !open.isEmpty else { break }
                try step(&searches, open, site, network)
                progress?(searches.count { $0.isDone })
            }
        }
        return searches.map(\.best)
    }

    private func step(
        _ searches: inout [Search], _ open: [Int], _ site: Site, _ network: any DifferentiableNetwork
    ) throws {
        let hooks = open.map { number in
            var hooks = Hooks()
            hooks.add(ShiftEdit(searches[number].vector.elements, at: positions.range), at: site)
            return hooks
        }
        let pass = try LikelihoodPass(open.map { searches[$0].text }, hooks: hooks, at: [site], in: network)
        guard let slope = pass.slopes[site] else { return }
        let writings = pass.writings
        for (place, number) in open.enumerated() {
            let rows = pass.rows[place]
            let shifted = positions == .first ? rows.lowerBound..<rows.lowerBound + 1 : rows
            // From the mean over the batch's tokens to the mean over the sentence's.
            let factor = Double(pass.count) / Double(searches[number].text.continuation.count)
            let gradient = Numbers.sum(slope, shifted).map { Float($0 * factor) }
            try searches[number].move(gradient, writings[place], patience: patience, target: targetLoss)
        }
    }

    /// What greedy decoding writes after `start` while `vector` is added.
    ///
    /// - Throws: `SiteError`.
    public func decoded(
        _ vector: [Float], count: Int, start: Int, at site: Site, in network: any SteerableNetwork
    ) throws -> [Int] {
        var hooks = Hooks()
        hooks.add(ShiftEdit(vector, at: positions.range), at: site)
        let state = network.makeSequence()
        var tokens = [start]
        for _ in 0..<max(0, min(count, network.layout.maximumPositions - 1)) {
            let input = SequenceInput(
                state: state, tokens: Array(tokens.suffix(1)), hooks: hooks, promptLength: 1)
            guard let logits = try network.forward([input], output: .lastLogits, through: nil)?.elements,
                let largest = logits.max(), let next = logits.firstIndex(of: largest)
            else { break }
            tokens.append(next)
        }
        return Array(tokens.dropFirst())
    }

    /// `vector + strength · (mean of target - mean of source)`.
    public static func moved(
        _ vector: [Float], from source: [[Float]], to target: [[Float]], by strength: Double
    ) -> [Float] {
        let way = zip(Numbers.mean(target), Numbers.mean(source)).map { $0 - $1 }
        return zip(vector, way).map { Float(Double($0) + strength * $1) }
    }
}

/// The search for one sentence's vector.
private struct Search {
    let text: PromptedText
    private(set) var vector: Tensor
    private(set) var best: LatentVectors.Latent
    private(set) var isDone = false
    private var optimiser = Optimiser(.adam())
    private var rate: Double
    private var lowest = Double.infinity
    private var waited = 0

    init(_ text: PromptedText, width: Int, rate: Double, seed: UInt64, stream: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: stream)
        let deviation = (2 / Double(width + 1)).squareRoot()
        self.text = text
        self.rate = rate
        vector = try Tensor((0..<width).map { _ in Float(generator.normal() * deviation) }, shape: [width])
        best = LatentVectors.Latent(
            vector: vector.elements, loss: .infinity, isRecovered: false, steps: 0)
    }

    /// Takes a step; `writing` and `gradient` belong to the vector before it.
    mutating func move(
        _ gradient: [Float], _ writing: LikelihoodPass.Writing, patience: Int, target: Double
    ) throws {
        let loss = writing.loss / Double(text.continuation.count)
        // A recovered sentence beats one that is only likelier.
        if (writing.isGreedy && !best.isRecovered)
            || (writing.isGreedy == best.isRecovered && loss < best.loss)
        {
            best = LatentVectors.Latent(
                vector: vector.elements, loss: loss, isRecovered: writing.isGreedy, steps: optimiser.steps)
        }
        isDone = writing.isGreedy && loss <= target
        guard !isDone, gradient.allSatisfy(\.isFinite) else { return }
        waited = loss < lowest ? 0 : waited + 1
        lowest = min(lowest, loss)
        if waited >= patience {
            rate *= 0.9
            waited = 0
        }
        let moved = try optimiser.step(
            ["z": vector], ["z": Tensor(gradient, shape: vector.shape)], rate: rate)
        vector = moved["z"] ?? vector
    }
}
