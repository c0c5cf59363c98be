import Foundation
import Synchronization
public import VaneSites
import VaneTensors

/// Concept activation vectors by logistic regression. Row 1 (GCAV): Zhang et al., *Controlling Large Language
/// Models Through Concept Activation Vectors*, AAAI 2025, arXiv 2501.05764.
///
/// Per site, on pooled activations `e` (`[rows, width]`), fits `P(e) = σ(w·e + b)` with an L2 penalty and
/// takes `v = w/‖w‖`. The paper does not state penalty, pooled position or standardisation; here the penalty
/// is chosen by cross-validation, the rest are options. A seeded stratified part of the texts is held out;
/// results are on it alone, and the probe that is kept is the one that was measured. The control repeats
/// everything on shuffled labels.
public struct LogisticCAV: Sendable {
    /// How to learn.
    public struct Options: Sendable, Hashable, Codable {
        /// Which activations stand for a text.
        public var pooling: Pooling
        /// Whether each entry is divided by its standard deviation before the fit, so that the penalty treats
        /// wide and narrow entries alike. The probe kept is always in the activations' own units.
        public var isStandardised: Bool
        /// The part of each class that is held out.
        public var heldOut: Double
        /// Folds of the cross-validation.
        public var folds: Int
        /// Penalties to choose from, in units of the mean loss.
        public var lambdas: [Double]
        /// Resamples of the AUROC's bootstrap.
        public var resamples: Int
        /// Seeds split, folds, shuffle and bootstrap.
        public var seed: UInt64

