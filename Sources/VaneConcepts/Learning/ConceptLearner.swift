public import VaneSites
import VaneTensors

/// Learns a concept with any ``Learner``: reads activations, holds texts out, lets the learner find probes,
/// measures them.
///
/// A seeded stratified part of the texts is held out; results are on it alone, and the probe that is kept
/// is the one that was measured. The control repeats everything on shuffled labels.
public struct ConceptLearner: Sendable {
    /// The method.
    public let learner: any Learner
    /// The options.
    public let options: LearningOptions

    /// A learner with its options.
    ///
    /// - Throws: ``ConceptError`` `invalidOption`.
    public init(_ learner: any Learner = LogisticCAV(), _ options: LearningOptions = LearningOptions()) throws
    {
        try options.validate()
        self.learner = learner
        self.options = options
    }

    /// Learns a concept from token sequences.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - positive: the tokens of each text that shows the concept.
    ///   - negative: the tokens of each text that does not.
    ///   - background: the tokens of texts that stand for the language as a whole (row 151).
    ///   - network: the network to read.
    ///   - model: what identifies it.
    ///   - sites: where; the residual stream of every block if nil.
    ///   - digest: SHA-256 of the texts, for the provenance.
    ///   - start: the token that starts a document, for methods that need one.
    ///   - progress: called with a part of the work done, 0...1, and what is being done.
    /// - Throws: ``ConceptError``, `SiteError` or `TensorError`.
    public func learn(
        _ name: String, positive: [[Int]], negative: [[Int]], background: [[Int]] = [], digest: String,
        start: Int? = nil, at sites: [Site]? = nil, in network: any SteerableNetwork, model: ModelIdentity,
        progress: (@Sendable (Double, String) -> Void)? = nil
    ) throws -> Concept {
        guard positive.count >= 2 && negative.count >= 2 else {
            throw ConceptError(
                .unusableExamples,
                "\(positive.count) positive and \(negative.count) negative examples cannot be split into training and "
                    + "held-out ones; each class needs at least 2")
        }
        guard !options.isPaired || positive.count == negative.count else {
            throw ConceptError(
                .unusableExamples,
                "\(positive.count) positive and \(negative.count) negative examples are not pairs")
        }
        let limit = network.layout.maximumPositions
        let texts = (positive + negative).map { Array($0.prefix(limit)) }
        let truncated = (positive + negative).count { $0.count > limit }
        let labels = positive.map { _ in true } + negative.map { _ in false }
        let sites = try sites ?? SiteSelector.allResiduals.sites(in: network.layout)
        let total = Double(max(texts.count + background.count, 1))
        func harvest(_ texts: [[Int]], after before: Int) throws -> Harvest {
            try Harvest(
                texts, at: sites, in: network, pooling: options.pooling, massiveRatio: options.massiveRatio
            ) { progress?(0.5 * Double(before + $0) / total, "reading activations") }
        }

        let read = try harvest(texts, after: 0)
        let means: [Site: [Double]]? =
            background.isEmpty
            ? nil
            : try harvest(background.map { Array($0.prefix(limit)) }, after: texts.count).activations
                .mapValues { Numbers.mean(of: 0..<$0.rowCount, in: $0) }
        let split = Split(labels: labels, options: options)
        let found = TextVectors()
        func fit(_ labels: [Bool], _ split: Split, part: Double, of total: Double) throws -> [Site:
            FittedProbe]
        {
            @Sendable func report(_ done: Double) {
                progress?(0.5 + 0.4 * (part + done) / total, "fitting probes")
            }
            let source = TrainingSource(
                network: network, tokens: texts, start: start, found: found, progress: report)
            return try learner.fit(
                training(read, sites, labels, split, background: means, source: source))
        }
        let fitted = try fit(labels, split, part: 0, of: 4)
        let control = try fit(split.shuffledLabels, split, part: 1, of: 4)
        let halves = try split.halves.enumerated().map {
            try fit(labels, $1, part: Double(2 + $0), of: 4)
        }
        progress?(0.9, "checking")
        let measured = try sites.parallelMap { site in
            try layer(
                at: site, read, labels, split, fitted: fitted[site], control: control[site],
                halves: halves.compactMap { $0[site] })
        }
        var layers = measured.map(\.layer)
        let qValues = Statistics.benjaminiHochberg(layers.map(\.result.pValue))
        for (index, q) in qValues.enumerated() { layers[index].result.qValue = q }
        let checks = Checks(
            texts: texts, labels: labels, split: split, scores: measured.map(\.logits), options: options)
        var provenance = Concept.Provenance(
            method: learner.method.description, options: options, model: model,
            positives: positive.count, negatives: negative.count, heldOut: split.heldOut.count,
            truncated: truncated, examplesSHA256: digest, vaneVersion: VaneVersion.current)
        if fitted.values.contains(where: { $0.steering != nil }) {
            provenance.steering = "standard scores where the texts do not rise along the direction"
        }
        let verdict = ConceptLearner.verdict(layers, heldOut: split.heldOut.count, checks: checks)
        let concept = Concept(
            name: name, layers: layers, defaultSites: ConceptLearner.defaultSites(layers),
            provenance: provenance, verdict: verdict)
        return concept.cautioned(verdict.isFound ? [] : learner.method.caution.map { [$0] } ?? [])
    }

