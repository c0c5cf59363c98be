#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// L2-regularised logistic regression: minimises `mean log(1 + exp(-y·(w·x + b))) + λ/2·‖w‖²`, y = ±1; the
/// bias is not penalised.
///
/// Newton's method with conjugate gradients. The features are turned once into the basis of their principal
/// axes: the penalty does not notice a rotation, the curvature becomes nearly diagonal there, and directions
/// in which the features do not vary drop out. One rotation serves every penalty and every subset of rows.
package struct LogisticRegression: Sendable {
    private let basis: PrincipalAxes
    /// Features in the turned basis, `[examples, axes]`.
    private var turned: Tensor { basis.scores }
    private var variances: [Double] { basis.variances }

    /// A fitted model: `P(y = 1) = σ(weights · x + bias)`.
    package struct Fit: Sendable {
        /// One a feature.
        package var weights: [Double]
        package var bias: Double
        /// Newton steps taken.
        package var steps: Int
    }

    /// A solution in the turned basis, good as the start of a neighbouring fit.
    package struct Solution: Sendable {
        var weights: [Double]
        var bias: Double
        package var steps = 0
    }

    /// Prepares `features`, `[examples, width]` float32.
    ///
    /// - Throws: `singularMatrix` when they hold NaN or infinity.
    package init(_ features: Tensor) throws { basis = try PrincipalAxes(features) }

    /// Fits the examples `rows` with labels `positive` (one a row of the features).
    ///
    /// Ends when the gradient's norm is below `tolerance` times its first value or after `limit` steps.
    package func solve(
        rows: [Int], positive: [Bool], lambda: Double, start: Solution? = nil, tolerance: Double = 1e-7,
        limit: Int = 40
    ) -> Solution {
        let r = variances.count
        let scale = 1 / Double(max(rows.count, 1))
        var solution = start ?? Solution(weights: [Double](repeating: 0, count: r), bias: 0)
        solution.steps = 0
        var first: Double?
        turned.read { x in
            var value = evaluate(solution, x, rows, positive, lambda)
            for step in 1...limit {
                let norm =
                    (value.gradient.reduce(0) { $0 + $1 * $1 } + value.biasGradient * value.biasGradient)
                    .squareRoot()
                let reference = first ?? max(norm, 1e-3)
                first = reference
                if norm <= tolerance * reference { break }
                solution.steps = step
                let move = newtonStep(value, x, rows, lambda, scale)
                // Halve the step until the objective falls; a full step nearly always does.
                var length = 1.0
                while true {
                    var next = solution
                    for j in 0..<r { next.weights[j] += length * move.weights[j] }
                    next.bias += length * move.bias
                    let candidate = evaluate(next, x, rows, positive, lambda)
                    if candidate.objective <= value.objective || length < 1e-4 {
                        let gain = value.objective - candidate.objective
                        solution = next
                        value = candidate
                        if gain < 1e-12 * max(1, abs(candidate.objective)) { return }
                        break
                    }
                    length /= 2
                }
            }
        }
        return solution
    }

    /// The model in the features' own basis.
    package func fit(_ solution: Solution) -> Fit {
        let weights = basis.combined(solution.weights)
        var bias = solution.bias
        for j in weights.indices { bias -= weights[j] * basis.mean[j] }
        return Fit(weights: weights, bias: bias, steps: solution.steps)
    }

    /// The logit of each of `rows`.
    package func logits(_ solution: Solution, rows: [Int]) -> [Double] {
        let weights = solution.weights.map(Float.init)
        return turned.read { x in
            rows.map {
                Vectors.dot(x + $0 * variances.count, weights, count: variances.count) + solution.bias
            }
        }
    }

    private struct Value {
        var objective: Double
        var gradient: [Double]
        var biasGradient: Double
        /// p·(1 - p) of each example.
        var curvature: [Double]
    }

    private func evaluate(
        _ solution: Solution, _ x: UnsafePointer<Float>, _ rows: [Int], _ positive: [Bool], _ lambda: Double
    ) -> Value {
        let r = variances.count
        let weights = solution.weights.map(Float.init)
        let scale = 1 / Double(max(rows.count, 1))
        var value = Value(
            objective: 0, gradient: solution.weights.map { lambda * $0 }, biasGradient: 0,
            curvature: [Double](repeating: 0, count: rows.count))
        for w in solution.weights { value.objective += lambda / 2 * w * w }
        for (i, row) in rows.enumerated() {
            let z = Vectors.dot(x + row * r, weights, count: r) + solution.bias
            let p = 1 / (1 + exp(-z))
            let signed = positive[row] ? -z : z
            value.objective += scale * (signed > 30 ? signed : log1p(exp(signed)))
            let slope = scale * (p - (positive[row] ? 1 : 0))
            value.biasGradient += slope
            value.curvature[i] = p * (1 - p)
            accumulate(x + row * r, slope, into: &value.gradient)
        }
        return value
    }

    /// Conjugate gradients on `Hessian · step = -gradient`, preconditioned by the diagonal that the principal
    /// variances give.
    private func newtonStep(
        _ value: Value, _ x: UnsafePointer<Float>, _ rows: [Int], _ lambda: Double, _ scale: Double
    ) -> (weights: [Double], bias: Double) {
        let r = variances.count
        let meanCurvature = max(value.curvature.reduce(0, +) * scale, 1e-12)
        let diagonal = variances.map { meanCurvature * $0 + lambda } + [meanCurvature]
        var step = [Double](repeating: 0, count: r + 1)
        var residual = value.gradient.map { -$0 } + [-value.biasGradient]
        var preconditioned = (0...r).map { residual[$0] / diagonal[$0] }
        var direction = preconditioned
        var energy = LogisticRegression.dot(residual, preconditioned)
        let goal = energy * 1e-8
        for _ in 0..<(2 * r + 20) where energy > goal {
            let image = hessian(direction, value, x, rows, lambda, scale)
            let length = energy / LogisticRegression.dot(direction, image)
            guard length.isFinite else { break }
            for j in 0...r {
                step[j] += length * direction[j]
                residual[j] -= length * image[j]
            }
            preconditioned = (0...r).map { residual[$0] / diagonal[$0] }
            let next = LogisticRegression.dot(residual, preconditioned)
            let factor = next / energy
            for j in 0...r { direction[j] = preconditioned[j] + factor * direction[j] }
            energy = next
        }
        return (Array(step.dropLast()), step[r])
    }

    private func hessian(
        _ direction: [Double], _ value: Value, _ x: UnsafePointer<Float>, _ rows: [Int], _ lambda: Double,
        _ scale: Double
    ) -> [Double] {
        let r = variances.count
        let weights = direction.prefix(r).map(Float.init)
        var result = direction.prefix(r).map { lambda * $0 }
        var bias = 0.0
        for (i, row) in rows.enumerated() {
            let z = Vectors.dot(x + row * r, weights, count: r) + direction[r]
            let weight = scale * value.curvature[i] * z
            bias += weight
            accumulate(x + row * r, weight, into: &result)
        }
        result.append(bias)
        return result
    }

    @inline(__always)
    private func accumulate(_ x: UnsafePointer<Float>, _ scale: Double, into sum: inout [Double]) {
        sum.withUnsafeMutableBufferPointer { sum in
            for j in sum.indices { sum[j] += scale * Double(x[j]) }
        }
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for j in a.indices { sum += a[j] * b[j] }
        return sum
    }
}
