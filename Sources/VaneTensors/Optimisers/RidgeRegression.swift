/// Ridge regression: minimises `mean (y - w·x - b)² + λ‖w‖²`; the bias is not penalised.
///
/// In the basis of the principal axes every penalty is a division, and so is the error of each row when it alone is left out:
/// `(yᵢ - ŷᵢ) / (1 - hᵢ)`, `hᵢ = 1/n + Σ_k z²ᵢₖ / (n (varianceₖ + λ))` (Allen's PRESS, 1974).
package struct RidgeRegression: Sendable {
    private let axes: PrincipalAxes
    private let targets: [Double]
    private let meanTarget: Double

    /// A fitted model, `ŷ = weights · x + bias`.
    package struct Fit: Sendable {
        /// One a feature.
        package let weights: [Double]
        /// The constant.
        package let bias: Double
        /// Mean squared error of each row when it is left out.
        package let leftOutError: Double
    }

    /// Prepares `features`, `[rows, width]`, and one target a row.
    ///
    /// - Throws: `singularMatrix` when they hold NaN or infinity.
    package init(_ features: Tensor, targets: [Double]) throws {
        axes = try PrincipalAxes(features)
        self.targets = targets
        meanTarget = targets.reduce(0, +) / Double(max(targets.count, 1))
    }

    /// The fit with this penalty.
    package func fit(lambda: Double) -> Fit {
        let n = targets.count
        let r = axes.variances.count
        var sums = [Double](repeating: 0, count: r)
        var error = 0.0
        axes.scores.read { z in
            for i in 0..<n {
                for k in 0..<r { sums[k] += (targets[i] - meanTarget) * Double(z[i * r + k]) }
            }
            for k in 0..<r { sums[k] /= Double(n) * (axes.variances[k] + lambda) }
            for i in 0..<n {
                var (fitted, leverage) = (meanTarget, 1 / Double(n))
                for k in 0..<r {
                    let value = Double(z[i * r + k])
                    fitted += sums[k] * value
                    leverage += value * value / (Double(n) * (axes.variances[k] + lambda))
                }
                let residual = (targets[i] - fitted) / max(1 - leverage, 1e-12)
                error += residual * residual / Double(n)
            }
        }
        let weights = axes.combined(sums)
        let bias = zip(weights, axes.mean).reduce(meanTarget) { $0 - $1.0 * $1.1 }
        return Fit(weights: weights, bias: bias, leftOutError: error)
    }
}
