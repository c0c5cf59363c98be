public import VaneSites

/// A concept: per site a probe and a direction, with where they come from and how far to trust them.
public struct Concept: Sendable, Hashable {
    /// The concept's name.
    public var name: String
    /// What was learnt at each site, in the order of the forward pass.
    public let layers: [Layer]
    /// The sites to use when none are named.
    public let defaultSites: [Site]
    /// Model, data and options.
    public let provenance: Provenance
    /// Whether the direction is real.
    public let verdict: Verdict
    /// What steering with it did to texts, if that was measured. A concept that is steered otherwise loses it.
    public var effect: Effect?

    /// A concept of these parts.
    public init(
        name: String, layers: [Layer], defaultSites: [Site], provenance: Provenance, verdict: Verdict,
        effect: Effect? = nil
    ) {
        self.name = name
        self.layers = layers
        self.defaultSites = defaultSites
        self.provenance = provenance
        self.verdict = verdict
        self.effect = effect
    }

    /// What was learnt at one site.
    public struct Layer: Sendable, Hashable {
        /// Where.
        public let site: Site
        /// The probe that reads; its direction is the concept activation vector.
        public let probe: LinearProbe
        /// The probe that steering aims at and moves along. The direction that parts texts best is seldom the one along
        /// which they change most, so it can be another than ``probe``; if it was not learnt apart it is the same.
        public let steering: LinearProbe
        /// Mean of the positive minus mean of the negative activations.
        public let meanDifference: [Float]
        /// How well the probe does.
        public internal(set) var result: LayerResult

        /// A layer; it is steered by `probe` if no `steering` is given.
        public init(
            site: Site, probe: LinearProbe, steering: LinearProbe? = nil, meanDifference: [Float],
            result: LayerResult
        ) {
            self.site = site
            self.probe = probe
            self.steering = steering ?? probe
            self.meanDifference = meanDifference
            self.result = result
        }
    }

    /// A probe's results on held-out examples.
    public struct LayerResult: Sendable, Hashable, Codable {
        /// Where.
        public let site: Site
        /// Fraction right, 95% Wilson interval.
        public let accuracy: Estimate
        /// Area under the ROC curve, 95% bootstrap interval.
        public let auroc: Estimate
        /// Accuracy of the same procedure on shuffled labels.
        public let shuffledAccuracy: Estimate
        /// AUROC of the same procedure on shuffled labels.
        public let shuffledAUROC: Estimate
        /// Average precision if both classes were equally frequent, so that it does not depend on how many of each there
        /// were (row 78); 0.5 by guessing.
        public let averagePrecision: Double
        /// The AUROC that 95 in 100 random directions, each turned towards the positive training texts, stay below.
        public let randomAUROC: Double
        /// Cosine of the directions that the two halves of the training texts give.
        public let agreement: Double
        /// Probability of as many right answers by guessing, exact binomial, not corrected for layers.
        public let pValue: Double
        /// The same after Benjamini and Hochberg's correction over the sites: the share of false finds among sites with
        /// no larger value.
        public internal(set) var qValue: Double
        /// The penalty chosen by cross-validation.
        public let lambda: Double
        /// Mean norm of a token's activation at the site.
        public let typicalNorm: Double

        /// Results.
        public init(
            site: Site, accuracy: Estimate, auroc: Estimate, shuffledAccuracy: Estimate,
            shuffledAUROC: Estimate, averagePrecision: Double = 0.5, randomAUROC: Double = 0.5,
            agreement: Double = 0,
            pValue: Double, qValue: Double = 1, lambda: Double, typicalNorm: Double
        ) {
            self.site = site
            self.accuracy = accuracy
            self.auroc = auroc
            self.shuffledAccuracy = shuffledAccuracy
            self.shuffledAUROC = shuffledAUROC
            self.averagePrecision = averagePrecision
            self.randomAUROC = randomAUROC
            self.agreement = agreement
            self.pValue = pValue
            self.qValue = qValue
            self.lambda = lambda
            self.typicalNorm = typicalNorm
        }
    }

