import Vane

/// Why a model says what it says after a prompt.
struct PredictionReport: Encodable, Sendable {
    struct Options: Sendable {
        let prompt: String
        let token: String?
        let against: String?
        let lens: TunedLens?
        let steps: Int
        let top: Int
    }

    struct Layer: Encodable, Sendable {
        let site: Site
        let top: [NamedToken]
        let probability: Double
        let rank: Int?
        let otherProbability: Double
        let entropy: Double
        let energy: Double
        let nearest: NamedToken?
        let turn: Double?
    }

    struct Token: Encodable, Sendable {
        let text: String
        let integrated: Double
        let gradientTimesInput: Double
        let rollout: Double
        /// Per concept the probability at the site where its probe does best.
        let concepts: [String: Double]
    }

    /// A concept's probability per site and token.
    struct Grid: Encodable, Sendable {
        let concept: String
        let sites: [Site]
        let probabilities: [[Double]]
    }

    struct Part: Encodable, Sendable {
        let part: String
        let value: Double
    }

    struct Neuron: Encodable, Sendable {
        let layer: Int
        let index: Int
        let value: Double
        /// The token its output weights raise, or lower, most.
        let writes: String
    }

    let prompt: String
    /// `logit` or `tuned`.
    let lens: String
    let token: NamedToken
    let against: NamedToken
    /// The logit of the token less that of the other.
    let difference: Double
    let layers: [Layer]
    let tokens: [Token]
    let baseline: String
    /// What integrated gradients miss of the change from the baseline.
    let gap: Double
    let parts: [Part]
    let partsSum: Double
    let neurons: [Neuron]
    let conceptSites: [String: Site]
    let readings: [Grid]
    /// Attention roll-out: where the state of each token comes from.
    let rollout: [[Double]]

    init(
        _ options: Options, _ concepts: [Concept], in model: LanguageModel,
        progress: @escaping (Double) -> Void
    ) throws {
        let network = try model.inspectable
        let ids = model.tokenizer.encode(options.prompt)
        let position = ids.count - 1
        let lens = try LogitLens(ids, in: network, through: options.lens)
        let last = Site.residual(network.layout.depth - 1)
        let likeliest = lens.top(3, at: last, position: position)
        guard let first = likeliest.first else {
            throw GenerationError(.unusablePrompt, "the prompt has no tokens")
        }
        let own = try options.token.map { try model.nextToken($0) } ?? first.token
        let other =
            try options.against.map { try model.nextToken($0) }
            ?? likeliest.first { $0.token != own }?.token ?? own
        guard own != other else {
            throw EvidenceError(
                .invalidOption, "--token and --against begin with the same token \(model.text(ofToken: own))")
        }
        let scores = lens.logProbabilities(at: last, position: position)
        func named(_ token: Int) -> NamedToken {
            let probability = LogitLens.probability(scores, of: token)
            return NamedToken(ScoredToken(token, score: probability), model)
        }
        (token, against) = (named(own), named(other))
        prompt = options.prompt
        self.lens = options.lens == nil ? "logit" : "tuned"
        let objective = Objective.difference(own, other)

        let way = try StateTrajectory(ids, in: network)
        let ranks = lens.ranks(of: own, position: position)
        let chances = lens.probabilities(of: [own], position: position)
        let others = lens.probabilities(of: [other], position: position)
        let entropies = lens.entropies(position: position)
        layers = zip(lens.sites, way.steps).enumerated().map { number, entry in
            Layer(
                site: entry.0,
                top: lens.top(3, at: entry.0, position: position).map { NamedToken($0, model) },
                probability: chances[number], rank: ranks[number], otherProbability: others[number],
                entropy: entropies[number], energy: entry.1.energy,
                nearest: entry.1.nearest.first.map { NamedToken($0, model) }, turn: entry.1.turn)
        }

        let start = model.endOfText.min()
        baseline =
            start.map { "the token \(model.text(ofToken: $0).debugDescription) at every place" } ?? "zero"
        let steps = Double(options.steps)
        let integrated = try InputAttribution.integratedGradients(
            of: objective, ids, from: start.map { .token($0) } ?? .zero, steps: options.steps, in: network,
            progress: { progress(Double($0) / steps * 0.8) })
        let product = try InputAttribution.gradientTimesInput(of: objective, ids, in: network)
        let followed = try AttentionRollout(ids, in: network).rows
        let rollout = followed.last ?? []
        self.rollout = followed
        var readings: [(name: String, site: Site, values: [Double])] = []
        var grids: [Grid] = []
        for concept in concepts {
            guard let site = concept.bestLayer?.site else { continue }
            let found = try ConceptReadings(concept, ids, in: network)
            guard let place = found.sites.firstIndex(of: site) else { continue }
            readings.append((concept.name, site, found.probabilities[place]))
            grids.append(
                Grid(concept: concept.name, sites: found.sites, probabilities: found.probabilities))
        }
        self.readings = grids
        progress(0.9)
        conceptSites = Dictionary(
            readings.map { ($0.name, $0.site) }, uniquingKeysWith: { first, _ in first })
        gap = integrated.gap ?? 0
        var decoder = model.tokenizer.streamingDecoder(skippingSpecialTokens: false)
        tokens = ids.indices.map { i in
            Token(
                text: decoder.append(ids[i]), integrated: integrated.scores[i],
                gradientTimesInput: product.scores[i], rollout: rollout[i],
                concepts: Dictionary(
                    readings.map { ($0.name, $0.values[i]) }, uniquingKeysWith: { first, _ in first }))
        }

        let direct = try DirectLogitAttribution(of: objective, ids, in: network)
        difference = direct.value
        partsSum = direct.sum
        parts = direct.contributions.sorted { abs($0.value) > abs($1.value) }
            .map { Part(part: $0.part.description, value: $0.value) }
        let all = try NeuronAttribution(of: objective, ids, in: network).neurons
        let largest = all.sorted { abs($0.score) > abs($1.score) }.prefix(options.top)
        let vocabulary = try VocabularyNeurons(network)
        var names: [Int: [VocabularyNeurons.Neuron]] = [:]
        for layer in Set(largest.map(\.layer)) {
            names[layer] = try vocabulary.neurons(inLayer: layer, by: .writing)
        }
        neurons = largest.map { neuron in
            let name = names[neuron.layer].map { $0[neuron.index] }
            let sign = name?.isNegative == true ? "less " : ""
            return Neuron(
                layer: neuron.layer, index: neuron.index, value: neuron.score,
                writes: name.map { sign + model.text(ofToken: $0.token).debugDescription } ?? "")
        }
        progress(1)
    }