    /// The rows of the training texts, those of a text together.
    private func training(
        _ harvest: Harvest, _ sites: [Site], _ labels: [Bool], _ split: Split, background: [Site: [Double]]?,
        source: TrainingSource
    ) throws -> TrainingActivations {
        let texts = options.isBalanced ? split.balanced(labels) : Array(split.training.indices)
        let rows = texts.flatMap { Array(harvest.rows[split.training[$0]]) }
        var ranges: [Range<Int>] = []
        for text in texts {
            let first = ranges.last?.upperBound ?? 0
            ranges.append(first..<first + harvest.rows[split.training[text]].count)
        }
        func spread<Value>(_ values: (Int) -> Value) -> [Value] {
            zip(texts, ranges).flatMap { text, range in range.map { _ in values(text) } }
        }
        var chosen: [Site: Tensor] = [:]
        for (site, activations) in harvest.activations {
            chosen[site] = try activations.gatherRows(rows.map { Int32($0) })
        }
        return TrainingActivations(
            sites: sites, activations: chosen, labels: spread { labels[split.training[$0]] },
            folds: spread { split.folds[$0] }, texts: ranges,
            pairs: split.pairs(among: texts, labels: labels), background: background, options: options,
            source: source.taking(texts.map { split.training[$0] }))
    }

    private func layer(
        at site: Site, _ harvest: Harvest, _ labels: [Bool], _ split: Split, fitted: FittedProbe?,
        control: FittedProbe?, halves: [FittedProbe]
    ) throws -> (layer: Concept.Layer, logits: [Double]) {
        guard let activations = harvest.activations[site], let fitted, let control else {
            throw ConceptError(.unknownSite, "nothing was read at \(site)")
        }
        let result = measure(fitted, activations, harvest.rows, labels, split, stream: 1)
        let shuffled = measure(control, activations, harvest.rows, split.shuffledLabels, split, stream: 2)
        let count = split.heldOut.count
        let chance = max(result.positives, count - result.positives)
        func mean(_ wanted: Bool) -> [Double] {
            Numbers.mean(
                of: split.training.filter { labels[$0] == wanted }.flatMap { Array(harvest.rows[$0]) },
                in: activations)
        }
        let layer = Concept.Layer(
            site: site, probe: fitted.probe, steering: fitted.steering,
            meanDifference: zip(mean(true), mean(false)).map { Float($0 - $1) },
            result: Concept.LayerResult(
                site: site, accuracy: result.accuracy, auroc: result.auroc,
                shuffledAccuracy: shuffled.accuracy, shuffledAUROC: shuffled.auroc,
                averagePrecision: result.averagePrecision,
                randomAUROC: randomAUROC(at: site, activations, harvest.rows, labels, split),
                agreement: Self.cosine(halves),
                pValue: Statistics.binomialTail(
                    successes: result.right, of: count, chance: Double(chance) / Double(max(count, 1))),
                lambda: fitted.lambda, typicalNorm: harvest.typicalNorms[site] ?? 0))
        return (layer, result.logits)
    }

    private struct Measured {
        let accuracy: Estimate
        let auroc: Estimate
        let averagePrecision: Double
        let right: Int
        let positives: Int
        /// One a held-out text.
        let logits: [Double]
    }

    /// Measures a probe on the held-out texts, each by its mean logit.
    private func measure(
        _ fitted: FittedProbe, _ activations: Tensor, _ rows: [Range<Int>], _ labels: [Bool], _ split: Split,
        stream: UInt64
    ) -> Measured {
        let truth = split.heldOut.map { labels[$0] }
        let logits = fitted.probe.logits(of: split.heldOut.map { rows[$0] }, in: activations)
        let right = zip(logits, truth).count { ($0 > 0) == $1 }
        var generator = SeededGenerator(seed: options.seed, stream: 100 + stream)
        return Measured(
            accuracy: Statistics.wilson(successes: right, of: truth.count),
            auroc: Statistics.auroc(
                scores: logits, positive: truth, resamples: options.resamples, generator: &generator),
            averagePrecision: Statistics.averagePrecision(scores: logits, positive: truth), right: right,
            positives: truth.count { $0 }, logits: logits)
    }
}
