public import VaneSites

/// Dampens the neurons that tell a concept (AurA: Whispering Experts, arXiv 2407.12824; the note of row 150):
///
///     αᵢ = 1 - 2 (AUROCᵢ - ½)   where AUROCᵢ > ½, else 1;   h′ᵢ = αᵢ hᵢ
///
/// AUROCᵢ says how well the largest value of neuron i over the tokens of a text tells texts with the concept
/// from others: a perfect expert is silenced, a neuron that tells nothing stays. No strength has to be
/// chosen. It takes a concept away; it cannot bring one about.
///
/// With n texts a side chance alone gives AUROCs of ½ ± 0.4/√n, so that few texts dampen half of the neurons
/// a little.
public struct AurA: Sendable, Hashable, Codable {
    /// Tokens of a forward pass at most (a longer text goes alone).
    public var batchTokens: Int

    /// A learner.
    public init(batchTokens: Int = 1024) { self.batchTokens = batchTokens }

    /// The map without offset that dampens entries by how well they tell `concept` rows from `others`, both
    /// `[texts][width]`.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for a side without rows, different widths or numbers
    ///   that are not finite.
    public static func map(concept: [[Float]], others: [[Float]]) throws -> TransportMap {
        let width = concept.first?.count ?? 0
        guard !concept.isEmpty, !others.isEmpty, width > 0,
            (concept + others).allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
        else {
            throw ConceptError(
                .unusableExamples,
                "dampening needs rows of \(width) finite numbers on both sides; there are \(concept.count) with the "
                    + "concept and \(others.count) without")
        }
        let labels = concept.map { _ in true } + others.map { _ in false }
        let scale = (0..<width).map { j in
            let area = Statistics.auroc(
                scores: (concept + others).map { Double($0[j]) }, positive: labels)
            return Float(area > 0.5 ? 1 - 2 * (area - 0.5) : 1)
        }
        return TransportMap(scale: scale, offset: [Float](repeating: 0, count: width))
    }

    /// The dampening maps, one a site.
    ///
    /// - Parameters:
    ///   - concept: token ids of texts with the concept that is to be taken away.
    ///   - others: token ids of other texts.
    ///   - sites: where neurons are: `Site` `.mlpHidden`.
    ///   - network: the network to read.
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func maps(
        concept: [[Int]], others: [[Int]], at sites: [Site], in network: any SteerableNetwork
    ) throws -> [Site: TransportMap] {
        let sites = Set(sites).sorted()
        let extremes = try [concept, others].map {
            try TokenExtremes.read($0, at: sites, in: network, batchTokens: batchTokens)
        }
        return try sites.reduce(into: [:]) { maps, site in
            maps[site] = try AurA.map(
                concept: extremes[0][site]?.high ?? [], others: extremes[1][site]?.high ?? [])
        }
    }
}
