public import VaneSites
import VaneTensors

/// Fisher's linear discriminant with shrinkage: `v = (S + γ·tr(S)/width·I)⁻¹ (m₊ - m₋)` (Fisher, 1936; Friedman, 1989).
///
/// `S` is the covariance within the classes, or that of all rows: then `v` is the difference of means in whitened
/// coordinates, as a functional of the activations. Without shrinkage both point the same way; with it the second
/// counts the difference of the classes as spread and turns away from it.
public struct LinearDiscriminant: DirectionLearner {
    /// Whose covariance is inverted.
    public enum Covariance: Sendable, Hashable {
        /// That of the rows about their own class's mean.
        case withinClasses
        /// That of all rows about their common mean.
        case total
    }

    /// Whose covariance is inverted.
    public let covariance: Covariance
    /// `γ`, in units of the mean variance of an entry.
    public let shrinkage: Double

    /// The learner.
    public init(_ covariance: Covariance, shrinkage: Double = 0.1) {
        precondition(shrinkage > 0 && shrinkage.isFinite, "a shrinkage is positive")
        self.covariance = covariance
        self.shrinkage = shrinkage
    }

    /// The discriminant, or the whitened difference.
    public var method: LearningMethod {
        switch covariance {
        case .withinClasses:
            LearningMethod(
                id: "lda", name: "linear discriminant", rows: [],
                summary: "difference of means through the inverse covariance within the classes")
        case .total:
            LearningMethod(
                id: "whitened-difference", name: "whitened difference of means", rows: [],
                summary: "difference of means through the inverse covariance of all rows")
        }
    }

    /// The weights.
    public func direction(at site: Site, in data: TrainingActivations) throws -> [Double] {
        let rows = try data.rows(at: site)
        let width = rows.width
        let means = [
            try data.mean(positive: false, at: site), try data.mean(positive: true, at: site),
        ]
        var values = rows.elements
        if covariance == .withinClasses {
            for (row, label) in data.labels.enumerated() {
                let mean = means[label ? 1 : 0]
                for j in 0..<width { values[row * width + j] -= Float(mean[j]) }
            }
        }
        let axes = try PrincipalAxes(Tensor(values, shape: [rows.rowCount, width]))
        let ridge = shrinkage * axes.variances.reduce(0, +) / Double(width)
        let difference = zip(means[1], means[0]).map { $0 - $1 }
        return ridge > 0 ? axes.solve(difference, ridge: ridge) : difference
    }
}
