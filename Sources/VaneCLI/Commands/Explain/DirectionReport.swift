import Vane

/// What a concept's direction or a neuron is about, in tokens.
struct DirectionReport: Encodable, Sendable {
    struct Layer: Encodable, Sendable {
        let site: Site
        let auroc: Double
        let raises: [NamedToken]
        let lowers: [NamedToken]
    }

    struct Names: Encodable, Sendable {
        let reads: String
        let readsMargin: Double
        let writes: String
        let writesMargin: Double
    }

    let name: String
    let site: Site
    let texts: String
    /// The tokens that stand for it.
    let tokens: [NamedToken]
    let raises: [NamedToken]
    let lowers: [NamedToken]
    let says: [NamedToken]
    let saysLess: [NamedToken]
    let reversedSays: [NamedToken]
    let size: Double
    let divergence: Double
    let examples: [NamedExample]
    let opposite: [NamedExample]
    /// A concept's sites.
    let layers: [Layer]
    /// A neuron's names by its weights.
    let names: Names?

    /// A concept.
    init(
        _ concept: Concept, layer: Int?, _ texts: ExplainTexts, _ divergence: Double, _ top: Int,
        in model: LanguageModel, progress: @escaping (Double) -> Void
    ) throws {
        let network = try model.inspectable
        guard
            let site = try layer.map(Site.residual) ?? concept.defaultLayers.last?.site
                ?? concept.bestLayer?.site
        else { throw ConceptError(.unknownSite, "the concept '\(concept.name)' holds no layers") }
        let layers: [Layer] = try concept.layers.compactMap { layer in
            // The vocabulary has a meaning only where the residual stream is written.
            switch layer.site {
            case .embedding, .residual, .attentionOutput, .mlpOutput: break
            default: return nil
            }
            let projection = try VocabularyProjection(layer.steering.direction, in: network)
            return Layer(
                site: layer.site, auroc: layer.result.auroc.value,
                raises: projection.top(5).map { NamedToken($0, model) },
                lowers: projection.bottom(5).map { NamedToken($0, model) })
        }
        try self.init(
            name: concept.name, concept.layer(at: site).steering.direction, at: site, texts, divergence, top,
            layers: layers, names: nil, in: model, progress: progress)
    }

    /// A neuron.
    init(
        neuron: PartArgument, _ texts: ExplainTexts, _ divergence: Double, _ top: Int,
        in model: LanguageModel,
        progress: @escaping (Double) -> Void
    ) throws {
        let network = try model.inspectable
        let site = Site.mlpHidden(neuron.layer)
        let width = try network.layout.width(of: site)
        guard neuron.index < width else {
            throw EvidenceError(
                .invalidOption, "block \(neuron.layer) has neurons 0 to \(width - 1), not \(neuron.index)")
        }
        var unit = [Float](repeating: 0, count: width)
        unit[neuron.index] = 1
        let vocabulary = try VocabularyNeurons(network)
        let reads = try vocabulary.neurons(inLayer: neuron.layer, by: .reading)[neuron.index]
        let writes = try vocabulary.neurons(inLayer: neuron.layer, by: .writing)[neuron.index]
        func name(_ neuron: VocabularyNeurons.Neuron) -> String {
            (neuron.isNegative ? "less " : "") + model.text(ofToken: neuron.token).debugDescription
        }
        try self.init(
            name: "neuron \(neuron.index) of block \(neuron.layer)", unit, at: site, texts, divergence, top,
            layers: [],
            names: Names(
                reads: name(reads), readsMargin: reads.margin, writes: name(writes),
                writesMargin: writes.margin), written: neuron, in: model, progress: progress)
    }

    private init(
        name: String, _ direction: [Float], at site: Site, _ texts: ExplainTexts, _ divergence: Double,
        _ top: Int, layers: [Layer], names: Names?, written neuron: PartArgument? = nil,
        in model: LanguageModel, progress: @escaping (Double) -> Void
    ) throws {
        let network = try model.inspectable
        let found = try DirectionDescription(
            of: direction, at: site, on: texts.tokens, count: max(top, 20), divergence: divergence,
            in: network, progress: progress)
        var projection = found.projection
        if let neuron, let matrix = try network.weights(of: .mlpOutput(neuron.layer)) {
            let (elements, width) = (matrix.elements, network.layout.mlpWidth)
            let column = stride(from: neuron.index, to: elements.count, by: width).map { elements[$0] }
            projection = try VocabularyProjection(column, in: network)
        }
        func named(_ tokens: [ScoredToken]?) -> [NamedToken] {
            (tokens ?? []).prefix(top).map { NamedToken($0, model) }
        }
        self.name = name
        self.site = site
        self.texts = texts.source
        tokens = named(found.tokens)
        (raises, lowers) = (named(projection?.top(top)), named(projection?.bottom(top)))
        (says, saysLess) = (named(found.change.top(top)), named(found.change.bottom(top)))
        reversedSays = named(found.reversedChange.top(top))
        (size, self.divergence) = (found.change.size, found.change.divergence)
        examples = found.examples.examples.prefix(top).map { NamedExample($0, texts.tokens, model) }
        let reversed = try ActivatingExamples(
            of: direction.map { -$0 }, at: site, among: texts.tokens, in: network)
        opposite = reversed.examples.prefix(min(top, 5)).map { NamedExample($0, texts.tokens, model) }
        self.layers = layers
        self.names = names
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var parts = ["\(terminal.bold(terminal.safe(name))) at \(site), on \(texts)"]
        if let names {
            parts.append(
                "by its weights it reads \(terminal.safe(names.reads)) (\(names.readsMargin.text(1)) standard deviations "
                    + "above the mean) and writes \(terminal.safe(names.writes)) (\(names.writesMargin.text(1)))"
            )
        }
        if !layers.isEmpty {
            var table = TextTable(["site", "AUROC", "writes", "takes away"], words: [0, 2, 3])
            for layer in layers {
                table.add([
                    layer.site.description, layer.auroc.text(3), terminal.list(layer.raises),
                    terminal.list(layer.lowers),
                ])
            }
            var lines = table.lines
            lines[0] = terminal.bold(lines[0])
            parts.append(lines.joined(separator: "\n"))
        }
        var table = TextTable(["", "tokens"], words: [0, 1])
        table.add(["writes", terminal.list(raises)])
        table.add(["takes away", terminal.list(lowers)])
        table.add(["added, says more", terminal.list(says)])
        table.add(["added, says less", terminal.list(saysLess)])
        table.add(["reversed, says more", terminal.list(reversedSays)])
        table.add(["all in all", terminal.list(tokens)])
        parts.append(table.lines.dropFirst().joined(separator: "\n"))
        parts.append(
            terminal.dim(
                "added: \(size.text(2)) along the direction at every token, which changes predictions by \(divergence.text(3)) "
                    + "nats a token; all in all: ranks in writes, added and responds fused"))
        parts.append(
            terminal.bold("responds to") + "\n" + examples.map { $0.line(terminal) }.joined(separator: "\n"))
        parts.append(
            terminal.bold("and least to") + "\n"
                + opposite.map { $0.line(terminal) }.joined(separator: "\n"))
        parts.append(
            "Tokens and examples describe the direction in these texts; they do not prove what it does: see vane test cause."
        )
        return parts.joined(separator: "\n\n")
    }
}
