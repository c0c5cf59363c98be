public import VaneSites
import VaneTensors

/// Whether a concept can be learnt as well as the class it is to explain: row 78 (*Overlooked Factors in
/// Concept-based Explanations*, Ramaswamy et al., CVPR 2023).
///
/// Both are measured on held-out texts by average precision with positives and negatives weighing the same,
/// so that how frequent each is does not matter:
///
///     precision at a threshold = R / (R + F),  R the part of positives above it, F the part of negatives
///
/// An explanation by a concept that is harder to read than the class itself explains little: what the probe
/// calls the concept is then mostly something else.
public struct Learnability: Sendable, Hashable, Codable {
    /// How well a concept is read at its best site.
    public struct Reading: Sendable, Hashable, Codable {
        /// The concept's name.
        public let name: String
        /// Where it is read.
        public let site: Site
        /// Average precision at equal classes with the 95% interval of a stratified bootstrap; 0.5 by
        /// guessing.
        public let precision: Estimate
    }

    /// The concept that explains.
    public let concept: Reading
    /// The class that is explained.
    public let target: Reading

    /// Whether the concept's interval lies below the class's.
    public var isHarder: Bool { concept.precision.high < target.precision.low }

    /// What to say where the concept is harder; nil otherwise.
    public var caution: String? {
        guard isHarder else { return nil }
        func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
        return
            "'\(concept.name)' is harder to read than '\(target.name)', which it is to explain (average precision "
            + "\(text(concept.precision.value)) against \(text(target.precision.value)))"
    }

    /// Reads a concept and a class on the texts that their learning held out.
    ///
    /// - Parameters:
    ///   - concept: the concept that explains.
    ///   - texts: the texts it was learnt from, by a ``ConceptLearner``.
    ///   - target: the class, learnt in the same way.
    ///   - targetTexts: the texts the class was learnt from.
    ///   - network: the network.
    /// - Throws: ``ConceptError`` `wrongModel` for concepts of two models; `unusableExamples` for texts that
    ///   a concept was not learnt from; `unknownSite` for a concept without a site; `SiteError`.
    public init(
        of concept: Concept, from texts: ProbeSetComparison.Texts, explaining target: Concept,
        from targetTexts: ProbeSetComparison.Texts, in network: any SteerableNetwork
    ) throws {
        try target.requireModel(concept.provenance.model)
        self.concept = try Learnability.reading(concept, texts, network)
        self.target = try Learnability.reading(target, targetTexts, network)
    }

    private static func reading(
        _ concept: Concept, _ texts: ProbeSetComparison.Texts, _ network: any SteerableNetwork
    ) throws -> Reading {
        guard let layer = concept.bestLayer else {
            throw ConceptError(.unknownSite, "the concept '\(concept.name)' was read nowhere")
        }
        let heldOut = try HeldOutTexts(concept, texts, [layer.site], network)
        return Reading(
            name: concept.name, site: layer.site,
            precision: precision(
                scores: heldOut.scores(layer.probe, at: layer.site), positive: heldOut.truth,
                resamples: heldOut.options.resamples, seed: heldOut.options.seed))
    }

    /// Average precision at equal classes with the 95% interval of a stratified bootstrap.
    ///
    /// - Parameters:
    ///   - scores: how much each text shows the concept.
    ///   - positive: whether it does.
    ///   - resamples: samples of the bootstrap.
    ///   - seed: seeds them.
    public static func precision(
        scores: [Double], positive: [Bool], resamples: Int = 1000, seed: UInt64 = 0
    ) -> Estimate {
        let classes = [true, false].map { wanted in positive.indices.filter { positive[$0] == wanted } }
        let value = Statistics.averagePrecision(scores: scores, positive: positive)
        guard classes.allSatisfy({ !$0.isEmpty }) else { return Estimate(value: value, low: 0, high: 1) }
        var generator = SeededGenerator(seed: seed, stream: 401)
        let samples = (0..<max(1, resamples)).map { _ in
            let drawn = classes.flatMap { rows in rows.map { _ in rows[generator.integer(below: rows.count)] }
            }
            return Statistics.averagePrecision(
                scores: drawn.map { scores[$0] }, positive: drawn.map { positive[$0] })
        }
        return Estimate(
            value: value, low: Statistics.quantile(samples, 0.025),
            high: Statistics.quantile(samples, 0.975))
    }
}
