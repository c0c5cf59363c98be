/// The direction of an observable at each site, with what a small move along it does (row 13).
public struct FoundObservable: Sendable {
    /// One site.
    public struct Layer: Sendable, Hashable, Codable {
        /// Where.
        public let site: Site
        /// By how much the observable changes for a move of length 1 along the direction, to first order.
        public let slope: Double
        /// The change of the observable that a move by a hundredth of the state's norm measures at the end of
        /// the first text, as a part of the predicted one: 1 where the network is as good as linear.
        public let agreement: Double
    }

    /// A head by how much it can move the observable with what it copies.
    public struct Head: Sendable, Hashable, Codable {
        /// The head.
        public let site: Site
        /// The mean length of its feature; compare heads of one block.
        public let length: Double
    }

    /// The sites, in order.
    public let layers: [Layer]
    /// The heads, the longest feature first.
    public let heads: [Head]
    /// The mean feature at each site, `[width]`.
    public let directions: [Site: [Float]]
}

extension Engine {
    /// The directions that raise the logit of one token less that of another, without examples (row 13).
    ///
    /// - Parameters:
    ///   - more: the token to raise; a text of one token.
    ///   - less: the token to lower; a text of one token.
    ///   - references: texts at whose last tokens the network is linearised; features are their mean.
    ///   - sites: where; the residual stream after every block but the last if nil.
    /// - Throws: `ConceptError` `unusableExamples` for a text that is not one token or no reference,
    ///   `invalidOption` for a network that cannot be differentiated; `SiteError`.
    public func observable(
        raising more: String, over less: String, references: [String], at sites: SiteSelector? = nil
    ) throws -> FoundObservable {
        let readable = try readableNetwork
        guard let network = readable as? any DifferentiableNetwork & ReadableNetwork else {
            throw ConceptError(.invalidOption, "\(model.identity.name) cannot be differentiated")
        }
        let pair = try [more, less].map { text in
            let tokens = model.tokenizer.encode(text)
            guard tokens.count == 1 else {
                throw ConceptError(
                    .unusableExamples,
                    "'\(text)' is \(tokens.count) tokens of this model; an observable compares single tokens")
            }
            return tokens[0]
        }
        guard pair[0] != pair[1] else {
            throw ConceptError(.unusableExamples, "'\(more)' and '\(less)' are the same token")
        }
        let texts = references.map { model.tokenizer.encode($0) }.filter { !$0.isEmpty }
        guard let first = texts.first else {
            throw ConceptError(.unusableExamples, "an observable needs a text to be read at the end of")
        }
        let layout = network.layout
        let places =
            try sites?.sites(in: layout) ?? (0..<max(1, layout.depth - 1)).map(Site.residual)
        let observable = ObservablePropagation(of: pair[0], less: pair[1])
        let width = Float(texts.count)
        var directions: [Site: [Float]] = [:]
        var lengths: [Site: Double] = [:]
        for text in texts {
            for (site, feature) in try observable.features(at: places, reference: text, in: network) {
                let sum = directions[site] ?? [Float](repeating: 0, count: feature.count)
                directions[site] = zip(sum, feature).map { $0 + $1 / width }
            }
            for (site, feature) in try observable.headFeatures(reference: text, in: network) {
                lengths[site, default: 0] += Engine.norm(feature) / Double(texts.count)
            }
        }
        let own = try observable.features(at: places, reference: first, in: network)
        let layers = try places.map { site in
            FoundObservable.Layer(
                site: site, slope: Engine.norm(directions[site] ?? []),
                agreement: try agreement(observable, own[site] ?? [], at: site, first, network))
        }
        return FoundObservable(
            layers: layers,
            heads: lengths.map { FoundObservable.Head(site: $0.key, length: $0.value) }
                .sorted { ($1.length, $0.site) < ($0.length, $1.site) },
            directions: directions)
    }

    private static func norm(_ vector: [Float]) -> Double {
        vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    /// The measured change over the predicted one.
    private func agreement(
        _ observable: ObservablePropagation, _ feature: [Float], at site: Site, _ tokens: [Int],
        _ network: any SteerableNetwork
    ) throws -> Double {
        let length = Engine.norm(feature)
        guard length > 0 else { return .nan }
        let harvest = try Harvest([tokens], at: [site], in: network, pooling: .last)
        let size = 0.01 * Engine.norm(harvest.activations[site]?.elements ?? [])
        let last = tokens.count - 1
        func value(_ hooks: Hooks) throws -> Double {
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
            let logits = try network.forward([input], output: .lastLogits, through: nil)
            return observable.value(of: logits?.elements ?? [])
        }
        var hooks = Hooks()
        hooks.add(
            ShiftEdit(feature.map { $0 * Float(size / length) }, at: last..<last + 1), at: site)
        return (try value(hooks) - value(Hooks())) / (size * length)
    }
}