    /// Where a concept comes from.
    public struct Provenance: Sendable, Hashable, Codable {
        /// The method, such as `logistic CAV (row 1)`.
        public let method: String
        /// The options it ran with.
        public let options: LearningOptions
        /// The model.
        public let model: ModelIdentity
        /// Positive examples.
        public let positives: Int
        /// Negative examples.
        public let negatives: Int
        /// Examples held out for the results.
        public let heldOut: Int
        /// Examples cut to the model's context.
        public let truncated: Int
        /// SHA-256 of the examples.
        public let examplesSHA256: String
        /// The Vane that made it.
        public let vaneVersion: String
        /// Where the probes that steer come from; nil where the reading probes steer.
        public var steering: String?

        /// A provenance.
        public init(
            method: String, options: LearningOptions, model: ModelIdentity, positives: Int,
            negatives: Int, heldOut: Int, truncated: Int, examplesSHA256: String, vaneVersion: String
        ) {
            self.method = method
            self.options = options
            self.model = model
            self.positives = positives
            self.negatives = negatives
            self.heldOut = heldOut
            self.truncated = truncated
            self.examplesSHA256 = examplesSHA256
            self.vaneVersion = vaneVersion
        }
    }

    /// Whether a direction was found.
    public struct Verdict: Sendable, Hashable, Codable {
        /// Whether the best layer beats guessing at the 1% level after Bonferroni correction over the layers.
        public let isFound: Bool
        /// The smallest p-value times the number of layers, at most 1.
        public let correctedPValue: Double
        /// The chance that the best site's AUROC is reached at any site when the held-out labels mean nothing: the maximum
        /// over the sites, labels permuted. Minds that sites are alike, which Bonferroni's correction does not.
        public let maximumPValue: Double
        /// One sentence for people.
        public let sentence: String
        /// What should make one doubt, a sentence each.
        public let cautions: [String]

        /// A verdict.
        public init(
            isFound: Bool, correctedPValue: Double, maximumPValue: Double = 1, sentence: String,
            cautions: [String] = []
        ) {
            self.isFound = isFound
            self.correctedPValue = correctedPValue
            self.maximumPValue = maximumPValue
            self.sentence = sentence
            self.cautions = cautions
        }
    }

    /// The layer at `site`.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`, naming the sites there are.
    public func layer(at site: Site) throws -> Layer {
        guard let layer = layers.first(where: { $0.site == site }) else {
            throw ConceptError(
                .unknownSite,
                "the concept '\(name)' has no probe at \(site); it has \(layers.map(\.site.description).joined(separator: ", "))"
            )
        }
        return layer
    }

    /// The layers at the sites to steer by default.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`.
    public var defaultLayers: [Layer] {
        get throws { try defaultSites.map { try layer(at: $0) } }
    }

    /// The layer with the best held-out result.
    public var bestLayer: Layer? {
        layers.max {
            ($0.result.auroc.value, $0.result.accuracy.value) < (
                $1.result.auroc.value, $1.result.accuracy.value
            )
        }
    }

    /// Checks that the concept was learnt on `model`.
    ///
    /// - Throws: ``ConceptError`` `wrongModel`, naming both fingerprints.
    public func requireModel(_ model: ModelIdentity) throws {
        let own = provenance.model
        func short(_ fingerprint: String) -> String { String(fingerprint.prefix(16)) }
        guard own.fingerprint == model.fingerprint else {
            throw ConceptError(
                .wrongModel,
                "the concept '\(name)' was learnt on \(own.name) (fingerprint \(short(own.fingerprint))…), this model is "
                    + "\(model.name) (fingerprint \(short(model.fingerprint))…)")
        }
        guard own.tokenizerFingerprint == model.tokenizerFingerprint else {
            throw ConceptError(
                .wrongModel,
                "the concept '\(name)' was learnt with another tokenizer (fingerprint "
                    + "\(short(own.tokenizerFingerprint))…, this model's is \(short(model.tokenizerFingerprint))…)"
            )
        }
    }
}

/// The version of this library.
public enum VaneVersion {
    /// Semantic version.
    public static let current = "0.1.0"
}
