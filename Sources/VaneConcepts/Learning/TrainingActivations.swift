import Synchronization
public import VaneSites
public import VaneTensors

/// The training texts' activations as a learner gets them.
public struct TrainingActivations: Sendable {
    /// Where they were read.
    public let sites: [Site]
    /// Per site one row an activation that stands for a text, `[rows, width]`.
    public let activations: [Site: Tensor]
    /// Whether each row's text shows the concept.
    public let labels: [Bool]
    /// The cross-validation fold of each row; rows of one text share theirs.
    public let folds: [Int]
    /// The rows of each text.
    public let texts: [Range<Int>]
    /// Texts that belong together, the positive first: as given, or drawn.
    public let pairs: [(positive: Int, negative: Int)]
    /// The mean activation of texts that stand for the language as a whole (row 151); nil if none were given.
    public let background: [Site: [Double]]?
    /// The options of the learning.
    public let options: LearningOptions
    /// The texts and the network behind the activations.
    let source: TrainingSource?

    /// The rows at `site`.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`.
    public func rows(at site: Site) throws -> Tensor {
        guard let rows = activations[site] else {
            throw ConceptError(.unknownSite, "nothing was read at \(site)")
        }
        return rows
    }

    /// The mean of all rows of one class at `site`.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`.
    public func mean(positive: Bool, at site: Site) throws -> [Double] {
        Numbers.mean(of: labels.indices.filter { labels[$0] == positive }, in: try rows(at: site))
    }

    /// Mean of the positive less mean of the negative rows at `site`.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`.
    public func meanDifference(at site: Site) throws -> [Double] {
        zip(try mean(positive: true, at: site), try mean(positive: false, at: site)).map { $0 - $1 }
    }

    /// Positive less negative of each pair at `site`, `[pairs, width]`; several rows of a text count as
    /// their mean.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`.
    public func pairDifferences(at site: Site) throws -> [[Double]] {
        let rows = try rows(at: site)
        return pairs.map { pair in
            zip(
                Numbers.mean(of: texts[pair.positive], in: rows),
                Numbers.mean(of: texts[pair.negative], in: rows)
            ).map { $0 - $1 }
        }
    }

    /// A probe along `direction`: `σ(slope · (d·h) + b)`, both by logistic regression with a penalty chosen
    /// by cross-validation, `d·h` divided by its standard deviation for the fit.
    ///
    /// A direction along which the concept falls gets a probe of the least slope that still points along
    /// it, so that a wrong sign shows in the results. Such a slope gives no scale to steer by: a standard
    /// score of the training texts, `σ((d·h - mean) / deviation)`, does.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for a direction of length 0; `unknownSite`.
    public func calibrated(_ direction: [Double], at site: Site) throws -> FittedProbe {
        let norm = Numbers.norm(direction)
        guard norm > 0 && norm.isFinite else {
            throw ConceptError(.unusableExamples, "the classes do not differ at \(site)")
        }
        let unit = direction.map { Float($0 / norm) }
        let rows = try rows(at: site)
        let heights = rows.read { base in
            labels.indices.map { Vectors.dot(base + $0 * unit.count, unit, count: unit.count) }
        }
        let count = Double(heights.count)
        let mean = heights.reduce(0, +) / count
        let deviation = (heights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        guard deviation > 0 else {
            throw ConceptError(.unusableExamples, "the texts do not differ along the direction at \(site)")
        }
        let features = try Tensor(
            heights.map { Float(($0 - mean) / deviation) }, shape: [heights.count, 1])
        let fit = try LogisticCAV.fit(features, labels: labels, folds: folds, lambdas: options.lambdas)
        func probe(_ slope: Double, _ bias: Double) -> LinearProbe {
            LinearProbe(
                weights: unit.map { Float(Double($0) * slope / deviation) },
                bias: Float(bias - slope / deviation * mean))
        }
        guard fit.weights[0] > 1e-6 else {
            return FittedProbe(probe: probe(1e-6, 0), steering: probe(1, 0), lambda: fit.lambda)
        }
        return FittedProbe(probe: probe(fit.weights[0], fit.bias), lambda: fit.lambda)
    }

    /// Runs `work` for every site, side by side.
    public func perSite<Part: Sendable>(_ work: @Sendable (Site) throws -> Part) throws -> [Site: Part] {
        let count = Double(max(sites.count, 1))
        let parts = try sites.parallelMap(progress: { source?.progress(Double($0) / count) }, work)
        return Dictionary(zip(sites, parts)) { first, _ in first }
    }
}

extension Array where Element: Sendable {
    /// The results of `work` for every element, side by side and in order.
    package func parallelMap<Part: Sendable>(
        progress: (@Sendable (Int) -> Void)? = nil, _ work: @Sendable (Element) throws -> Part
    ) throws -> [Part] {
        let results = Mutex<[Int: Result<Part, any Error>]>([:])
        Compute.parallel(count) { index in
            let result = Result { try work(self[index]) }
            let done = results.withLock {
                $0[index] = result
                return $0.count
            }
            progress?(done)
        }
        return try results.withLock { $0 }.sorted { $0.key < $1.key }.map { try $0.value.get() }
    }
}
