public import VaneSites
import VaneTensors

/// The direction along which texts of a concept become likelier for the least change of everything else: a natural
/// gradient (Amari, *Natural Gradient Works Efficiently in Learning*, 1998) in the space of activations.
///
/// Let `δ` be added to the activation of every token at a site, and `s(x) = ∂ log p(x) / ∂δ` at `δ = 0` (`[width]`, nats
/// per unit of activation). Per token, with `T` tokens in all,
///
///     g = Σ₊ s(x) / T₊ - Σ₋ s(x) / T₋        what parts the classes
///     F = Σ s(x) s(x)ᵀ / T                   empirical Fisher matrix: δ costs about ½ δᵀFδ nats of divergence
///     u = (F + damping · tr(F) / width · I)⁻¹ g
///
/// `u` gains most log-odds of the concept against its opposite for a given divergence from the network as it was. A
/// probe fitted to activations instead finds what the words of the examples look like, which need not be what makes the
/// network write them: `docs/decisions/0010-steer-along-the-natural-gradient.md` has the comparison.
///
/// The probe is `w · h + b` with `w` along `u` and the boundary through the middle of the two classes' mean activations.
/// Its slope is such that the way from the boundary to probability 0.99 costs ``divergence``.
public struct NaturalGradient: Sendable {
    /// What is added to the Fisher matrix's diagonal, in units of its mean: with less, costly directions are
    /// avoided more and the result is noisier.
    public var damping: Double
    /// What a target of 0.99 costs a state on the boundary, to second order, in nats a token. The ways of several sites add
    /// up, so steering `k` of them costs up to `k²` times as much.
    public var divergence: Double
    /// Tokens a pass takes at most (a longer text goes alone).
    public var batchTokens: Int

    /// A learner of directions.
    public init(damping: Double = 0.1, divergence: Double = 0.01, batchTokens: Int = 512) {
        self.damping = damping
        self.divergence = divergence
        self.batchTokens = batchTokens
    }

    /// A probe for steering at each of `sites`.
    ///
    /// - Parameters:
    ///   - positive: the tokens of each text that shows the concept; texts of one token say nothing and are left out.
    ///   - negative: the tokens of each text that does not.
    ///   - sites: where; a whole activation, not a head.
    ///   - network: the network.
    ///   - progress: called with the number of texts done.
    /// - Throws: ``ConceptError`` `invalidOption`, or `unusableExamples` when a class has no text of two tokens or its
    ///   texts tell the classes apart nowhere; `SiteError`; `TensorError`.
    public func probes(
        positive: [[Int]], negative: [[Int]], at sites: [Site], in network: any DifferentiableNetwork,
        progress: ((Int) -> Void)? = nil
    ) throws -> [Site: LinearProbe] {
        guard [damping, divergence].allSatisfy({ $0 > 0 && $0.isFinite }) && batchTokens > 0 else {
            throw ConceptError(
                .invalidOption,
                "damping, divergence and tokens a pass must be positive, not \(damping), \(divergence) and \(batchTokens)"
            )
        }
        let limit = network.layout.maximumPositions
        let classes = [positive, negative].map { $0.filter { $0.count > 1 }.map { Array($0.prefix(limit)) } }
        guard classes.allSatisfy({ !$0.isEmpty }) else {
            throw ConceptError(.unusableExamples, "each class needs a text of at least two tokens")
        }
        let shown = try Scores(classes[0], at: sites, in: network, batchTokens: batchTokens) { progress?($0) }
        let hidden = try Scores(classes[1], at: sites, in: network, batchTokens: batchTokens) {
            progress?(classes[0].count + $0)
        }
        var probes: [Site: LinearProbe] = [:]
        for site in sites { probes[site] = try probe(at: site, shown, hidden) }
        return probes
    }