        /// Default options.
        public init(
            pooling: Pooling = .mean, isStandardised: Bool = true, heldOut: Double = 0.25, folds: Int = 5,
            lambdas: [Double] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3], resamples: Int = 1000,
            seed: UInt64 = 0
        ) {
            self.pooling = pooling
            self.isStandardised = isStandardised
            self.heldOut = heldOut
            self.folds = folds
            self.lambdas = lambdas
            self.resamples = resamples
            self.seed = seed
        }
    }

    /// The options.
    public let options: Options

    /// A learner.
    ///
    /// - Throws: ``ConceptError`` `invalidOption`.
    public init(_ options: Options = Options()) throws {
        guard options.heldOut > 0 && options.heldOut < 1 else {
            throw ConceptError(
                .invalidOption, "the held-out part must lie between 0 and 1, not \(options.heldOut)")
        }
        guard options.folds >= 2 else { throw ConceptError(.invalidOption, "at least 2 folds are needed") }
        guard !options.lambdas.isEmpty, options.lambdas.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw ConceptError(.invalidOption, "penalties must be positive")
        }
        guard options.resamples >= 1 else {
            throw ConceptError(.invalidOption, "at least 1 bootstrap resample is needed")
        }
        self.options = options
    }

    /// Learns a concept from token sequences.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - positive: the tokens of each text that shows the concept.
    ///   - negative: the tokens of each text that does not.
    ///   - network: the network to read.
    ///   - model: what identifies it.
    ///   - sites: where; the residual stream of every block if nil.
    ///   - digest: SHA-256 of the texts, for the provenance.
    ///   - progress: called with a part of the work done, 0...1, and what is being done.
    /// - Throws: ``ConceptError``, `SiteError` or `TensorError`.
    public func learn(
        _ name: String, positive: [[Int]], negative: [[Int]], digest: String, at sites: [Site]? = nil,
        in network: any SteerableNetwork, model: ModelIdentity,
        progress: (@Sendable (Double, String) -> Void)? = nil
    ) throws -> Concept {
        guard positive.count >= 2 && negative.count >= 2 else {
            throw ConceptError(
                .unusableExamples,
                "\(positive.count) positive and \(negative.count) negative examples cannot be split into training and "
                    + "held-out ones; each class needs at least 2")
        }
        let limit = network.layout.maximumPositions
        let texts = (positive + negative).map { Array($0.prefix(limit)) }
        let truncated = (positive + negative).count { $0.count > limit }
        let labels = positive.map { _ in true } + negative.map { _ in false }
        let sites = try sites ?? SiteSelector.allResiduals.sites(in: network.layout)

        let harvest = try Harvest(texts, at: sites, in: network, pooling: options.pooling) { done in
            progress?(0.5 * Double(done) / Double(max(texts.count, 1)), "reading activations")
        }
        let split = Split(labels: labels, options: options)
        let results = Mutex<[Int: Result<Concept.Layer, any Error>]>([:])
        Compute.parallel(sites.count) { index in
            let result = Result<Concept.Layer, any Error> {
                try layer(at: sites[index], harvest, labels, split)
            }
            let done = results.withLock {
                $0[index] = result
                return $0.count
            }
            progress?(0.5 + 0.5 * Double(done) / Double(sites.count), "fitting probes")
        }
        let layers = try results.withLock { results in try sites.indices.compactMap { try results[$0]?.get() }
        }
        let verdict = LogisticCAV.verdict(layers, heldOut: split.heldOut.count)
        return Concept(
            name: name, layers: layers, defaultSites: LogisticCAV.defaultSites(layers),
            provenance: Concept.Provenance(
                method: "logistic CAV (row 1)", options: options, model: model, positives: positive.count,
                negatives: negative.count, heldOut: split.heldOut.count, truncated: truncated,
                examplesSHA256: digest, vaneVersion: VaneVersion.current),
            verdict: verdict)
    }

    private func layer(at site: Site, _ harvest: Harvest, _ labels: [Bool], _ split: Split) throws
        -> Concept.Layer
    {
        guard let activations = harvest.activations[site] else {
            throw ConceptError(.unknownSite, "nothing was read at \(site)")
        }
        let fit = try self.fit(activations, harvest.rows, labels, split, stream: 1)
        let control = try self.fit(activations, harvest.rows, split.shuffledLabels, split, stream: 2)
        let chance = max(fit.positives, split.heldOut.count - fit.positives)
        return Concept.Layer(
            site: site, probe: fit.probe,
            meanDifference: LogisticCAV.meanDifference(activations, harvest.rows, labels, split.training),
            result: Concept.LayerResult(
                site: site, accuracy: fit.accuracy, auroc: fit.auroc, shuffledAccuracy: control.accuracy,
                shuffledAUROC: control.auroc,
                pValue: Statistics.binomialTail(
                    successes: fit.right, of: split.heldOut.count,
                    chance: Double(chance) / Double(max(split.heldOut.count, 1))),
                lambda: fit.lambda, typicalNorm: harvest.typicalNorms[site] ?? 0))
    }

    private struct Fit {
        let probe: LinearProbe
        let lambda: Double
        let accuracy: Estimate
        let auroc: Estimate
        let right: Int
        let positives: Int
    }

    /// Chooses the penalty, fits the training texts and measures the held-out ones, each by its mean logit.
    private func fit(
        _ activations: Tensor, _ rows: [Range<Int>], _ labels: [Bool], _ split: Split, stream: UInt64
    ) throws -> Fit {
        let width = activations.width
        let training = split.training.flatMap { Array(rows[$0]) }
        let scales = options.isStandardised ? LogisticCAV.deviations(activations, training) : nil
        let features = try scaled(activations, by: scales, rows: training)
        let trainingLabels = split.training.flatMap { text in rows[text].map { _ in labels[text] } }
        let folds = zip(split.training, split.folds).flatMap { text, fold in rows[text].map { _ in fold } }
        let regression = try LogisticRegression(features)
        let lambda = chooseLambda(regression, trainingLabels, folds)
        let all = Array(trainingLabels.indices)
        let solution = regression.fit(regression.solve(rows: all, positive: trainingLabels, lambda: lambda))
        let weights = (0..<width).map { Float(solution.weights[$0] / (scales?[$0] ?? 1)) }
        let probe = LinearProbe(weights: weights, bias: Float(solution.bias))

        let truth = split.heldOut.map { labels[$0] }
        let logits = probe.logits(of: split.heldOut.map { rows[$0] }, in: activations)
        let right = zip(logits, truth).count { ($0 > 0) == $1 }
        var generator = SeededGenerator(seed: options.seed, stream: 100 + stream)
        return Fit(
            probe: probe, lambda: lambda, accuracy: Statistics.wilson(successes: right, of: truth.count),
            auroc: Statistics.auroc(
                scores: logits, positive: truth, resamples: options.resamples, generator: &generator),
            right: right, positives: truth.count { $0 })
    }

    /// The penalty with the smallest mean cross-validated loss; the largest one among equals.
    private func chooseLambda(_ regression: LogisticRegression, _ labels: [Bool], _ folds: [Int]) -> Double {
        let penalties = options.lambdas.sorted(by: >)
        var losses = [Double](repeating: 0, count: penalties.count)
        for fold in Set(folds).sorted() {
            let training = folds.indices.filter { folds[$0] != fold }
            let test = folds.indices.filter { folds[$0] == fold }
            var start: LogisticRegression.Solution?
            for (i, lambda) in penalties.enumerated() {
                let solution = regression.solve(
                    rows: training, positive: labels, lambda: lambda, start: start, tolerance: 1e-4)
                start = solution
                for (row, logit) in zip(test, regression.logits(solution, rows: test)) {
                    let signed = labels[row] ? -logit : logit
                    losses[i] += signed > 30 ? signed : log1p(exp(signed))
                }
            }
        }
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        return penalties[best]
    }

    /// Rows of `activations` divided by `scales`.
    private func scaled(_ activations: Tensor, by scales: [Double]?, rows: [Int]) throws -> Tensor {
        let width = activations.width
        var values: [Float] = []
        values.reserveCapacity(rows.count * width)
        let factors = scales?.map { Float(1 / $0) }
        activations.read { base in
            for row in rows {
                for j in 0..<width { values.append(base[row * width + j] * (factors?[j] ?? 1)) }
            }
        }
        return try Tensor(values, shape: [rows.count, width])
    }

    /// Standard deviation of each entry over `rows`; 1 where an entry does not vary.
    private static func deviations(_ activations: Tensor, _ rows: [Int]) -> [Double] {
        let width = activations.width
        var mean = [Double](repeating: 0, count: width)
        var square = [Double](repeating: 0, count: width)
        let count = Double(max(rows.count, 1))
        activations.read { base in
            for row in rows { for j in 0..<width { mean[j] += Double(base[row * width + j]) } }
            for j in 0..<width { mean[j] /= count }
            for row in rows {
                for j in 0..<width {
                    let difference = Double(base[row * width + j]) - mean[j]
                    square[j] += difference * difference
                }
            }
        }
        return square.map { $0 > 0 ? ($0 / count).squareRoot() : 1 }
    }

    private static func meanDifference(
        _ activations: Tensor, _ rows: [Range<Int>], _ labels: [Bool], _ texts: [Int]
    ) -> [Float] {
        let width = activations.width
        var sums = [[Double](repeating: 0, count: width), [Double](repeating: 0, count: width)]
        var counts = [0, 0]
        activations.read { base in
            for text in texts {
                let group = labels[text] ? 1 : 0
                counts[group] += rows[text].count
                for row in rows[text] {
                    for j in 0..<width { sums[group][j] += Double(base[row * width + j]) }
                }
            }
        }
        return (0..<width).map {
            Float(sums[1][$0] / Double(max(counts[1], 1)) - sums[0][$0] / Double(max(counts[0], 1)))
        }
    }
}
