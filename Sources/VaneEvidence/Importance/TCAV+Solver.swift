import Foundation
import VaneTensors

extension TCAV {
    /// How the vector of a run is fitted to its two classes.
    public enum Solver: String, Sendable, Hashable, Codable, CaseIterable {
        /// Least squares to ±1 with a ridge.
        case ridge
        /// Logistic regression with the penalty that is as strong as the ridge where nothing is sure: a
        /// quarter of it.
        case logistic
        /// The difference of the class means, which has no penalty (pattern CAV).
        case meanDifference = "mean-difference"
    }
}

extension TCAV.Solver {
    /// The weights `α` of the vector `Σ αᵢ (xᵢ - x̄)`, of any length.
    ///
    /// Logistic regression is least squares to moving targets: `(K̃ + λ W⁻¹) α = z - b` with `W = p (1 - p)`,
    /// `z = f + (y - p)/W` for readings `f = K̃ α + b`, and `b` such that `Σ α = 0`.
    ///
    /// - Parameters:
    ///   - matrix: `K̃`, the centred products of the rows.
    ///   - signs: 1 or -1 a row, some of both.
    ///   - penalty: the ridge `λ`, above 0.
    /// - Throws: `TensorError` `singularMatrix` for products that are no finite numbers.
    package func weights(_ matrix: [Double], _ signs: [Double], penalty: Double) throws -> [Double] {
        let count = signs.count
        switch self {
        case .meanDifference:
            let positives = Double(signs.count { $0 > 0 })
            return signs.map { $0 > 0 ? 1 / positives : -1 / (Double(count) - positives) }
        case .ridge:
            var system = matrix
            for i in 0..<count { system[i * count + i] += penalty }
            let balance = signs.reduce(0, +) / Double(count)
            return try PositiveDefinite.solve(system, signs.map { $0 - balance })
        case .logistic:
            var (alpha, bias) = ([Double](repeating: 0, count: count), 0.0)
            for _ in 0..<12 {
                var system = matrix
                var targets = [Double](repeating: 0, count: count)
                for i in 0..<count {
                    var reading = bias
                    for j in 0..<count { reading += matrix[i * count + j] * alpha[j] }
                    let p = 1 / (1 + exp(-reading))
                    let weight = max(p * (1 - p), 1e-4)
                    targets[i] = reading + ((signs[i] > 0 ? 1 : 0) - p) / weight
                    system[i * count + i] += penalty / 4 / weight
                }
                let ones = try PositiveDefinite.solve(system, [Double](repeating: 1, count: count))
                let part = try PositiveDefinite.solve(system, targets)
                bias = part.reduce(0, +) / ones.reduce(0, +)
                let next = zip(part, ones).map { $0 - bias * $1 }
                let change = zip(next, alpha).reduce(0) { max($0, abs($1.0 - $1.1)) }
                alpha = next
                if change <= 1e-6 * alpha.reduce(0, { max($0, abs($1)) }) { break }
            }
            return alpha
        }
    }
}