    private func probe(at site: Site, _ positive: Scores, _ negative: Scores) throws -> LinearProbe {
        let gradient = zip(positive.gradient(at: site), negative.gradient(at: site)).map { $0 - $1 }
        let tokens = positive.tokens + negative.tokens
        let rows = (positive.gradients[site] ?? []) + (negative.gradients[site] ?? [])
        let direction = try solve(rows, gradient)
        let norm = Numbers.norm(direction)
        guard norm > 0 && norm.isFinite else {
            throw ConceptError(
                .unusableExamples, "at \(site) nothing makes one class likelier than the other")
        }
        let unit = direction.map { $0 / norm }
        let fisher =
            rows.reduce(0.0) { sum, row in
                let part = zip(unit, row).reduce(0.0) { $0 + $1.0 * Double($1.1) }
                return sum + part * part
            } / Double(tokens)
        let slope = LinearProbe.logit(ofProbability: 0.99) * (fisher / (2 * divergence)).squareRoot()
        let middle = zip(positive.activation(at: site), negative.activation(at: site)).map {
            ($0 + $1) / 2
        }
        let height = Numbers.dot(unit, middle)
        return LinearProbe(weights: unit.map { Float($0 * slope) }, bias: Float(-height * slope))
    }

    /// A vector along `(F + damping · tr(F) / width · I)⁻¹ g`, `F = SᵀS / T` for the rows `S`.
    private func solve(_ rows: [[Float]], _ gradient: [Double]) throws -> [Double] {
        let width = gradient.count
        let axes = try PrincipalAxes(
            Tensor(rows.flatMap { $0 }, shape: [rows.count, width]), isCentred: false)
        // The axes' second moments are means over rows, those of F over tokens; with a ridge in units of the trace that
        // changes the length alone.
        let ridge = damping * axes.variances.reduce(0, +) / Double(width)
        guard ridge > 0 && ridge.isFinite else { return gradient.map { _ in 0 } }
        return axes.solve(gradient, ridge: ridge)
    }

    /// `concept` steered along the natural gradient of these texts, at every site where it has a probe; what it reads stays.
    ///
    /// - Throws: as ``probes(positive:negative:at:in:progress:)``.
    public func steering(
        _ concept: Concept, positive: [[Int]], negative: [[Int]], in network: any DifferentiableNetwork,
        progress: ((Int) -> Void)? = nil
    ) throws -> Concept {
        let probes = try probes(
            positive: positive, negative: negative, at: concept.layers.map(\.site), in: network,
            progress: progress)
        return concept.steered(
            by: probes, from: "natural gradient, damping \(damping), divergence \(divergence)")
    }
}

/// The gradients of the log-likelihoods of some texts with respect to a shift of the activations at some sites.
private struct Scores {
    /// One row a text, per site.
    private(set) var gradients: [Site: [[Float]]] = [:]
    /// The activations, summed over all tokens.
    private var activations: [Site: [Double]] = [:]
    /// Predicted tokens of all texts.
    let tokens: Int

    init(
        _ texts: [[Int]], at sites: [Site], in network: any DifferentiableNetwork, batchTokens: Int,
        progress: (Int) -> Void
    ) throws {
        tokens = texts.reduce(0) { $0 + $1.count - 1 }
        for range in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            try add(Array(texts[range]), sites, network)
            progress(range.upperBound)
        }
    }

    private mutating func add(_ texts: [[Int]], _ sites: [Site], _ network: any DifferentiableNetwork) throws
    {
        let pass = try LikelihoodPass(texts.map { PromptedText($0) }, at: sites, in: network)
        for site in sites {
            guard let slope = pass.slopes[site], let activation = pass.activations[site] else { continue }
            // The loss is the mean over all tokens with the sign turned.
            let factor = -Double(pass.count)
            for rows in pass.rows {
                gradients[site, default: []].append(Numbers.sum(slope, rows).map { Float($0 * factor) })
            }
            let sum = Numbers.sum(activation, 0..<(pass.rows.last?.upperBound ?? 0))
            activations[site] = activations[site].map { zip($0, sum).map { $0 + $1 } } ?? sum
        }
    }

    /// The gradient of the mean log-likelihood of a token.
    func gradient(at site: Site) -> [Double] {
        let rows = gradients[site] ?? []
        var sum = [Double](repeating: 0, count: rows.first?.count ?? 0)
        for row in rows { for j in sum.indices { sum[j] += Double(row[j]) } }
        return sum.map { $0 / Double(tokens) }
    }

    /// The mean activation of a token.
    func activation(at site: Site) -> [Double] { (activations[site] ?? []).map { $0 / Double(tokens) } }
}
