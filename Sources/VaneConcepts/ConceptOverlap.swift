public import VaneSites

/// How much two concepts of one model have to do with each other at a site where both have probes.
///
/// Let `p` be the probe that steers the first and `q` the probe that reads the second. A step along `p`'s
/// direction that takes the first concept's probability from 0.5 to 0.95 adds `logit(0.95) · (p · q) /
/// ‖p‖²` to the second's logit, wherever it starts: ``otherReaches`` is what becomes of 0.5. With cosine 0
/// it stays 0.5.
public struct ConceptOverlap: Sendable, Hashable, Codable {
    /// The probability that the step leads to.
    public static let target = 0.95

    /// Where.
    public let site: Site
    /// The cosine of the directions that are steered along.
    public let steeringCosine: Double
    /// The cosine of the directions that are read.
    public let probeCosine: Double
    /// The second concept's probability after the first one's step, from 0.5.
    public let otherReaches: Double
    /// The first concept's probability after the second one's step, from 0.5.
    public let ownReaches: Double

    /// Whether steering one is to a good part steering the other: a cosine beyond 0.5, of either sign.
    public var isEntangled: Bool { abs(steeringCosine) > 0.5 }

    /// The overlap of two layers at the same site.
    init(_ own: Concept.Layer, _ other: Concept.Layer) {
        site = own.site
        steeringCosine = Numbers.dot(own.steering.direction, other.steering.direction)
        probeCosine = Numbers.dot(own.probe.direction, other.probe.direction)
        func reached(_ steering: LinearProbe, _ reading: LinearProbe) -> Double {
            guard steering.norm > 0 else { return 0.5 }
            let step = LinearProbe.logit(ofProbability: ConceptOverlap.target) / steering.norm
            return LinearProbe.sigmoid(step * Numbers.dot(steering.direction, reading.weights))
        }
        otherReaches = reached(own.steering, other.probe)
        ownReaches = reached(other.steering, own.probe)
    }
}

extension Concept {
    /// The overlap with `other` at every site where both have probes, in the order of this one's layers.
    ///
    /// - Throws: ``ConceptError`` `wrongModel` for concepts of two models; `unknownSite` when they share no
    ///   site.
    public func overlap(with other: Concept) throws -> [ConceptOverlap] {
        try other.requireModel(provenance.model)
        let overlaps = layers.compactMap { layer in
            other.layers.first { $0.site == layer.site }.flatMap {
                $0.probe.weights.count == layer.probe.weights.count ? ConceptOverlap(layer, $0) : nil
            }
        }
        guard !overlaps.isEmpty else {
            throw ConceptError(
                .unknownSite, "the concepts '\(name)' and '\(other.name)' have no site in common")
        }
        return overlaps
    }
}
