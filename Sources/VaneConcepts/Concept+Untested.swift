public import VaneSites
import VaneTensors

extension Concept {
    /// Whether texts were held out to measure it.
    public var isTested: Bool { provenance.heldOut > 0 }

    /// A concept of directions that no example was given for. Nothing is measured, and the verdict says so.
    ///
    /// With no classes to fit, a probe reads a standard score: with `m` and `s` the mean and the deviation
    /// of `d · h` over tokens of `background`, it is `σ((d · h - m) / s)`. So 0.5 is an average token, 0.95
    /// one 2.9 deviations above, and a target moves states by so many deviations. The way from one
    /// deviation below the mean to one above stands for the difference of means.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - directions: what is known at each site, of any length.
    ///   - method: where they come from, in words.
    ///   - background: the tokens of texts that stand for the language as a whole.
    ///   - caution: what should make one doubt besides.
    ///   - seed: for the record.
    ///   - network: the network to read.
    ///   - model: what identifies it.
    /// - Throws: ``ConceptError`` `unusableExamples` for no background, texts that do not differ along a
    ///   direction, or a direction without length; `wrongModel` for another width; `SiteError`.
    public static func untested(
        _ name: String, directions: [Site: [Float]], from method: String, background: [[Int]],
        caution: [String] = [], seed: UInt64 = 0, in network: any SteerableNetwork, model: ModelIdentity
    ) throws -> Concept {
        let texts = background.filter { !$0.isEmpty }.map {
            Array($0.prefix(network.layout.maximumPositions))
        }
        guard !texts.isEmpty, !directions.isEmpty else {
            throw ConceptError(
                .unusableExamples, "a concept without examples needs directions and background texts")
        }
        let sites = directions.keys.sorted()
        let harvest = try Harvest(texts, at: sites, in: network, pooling: .tokens)
        let layers = try sites.map { site in
            try untestedLayer(
                at: site, directions[site] ?? [], harvest, width: network.layout.width(of: site))
        }
        let options = LearningOptions(pooling: .tokens, seed: seed)
        return Concept(
            name: name, layers: layers, defaultSites: sites,
            provenance: Provenance(
                method: method, options: options, model: model, positives: 0, negatives: 0, heldOut: 0,
                truncated: 0, examplesSHA256: "", vaneVersion: VaneVersion.current),
            verdict: .untested(
                because: "no examples were given",
                cautions: [
                    "its probabilities are standard scores among \(texts.count) background texts (0.5 an average token), not "
                        + "fitted to any example"
                ] + caution))
    }

    private static func untestedLayer(at site: Site, _ direction: [Float], _ harvest: Harvest, width: Int)
        throws -> Layer
    {
        guard direction.count == width else {
            throw ConceptError(
                .wrongModel,
                "the direction at \(site) has \(direction.count) numbers, the model's activations \(width)")
        }
        guard let rows = harvest.activations[site], let unit = Numbers.unit(direction.map(Double.init)) else {
            throw ConceptError(.unusableExamples, "the direction at \(site) has no length")
        }
        let heights = rows.read { base in
            (0..<rows.rowCount).map { Vectors.dot(base + $0 * width, unit, count: width) }
        }
        let mean = heights.reduce(0, +) / Double(heights.count)
        let variance =
            heights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(heights.count)
        let deviation = variance.squareRoot()
        guard deviation > 0 && deviation.isFinite else {
            throw ConceptError(
                .unusableExamples, "the background texts do not differ along the direction at \(site)")
        }
        return Layer(
            site: site,
            probe: LinearProbe(
                weights: unit.map { Float(Double($0) / deviation) }, bias: Float(-mean / deviation)),
            meanDifference: unit.map { Float(2 * deviation * Double($0)) },
            result: LayerResult(untestedAt: site, typicalNorm: harvest.typicalNorms[site] ?? 0))
    }

    /// The concept with more to doubt.
    public func cautioned(_ cautions: [String]) -> Concept {
        Concept(
            name: name, layers: layers, defaultSites: defaultSites, provenance: provenance,
            verdict: Verdict(
                isFound: verdict.isFound, correctedPValue: verdict.correctedPValue,
                maximumPValue: verdict.maximumPValue, sentence: verdict.sentence,
                cautions: verdict.cautions + cautions), effect: effect)
    }
}

extension Concept.LayerResult {
    /// The result of a layer that nothing was measured of: what guessing gives, with intervals that leave
    /// everything open.
    init(untestedAt site: Site, typicalNorm: Double) {
        let open = Estimate(value: 0.5, low: 0, high: 1)
        self.init(
            site: site, accuracy: open, auroc: open, shuffledAccuracy: open, shuffledAUROC: open, pValue: 1,
            lambda: 0, typicalNorm: typicalNorm)
    }
}

extension Concept.Verdict {
    /// Neither found nor refuted.
    static func untested(because reason: String, cautions: [String]) -> Concept.Verdict {
        Concept.Verdict(
            isFound: false, correctedPValue: 1, maximumPValue: 1,
            sentence: "untested: \(reason), so nothing says whether this direction is the concept",
            cautions: cautions)
    }
}
