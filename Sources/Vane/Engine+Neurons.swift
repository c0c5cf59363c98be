extension Engine {
    /// The neurons that the vocabulary names, the largest margins first (row 139).
    ///
    /// - Parameters:
    ///   - weights: which weights name a neuron.
    ///   - words: only neurons named by these words, each with or without a blank in front; all if empty.
    ///   - layers: the blocks to look at; all if nil.
    /// - Returns: the neurons, and how many were looked at.
    /// - Throws: `ConceptError` `unusableExamples` when none of a word's forms is one token, `unknownSite`
    ///   for a network without such weights or block; `SiteError`.
    public func neurons(
        by weights: VocabularyNeurons.Weights, namedBy words: [String] = [],
        in layers: ClosedRange<Int>? = nil
    ) throws -> (neurons: [VocabularyNeurons.Neuron], looked: Int) {
        let network = try readableNetwork
        let depth = network.layout.depth
        let layers = layers ?? 0...max(0, depth - 1)
        guard layers.lowerBound >= 0 && layers.upperBound < depth else {
            throw ConceptError(
                .unknownSite,
                "there are no blocks \(layers.lowerBound) to \(layers.upperBound): the model has 0 to \(depth - 1)"
            )
        }
        let names = try words.map { word in
            let tokens = [" " + word, word].map { model.tokenizer.encode($0) }.filter { $0.count == 1 }
            guard !tokens.isEmpty else {
                throw ConceptError(
                    .unusableExamples, "'\(word)' is no single token of this model, which a neuron's name is")
            }
            return tokens.joined()
        }
        let wanted = Set(names.joined())
        let named = try VocabularyNeurons(network)
        let all = try layers.flatMap { try named.neurons(inLayer: $0, by: weights) }
        let kept = words.isEmpty ? all : all.filter { wanted.contains($0.token) }
        return (
            kept.sorted { ($1.margin, $0.layer, $0.index) < ($0.margin, $1.layer, $1.index) }, all.count
        )
    }

    /// The mean shift of some texts' activations from this model to another, a site (row 17).
    ///
    /// - Parameters:
    ///   - other: the model after tuning, of the same layout and tokenizer.
    ///   - texts: the texts.
    ///   - pooling: which activations stand for a text.
    ///   - sites: where; the residual stream after every block if nil.
    /// - Throws: `ConceptError` `wrongModel` for a model of another layout or tokenizer, `unusableExamples`
    ///   for no text or where nothing moves; `SiteError`.
    public func shift(
        to other: LanguageModel, on texts: [String], pooling: Pooling = .mean, at sites: SiteSelector? = nil
    ) throws -> [Site: ShiftVectors.Shift] {
        guard other.identity.tokenizerFingerprint == model.identity.tokenizerFingerprint else {
            throw ConceptError(
                .wrongModel, "\(other.identity.name) has another tokenizer than \(model.identity.name)")
        }
        let layout = model.network.layout
        let tokens = texts.map { Array(model.tokenizer.encode($0).prefix(layout.maximumPositions)) }
        let shifts =
            try ShiftVectors(pooling: pooling).shifts(
                of: ["all": tokens.filter { !$0.isEmpty }],
                at: try sites?.sites(in: layout) ?? (0..<layout.depth).map(Site.residual),
                from: model.network, to: other.network)["all"] ?? [:]
        guard shifts.values.contains(where: { $0.agreement > 0 }) else {
            throw ConceptError(.unusableExamples, "the two models do the same on these texts")
        }
        return shifts.filter { $0.value.agreement > 0 }
    }

    /// A concept of directions that no example was given for, in this model; see
    /// `Concept/untested(_:directions:from:background:caution:seed:in:model:)`.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - directions: what is known at each site.
    ///   - method: where they come from, in words.
    ///   - background: texts that stand for the language; the model writes some if empty.
    ///   - caution: what should make one doubt besides.
    ///   - seed: seeds what the model writes.
    /// - Throws: as `Concept.untested` and ``ownTexts(count:tokens:seed:progress:)``.
    public func untestedConcept(
        _ name: String, directions: [Site: [Float]], from method: String, background: [String] = [],
        caution: [String] = [], seed: UInt64 = 0
    ) async throws -> Concept {
        let texts =
            background.isEmpty
            ? try await ownTexts(seed: seed) : background.map { model.tokenizer.encode($0) }
        return try Concept.untested(
            name, directions: directions, from: method, background: texts, caution: caution, seed: seed,
            in: model.network, model: model.identity)
    }
}

extension SteeringPlan {
    /// Entries that set neurons to a value, those named at their other end to its negative (row 139).
    ///
    /// - Parameters:
    ///   - neurons: the neurons.
    ///   - value: what they are set to, in the activation's own unit.
    public static func neurons(_ neurons: [VocabularyNeurons.Neuron], at value: Float) -> [Entry] {
        let sides = Dictionary(grouping: neurons) { [$0.layer, $0.isNegative ? 1 : 0] }
        return sides.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { side, neurons in
            .apply(
                .neurons(NeuronClamp(neurons.map(\.index).sorted(), to: side[1] == 1 ? -value : value)),
                named: "neurons of block \(side[0])", at: [.mlpHidden(side[0])])
        }
    }
}
