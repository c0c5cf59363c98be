public import VaneSites
import VaneTensors

/// The same concept learnt on two sets of texts: do the directions agree, and does each read the other's
/// texts? Row 78 (*Overlooked Factors in Concept-based Explanations*, Ramaswamy et al., CVPR 2023).
///
/// A probe that reads its own set well may read what happens to go with the concept there. Such a pair
/// reads well on both sides and points apart: AUROC at least 0.9 on both own held-out texts, cosine below
/// 0.5.
public struct ProbeSetComparison: Sendable, Hashable, Codable {
    /// From this AUROC on a set reads well.
    public static let wellRead = 0.9
    /// Below this cosine two directions do not agree.
    public static let agreement = 0.5

    /// One site.
    public struct Layer: Sendable, Hashable, Codable {
        /// Where.
        public let site: Site
        /// The cosine of the two probes.
        public let cosine: Double
        /// AUROC of the first set's probe on its own held-out texts.
        public let first: Estimate
        /// AUROC of the second set's probe on its own held-out texts.
        public let second: Estimate
        /// AUROC of the first set's probe on the second's held-out texts.
        public let firstOnSecond: Estimate
        /// AUROC of the second set's probe on the first's held-out texts.
        public let secondOnFirst: Estimate
        /// Average precision, classes equally frequent, of the first set's probe on the second's held-out
        /// texts.
        public let firstOnSecondPrecision: Double
        /// The same of the second set's probe on the first's.
        public let secondOnFirstPrecision: Double

        /// The worse of the two AUROCs on own texts.
        var weaker: Estimate { first.value <= second.value ? first : second }

        /// Both read well, and they disagree.
        public var isFlagged: Bool {
            min(first.value, second.value) >= ProbeSetComparison.wellRead
                && cosine < ProbeSetComparison.agreement
        }
    }

    /// The sites both concepts have, in order.
    public let layers: [Layer]

    /// The site that both read best, by the lower of their AUROCs.
    ///
    /// Sites whose 95% interval reaches the best one's AUROC are tied with it (where it reads well, only
    /// those that read well too). Of these the one whose directions agree most, the earlier among equals:
    /// two good sets may part at some sites by chance, and a confound parts them at every site that reads
    /// well.
    public var best: Layer? {
        guard let lead = layers.map(\.weaker.value).max() else { return nil }
        let tied = layers.filter {
            $0.weaker.high >= lead
                && ($0.weaker.value >= ProbeSetComparison.wellRead || lead < ProbeSetComparison.wellRead)
        }
        return tied.enumerated().max { ($0.1.cosine, -$0.0) < ($1.1.cosine, -$1.0) }?.element
    }

    /// Whether the ``best`` site is flagged.
    public var isFlagged: Bool { best?.isFlagged ?? false }

    /// What to say where the comparison is flagged; nil otherwise.
    public var caution: String? {
        guard let best, best.isFlagged else { return nil }
        func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
        return
            "a second set of texts reads as well at \(best.site) (AUROC \(text(best.first.value)) and "
            + "\(text(best.second.value))), but along another direction (cosine \(text(best.cosine))): at least one of them is not "
            + "the concept alone"
    }

    /// The tokens of a set of texts.
    public struct Texts: Sendable {
        /// Texts that show the concept.
        public let positive: [[Int]]
        /// Texts that do not.
        public let negative: [[Int]]

        /// Token sequences of both classes.
        public init(positive: [[Int]], negative: [[Int]]) {
            self.positive = positive
            self.negative = negative
        }
    }

    /// Compares two concepts with the texts that each was learnt from by a ``ConceptLearner``; what was
    /// held out is drawn again from their options.
    ///
    /// - Throws: ``ConceptError`` `wrongModel` for concepts of two models; `unusableExamples` for texts
    ///   that a concept was not learnt from; `unknownSite` when they share no site; `SiteError`.
    public init(
        _ first: Concept, from firstTexts: Texts, and second: Concept, from secondTexts: Texts,
        in network: any SteerableNetwork
    ) throws {
        try second.requireModel(first.provenance.model)
        let sites = first.layers.map(\.site).filter { site in second.layers.contains { $0.site == site } }
        guard !sites.isEmpty else {
            throw ConceptError(.unknownSite, "the two sets were learnt at different sites")
        }
        let sets = try [
            HeldOutTexts(first, firstTexts, sites, network),
            HeldOutTexts(second, secondTexts, sites, network),
        ]
        layers = try sites.map { site in
            let pair = try [first.layer(at: site), second.layer(at: site)]
            let there = sets[1].read(pair[0].probe, at: site)
            let back = sets[0].read(pair[1].probe, at: site)
            return Layer(
                site: site, cosine: Numbers.dot(pair[0].probe.direction, pair[1].probe.direction),
                first: pair[0].result.auroc, second: pair[1].result.auroc, firstOnSecond: there.auroc,
                secondOnFirst: back.auroc, firstOnSecondPrecision: there.precision,
                secondOnFirstPrecision: back.precision)
        }
    }
}

/// The texts that a concept's learning held out, as activations.
struct HeldOutTexts {
    let harvest: Harvest
    let truth: [Bool]
    let options: LearningOptions

    init(
        _ concept: Concept, _ texts: ProbeSetComparison.Texts, _ sites: [Site],
        _ network: any SteerableNetwork
    ) throws {
        let provenance = concept.provenance
        guard texts.positive.count == provenance.positives, texts.negative.count == provenance.negatives,
            concept.isTested
        else {
            throw ConceptError(
                .unusableExamples,
                "the concept '\(concept.name)' was learnt from \(provenance.positives) positive and \(provenance.negatives) "
                    + "negative texts, not \(texts.positive.count) and \(texts.negative.count)")
        }
        let labels = texts.positive.map { _ in true } + texts.negative.map { _ in false }
        let all = texts.positive + texts.negative
        options = provenance.options
        let split = ConceptLearner.Split(labels: labels, options: options)
        truth = split.heldOut.map { labels[$0] }
        let limit = network.layout.maximumPositions
        harvest = try Harvest(
            split.heldOut.map { Array(all[$0].prefix(limit)) }, at: sites, in: network,
            pooling: options.pooling, massiveRatio: options.massiveRatio)
    }

    /// What a probe reads on each text.
    func scores(_ probe: LinearProbe, at site: Site) -> [Double] {
        harvest.activations[site].map { probe.logits(of: harvest.rows, in: $0) } ?? []
    }

    func read(_ probe: LinearProbe, at site: Site) -> (auroc: Estimate, precision: Double) {
        let scores = scores(probe, at: site)
        var generator = SeededGenerator(seed: options.seed, stream: 400)
        return (
            Statistics.auroc(
                scores: scores, positive: truth, resamples: options.resamples, generator: &generator),
            Statistics.averagePrecision(scores: scores, positive: truth)
        )
    }
}
