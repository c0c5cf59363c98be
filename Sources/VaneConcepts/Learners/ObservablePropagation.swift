public import VaneSites
import VaneTensors

/// Observable propagation: the direction at a site that raises a linear function of the logits, without any
/// examples (row 13: Dunefsky and Cohan, arXiv 2312.16291).
///
/// An observable is `n · logits`, for instance the logit of " she" less that of " he". Its feature at a site
/// is the vector–Jacobian product `y = Jᵀ n` at the last token of one reference text: final norm and blocks
/// to first order there, everything between the site and the logits included. Adding `δ` to that state
/// changes the observable by about `y · δ`.
///
/// A head's feature is `(W_O W_V)ᵀ y`, with `y` taken where the attention writes; its length says how much
/// the head can move the observable with what it copies, whatever the text.
public struct ObservablePropagation: Sendable {
    /// The weight of each token's logit; the others weigh 0.
    public let observable: [Int: Float]

    /// An observable.
    public init(_ observable: [Int: Float]) { self.observable = observable }

    /// The logit of one token less that of another.
    public init(of token: Int, less other: Int) {
        self.init(token == other ? [:] : [token: 1, other: -1])
    }

    /// The observable of a row of logits.
    public func value(of logits: [Float]) -> Double {
        observable.sorted { $0.key < $1.key }.reduce(0) { sum, entry in
            logits.indices.contains(entry.key)
                ? sum + Double(entry.value) * Double(logits[entry.key]) : sum
        }
    }

    /// The features at the last token of `reference`, `[width]` per site.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for an observable without tokens of the vocabulary;
    ///   `unusableExamples` for an empty reference; `SiteError`.
    public func features(
        at sites: [Site], reference: [Int], in network: any DifferentiableNetwork
    ) throws -> [Site: [Float]] {
        let vocabulary = network.layout.vocabulary
        guard !observable.isEmpty, observable.keys.allSatisfy({ (0..<vocabulary).contains($0) }) else {
            throw ConceptError(
                .invalidOption, "an observable weighs at least one token, each below \(vocabulary)")
        }
        guard !reference.isEmpty else {
            throw ConceptError(.unusableExamples, "the reference text has no tokens")
        }
        let tape = Tape()
        let input = SequenceInput(
            state: network.makeSequence(), tokens: reference, promptLength: reference.count)
        let (logits, activations) = try network.forward(
            [input], output: .lastLogits, watching: sites, on: tape)
        guard let logits else { throw ConceptError(.unusableExamples, "the network gave no logits") }
        var seed = [Float](repeating: 0, count: logits.shape.count)
        for (token, weight) in observable where token < seed.count { seed[token] = weight }
        let watched = try sites.map { site in
            guard let activation = activations[site] else {
                throw ConceptError(.unknownSite, "nothing was read at \(site)")
            }
            return activation
        }
        let slopes = try tape.pullback(of: logits, along: Tensor(seed, shape: logits.shape), at: watched)
        return Dictionary(
            zip(sites, slopes.map { Array($0.elements.suffix($0.width)) }),
            uniquingKeysWith: { first, _ in first })
    }

    /// The features of all heads, `[width]` each, in front of their values.
    ///
    /// The factors of the normalisation in front of the attention are folded in, its division by the state's
    /// size is not: compare heads of one block, or give `scales`, the size by which each block's norm
    /// divides.
    ///
    /// - Throws: as ``features(at:reference:in:)``.
    public func headFeatures(
        reference: [Int], scales: [Double]? = nil,
        in network: any DifferentiableNetwork & ReadableNetwork
    ) throws -> [Site: [Float]] {
        let layout = network.layout
        let features = try features(
            at: (0..<layout.depth).map(Site.attentionOutput), reference: reference, in: network)
        var result: [Site: [Float]] = [:]
        for layer in 0..<layout.depth {
            guard let written = features[.attentionOutput(layer)] else { continue }
            let gain = try network.weights(of: .attentionNormGain(layer))?.elements
            let scale = scales.flatMap { $0.indices.contains(layer) ? $0[layer] : nil } ?? 1
            let y = try Tensor(written, shape: [1, layout.width])
            for head in 0..<layout.heads {
                guard let output = try network.weights(of: .headOutput(layer: layer, head: head)),
                    let value = try network.weights(of: .value(layer: layer, head: head))
                else { continue }
                let read = try y.matmul(output).matmul(value).elements
                result[.head(layer: layer, head: head)] = read.enumerated().map { j, entry in
                    entry * (gain.map { $0[j] } ?? 1) / Float(scale)
                }
            }
        }
        return result
    }

    /// The coupling coefficient `y₁ · y₂ / ‖y₁‖²`: by how much the second observable is expected to move
    /// while the first moves by 1, for inputs that spread alike in all directions. 0 for a first feature
    /// without length.
    public static func coupling(of first: [Float], to second: [Float]) -> Double {
        let square = Numbers.dot(first, first)
        return square > 0 ? Numbers.dot(first, second) / square : 0
    }
}
