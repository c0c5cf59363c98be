public import VaneSites
import VaneTensors

/// The first principal component of differences of pairs. Row 18 (*A Language Model's Guide Through Latent Space*, ICML 2024)
/// and representation engineering (Zou et al., arXiv 2310.01405), whose code calls it LAT.
///
/// What is centred decides what is found, and the sources differ, so it is a choice:
///
/// - uncentred: the first eigenvector of `Σ δδᵀ`, `δ = e₊ - e₋`. The same as the released code of representation
///   engineering, which turns half of the pairs round at random and then centres: what the pairs have in common.
/// - centred: `δ` less its mean. What the pairs do *not* have in common; the concept only where its strength varies most.
/// - within positives: `δ` between positive texts alone, divided by its length, uncentred. AxBench's LAT (row 120): no label
///   takes part.
///
/// A component has no sign; here it is that of the difference of means.
public struct PairComponent: DirectionLearner {
    /// Which differences.
    public enum Differences: Sendable, Hashable {
        /// Positive less negative.
        case uncentred
        /// Positive less negative, less their mean.
        case centred
        /// Positive less another positive, at length 1.
        case withinPositives
    }

    /// Which differences.
    public let differences: Differences

    /// The learner.
    public init(_ differences: Differences) { self.differences = differences }

    /// The component.
    public var method: LearningMethod {
        switch differences {
        case .uncentred:
            LearningMethod(
                id: "pair-pca", name: "principal component of pair differences", rows: [18],
                summary: "first component of positive less negative, uncentred (RepE)")
        case .centred:
            LearningMethod(
                id: "pair-pca-centred", name: "principal component of centred pair differences", rows: [18],
                summary: "first component of positive less negative about their mean")
        case .withinPositives:
            LearningMethod(
                id: "lat", name: "LAT", rows: [120],
                summary: "first component of differences between positive texts (AxBench)")
        }
    }

    /// The component.
    public func direction(at site: Site, in data: TrainingActivations) throws -> [Double] {
        var rows =
            differences == .withinPositives
            ? try withinPositives(at: site, in: data) : try data.pairDifferences(at: site)
        if differences == .withinPositives {
            rows = rows.compactMap { row in
                let norm = Numbers.norm(row)
                return norm > 0 ? row.map { $0 / norm } : nil
            }
        }
        return try Self.component(
            of: rows, isCentred: differences == .centred, sign: data.meanDifference(at: site), at: site)
    }

    private func withinPositives(at site: Site, in data: TrainingActivations) throws -> [[Double]] {
        let rows = try data.rows(at: site)
        let means = data.texts.filter { text in text.first.map { data.labels[$0] } ?? false }.map {
            Numbers.mean(of: $0, in: rows)
        }
        var generator = SeededGenerator(seed: data.options.seed, stream: 5)
        let order = generator.shuffled(means.indices)
        return zip(order, order.dropFirst()).map { zip(means[$0], means[$1]).map { $0 - $1 } }
    }

    /// The first principal component of `rows`, on the side of `sign`.
    static func component(of rows: [[Double]], isCentred: Bool, sign: [Double], at site: Site) throws
        -> [Double]
    {
        let width = sign.count
        let axes = try PrincipalAxes(
            Tensor(rows.flatMap { $0.map(Float.init) }, shape: [rows.count, width]), isCentred: isCentred)
        guard !axes.variances.isEmpty else {
            throw ConceptError(.unusableExamples, "the pairs do not differ at \(site)")
        }
        let axis = axes.axis(0)
        return Numbers.dot(axis, sign) < 0 ? axis.map { -$0 } : axis
    }
}