    /// The text for people.
    func text(_ terminal: Terminal, top: Int = 10) -> String {
        let (own, other) = (terminal.quoted(token.text), terminal.quoted(against.text))
        var lens = TextTable(
            [
                "site", "would say", "p(\(own))", "rank", "p(\(other))", "entropy", "energy", "nearest",
                "turn",
            ],
            words: [0, 1, 7])
        for layer in layers {
            lens.add([
                layer.site.description, terminal.list(layer.top), layer.probability.chance,
                layer.rank.map(String.init) ?? "–", layer.otherProbability.chance, layer.entropy.text(2),
                layer.energy.text(2), layer.nearest.map { terminal.quoted($0.text) } ?? "",
                layer.turn.map { "\($0.text(0))°" } ?? "–",
            ])
        }
        let names = conceptSites.keys.sorted()
        var inputs = TextTable(
            ["token", "integrated", "gradient", "roll-out"] + names.map { terminal.safe($0) })
        for token in tokens {
            inputs.add(
                [
                    terminal.quoted(token.text), token.integrated.text(2), token.gradientTimesInput.text(2),
                    token.rollout.text(3),
                ] + names.map { (token.concepts[$0] ?? .nan).text(3) })
        }
        var writers = TextTable(["part", "adds"])
        for part in parts.prefix(top) { writers.add([part.part, part.value.text(3)]) }
        var cells = TextTable(["neuron", "adds", "writes"], words: [0, 2])
        for neuron in neurons {
            cells.add([
                "blocks[\(neuron.layer)].mlpHidden[\(neuron.index)]", neuron.value.text(3),
                terminal.safe(neuron.writes),
            ])
        }
        func block(_ title: String, _ table: TextTable) -> String {
            var lines = table.lines
            lines[0] = terminal.bold(lines[0])
            return terminal.bold(title) + "\n" + lines.joined(separator: "\n")
        }
        let read =
            names.isEmpty
            ? ""
            : "; concepts: probability read at \(names.map { "\(conceptSites[$0].map(\.description) ?? "")" }.joined(separator: ", "))"
        return """
            \(own) (p = \(token.score.chance)) over \(other) (p = \(against.score.chance)): logit difference \(difference.text(3))

            \(block("what each layer would say (\(self.lens) lens)", lens))
            \(terminal.dim("energy: 1 is what a token's own row has; nearest by cosine; turn: angle to the state before"))

            \(block("what it rests on in the text", inputs))
            \(terminal.dim("integrated gradients from \(baseline) miss \(gap.text(3)) of the change; gradient × input; attention roll-out\(read)"))

            \(block("which parts write it", writers))
            \(terminal.dim("all parts add up to \(partsSum.text(3)), the final norm's size held"))

            \(block("which neurons it hangs on", cells))
            \(terminal.dim("adds: what is lost to first order when the neuron is 0; writes: the token its output weights move most"))

            The layers and parts describe how the scores come about; only taking a part out shows that it matters: see vane test cause.
            """
    }
}

extension LanguageModel {
    /// The first token of a word that comes next: after a space if the vocabulary has it so.
    ///
    /// - Throws: `EvidenceError` `invalidOption` for a text without tokens.
    func nextToken(_ word: String) throws -> Int {
        let forms = word.first?.isWhitespace == true ? [word] : [" " + word, word]
        let encoded = forms.map { tokenizer.encode($0) }.filter { !$0.isEmpty }
        guard let best = encoded.first(where: { $0.count == 1 }) ?? encoded.first else {
            throw EvidenceError(.invalidOption, "'\(word)' has no tokens")
        }
        return best[0]
    }
}
