import VaneConcepts
public import VaneSites
import VaneTensors

/// Direct logit attribution: how much each head and each MLP adds to a score of the next token through the
/// residual stream (Elhage et al., A Mathematical Framework for Transformer Circuits, 2021).
///
/// With the final norm's size `σ` held at what it is, the logits are linear in what was written:
///
///     Σ_t c_t z_t = Σ_i d · y_i + b · u,   u = Σ_t c_t W_U[t],   d = c(g ∘ u) / σ
///
/// over the embedding, each head's `W_O z`, the attention biases and the MLPs. `c_t` is the objective's slope:
/// for a logit or a difference of two the sum is the objective itself, for others its first-order part. What a
/// part changes by way of later parts is not in it; ablate for that.
public struct DirectLogitAttribution: Sendable {
    /// What writes to the residual stream.
    public enum Part: Hashable, Sendable, Codable {
        /// Token and position embedding.
        case embedding
        /// One head.
        case head(layer: Int, head: Int)
        /// The bias of a block's attention output.
        case attentionBias(layer: Int)
        /// A block's MLP, its bias included.
        case mlp(layer: Int)
        /// What the final norm adds whatever the state.
        case finalNormBias
    }

    /// A part with what it adds.
    public struct Contribution: Sendable, Hashable, Codable {
        /// The part.
        public let part: Part
        /// What it adds to the score, logits.
        public let value: Double
    }

    /// Every part, in the order of the forward pass.
    public let contributions: [Contribution]
    /// `Σ_t c_t z_t` from the network's own logits: what the contributions add up to.
    public let total: Double
    /// The objective's value.
    public let value: Double
    /// `d`, in front of the final norm, `[width]`.
    public let direction: [Float]

    /// The sum of all contributions.
    public var sum: Double { contributions.reduce(0) { $0 + $1.value } }

    /// Takes apart the objective after the last token of a text.
    ///
    /// - Parameters:
    ///   - objective: the score.
    ///   - tokens: the text's token ids.
    ///   - network: the network.
    ///   - edits: what is on meanwhile; an edit of a residual stream adds what belongs to no part.
    /// - Throws: ``EvidenceError`` `invalidOption`, `unusableInputs`, `unsupportedNetwork`; `SiteError`.
    public init(
        of objective: Objective, _ tokens: [Int], in network: any ReadableNetwork,
        under edits: Hooks = Hooks()
    ) throws {
        try self.init(of: objective, tokens, in: network, under: edits, weighing: nil)
    }

    /// As the public one; `weights` replaces the slope of the objective.
    init(
        of objective: Objective, _ tokens: [Int], in network: any ReadableNetwork,
        under edits: Hooks = Hooks(),
        weighing given: [Int: Double]?
    ) throws {
        let layout = network.layout
        try objective.check(vocabulary: layout.vocabulary)
        let layers = 0..<layout.depth
        var sites: [Site] = [.embedding, .residual(layout.depth - 1), .finalNorm]
        for layer in layers {
            sites += [.attentionOutput(layer), .mlpOutput(layer)]
            sites += (0..<layout.heads).map { .head(layer: layer, head: $0) }
        }
        let read = try SiteRows(tokens, at: sites, in: network, under: edits, output: .lastLogits)
        guard let logits = read.logits?.elements else {
            throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
        }
        let parts = try Unembedding(network)
        let slope = objective.slope(of: logits)
        var weights = given ?? [:]
        if given == nil {
            for (token, weight) in slope.enumerated() where weight != 0 { weights[token] = Double(weight) }
        }
        let combined = parts.combination(of: weights)
        let scale = parts.scale(of: read.last(.residual(layout.depth - 1)), normalised: read.last(.finalNorm))
        // Taking the mean away is its own transpose, so it may stand on this side.
        let direction = parts.centred(zip(combined, parts.gain).map { $0 * Double($1) }).map { $0 * scale }
        func written(_ values: [Float]) -> Double {
            zip(direction, values).reduce(0) { $0 + $1.0 * Double($1.1) }
        }

        var contributions = [Contribution(part: .embedding, value: written(read.last(.embedding)))]
        for layer in layers {
            var heads = 0.0
            for head in 0..<layout.heads {
                let value = try DirectLogitAttribution.written(
                    read.last(.head(layer: layer, head: head)), layer, head, along: direction, in: network)
                heads += value
                contributions.append(Contribution(part: .head(layer: layer, head: head), value: value))
            }
            contributions.append(
                Contribution(
                    part: .attentionBias(layer: layer),
                    value: written(read.last(.attentionOutput(layer))) - heads))
            contributions.append(
                Contribution(part: .mlp(layer: layer), value: written(read.last(.mlpOutput(layer)))))
        }
        let added = parts.bias.map { zip(combined, $0).reduce(0.0) { $0 + $1.0 * Double($1.1) } } ?? 0
        contributions.append(Contribution(part: .finalNormBias, value: added))
        self.contributions = contributions
        self.direction = direction.map { Float($0) }
        total = weights.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value * Double(logits[$1.key]) }
        value = objective.value(of: logits)
    }

    /// The heads alone, those that add most first.
    public var heads: [(site: Site, value: Double)] {
        let heads: [(site: Site, value: Double)] = contributions.compactMap {
            guard case .head(let layer, let head) = $0.part else { return nil }
            return (.head(layer: layer, head: head), $0.value)
        }
        return heads.sorted { ($1.value, $0.site) < ($0.value, $1.site) }
    }

    /// `d · W_O z` for the values of one head.
    private static func written(
        _ values: [Float], _ layer: Int, _ head: Int, along direction: [Double],
        in network: any ReadableNetwork
    ) throws -> Double {
        guard let matrix = try network.weights(of: .headOutput(layer: layer, head: head)) else {
            throw EvidenceError(
                .unsupportedNetwork, "the network shows no output weights of head \(head) of block \(layer)")
        }
        let width = matrix.width
        return matrix.contiguous().read { base in
            direction.indices.reduce(0.0) { sum, j in
                var entry = 0.0
                for (k, value) in values.enumerated() { entry += Double(base[j * width + k]) * Double(value) }
                return sum + direction[j] * entry
            }
        }
    }
}

extension DirectLogitAttribution.Part: CustomStringConvertible {
    /// `embedding`, `blocks[3].head[1]`, `blocks[3].attention bias`, `blocks[3].mlp` or `final norm bias`.
    public var description: String {
        switch self {
        case .embedding: "embedding"
        case .head(let layer, let head): Site.head(layer: layer, head: head).description
        case .attentionBias(let layer): "\(Site.attentionOutput(layer)) bias"
        case .mlp(let layer): Site.mlpOutput(layer).description
        case .finalNormBias: "final norm bias"
        }
    }
}
