public import VaneSites
import VaneTensors

/// In-context vectors: one direction over all sites at once, from few pairs. Row 121: Liu et al., arXiv 2311.06668; row 165
/// takes it over.
///
/// `δ` is the difference of a pair's activations, those of all sites one after another (`[sites · width]`). Two methods share the
/// name:
///
/// - paper: the first principal component of the `δ` (uncentred, so that it is what the pairs have in common; on the side of
///   their mean);
/// - released code: `mean(δ)` plus the first *centred* component at length 1 (`u` below), whose sign is that of the example which
///   loads it most and so has nothing to do with before and after. Over many sites `u` has a length of about `1/√sites` at each,
///   and wherever the mean is longer than that the mean decides.
///
/// Give pairs (``LearningOptions/isPaired``) and ``Pooling/last`` for what the paper reads.
public struct InContextVector: Learner {
    /// Whose formula.
    public enum Form: Sendable, Hashable {
        /// The paper's.
        case paper
        /// The released code's.
        case released
    }

    /// Whose formula.
    public let form: Form

    /// The learner.
    public init(_ form: Form) { self.form = form }

    /// The vector of one of the two forms.
    public var method: LearningMethod {
        switch form {
        case .paper:
            LearningMethod(
                id: "icv", name: "in-context vector", rows: [121, 165],
                summary: "first component of pair differences over all sites together")
        case .released:
            LearningMethod(
                id: "icv-released", name: "in-context vector as released", rows: [121, 165],
                summary: "mean pair difference plus its first centred component")
        }
    }

    /// The slice of the vector at each site, with the probe along it.
    public func fit(_ data: TrainingActivations) throws -> [Site: FittedProbe] {
        let parts = try data.sites.map { try data.pairDifferences(at: $0) }
        let rows = data.pairs.indices.map { pair in parts.flatMap { $0[pair] } }
        let total = rows.first?.count ?? 0
        var mean = [Double](repeating: 0, count: total)
        for row in rows { for j in 0..<total { mean[j] += row[j] / Double(rows.count) } }
        guard let first = data.sites.first else { return [:] }
        let vector: [Double]
        switch form {
        case .paper:
            vector = try PairComponent.component(of: rows, isCentred: false, sign: mean, at: first)
        case .released:
            let axes = try PrincipalAxes(
                Tensor(rows.flatMap { $0.map(Float.init) }, shape: [rows.count, total]))
            vector = axes.variances.isEmpty ? mean : zip(mean, Self.component(axes)).map { $0 + $1 }
        }
        var slices: [Site: [Double]] = [:]
        var start = 0
        for (site, part) in zip(data.sites, parts) {
            let width = part.first?.count ?? 0
            slices[site] = Array(vector[start..<start + width])
            start += width
        }
        let directions = slices
        return try data.perSite { site in try data.calibrated(directions[site] ?? [], at: site) }
    }

    /// The first component, its sign that of the example that loads it most.
    private static func component(_ axes: PrincipalAxes) -> [Double] {
        let loadings = axes.scores.read { base in
            (0..<axes.scores.rowCount).map { base[$0 * axes.variances.count] }
        }
        let largest = loadings.max { abs($0) < abs($1) } ?? 0
        return largest < 0 ? axes.axis(0).map { -$0 } : axes.axis(0)
    }
}
