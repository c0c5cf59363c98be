import Foundation
import VaneTensors

/// A plane in which a periodic feature lies as a circle: days of a week, months of a year (row 109: Not All
/// Language Model Features Are Linear, arXiv 2405.14860, section 5).
///
///     z = the first k principal coordinates of the states
///     W z + b ≈ (cos θ, sin θ)          least squares
///     basis = the orthonormal rows of the QR decomposition of W, brought back to the states
///
/// The point of an angle is the one in the plane at which the least squares read exactly `(cos θ, sin θ)`. A
/// circle found is a way in which a feature is represented; it does not say that the network calculates on
/// it.
///
/// The fit is judged by `rSquared`, each state predicted by a fit without it; few states of few values fit by
/// chance when k is large.
public struct CircularSubspace: Sendable, Hashable, Codable {
    /// The two orthonormal rows of the plane, `[2][width]`.
    public let basis: [[Float]]
    /// The mean of the states, `[width]`.
    public let mean: [Float]
    /// The part of the variance of (cos θ, sin θ) that is predicted, each state left out once.
    public let rSquared: Double
    /// `(cos θ, sin θ) = reading · u + bias`, u the coordinates in the plane from the mean; lower triangular.
    private let reading: [[Double]]
    private let bias: [Double]

    /// Fits the plane.
    ///
    /// - Parameters:
    ///   - states: `[rows][width]`.
    ///   - angles: the angle θ of each, in radians: `2π a / p` for value a of p.
    ///   - components: how many principal coordinates are used at most, k.
    /// - Throws: ``ConceptError`` `unusableExamples` for fewer than k + 2 states, lists that do not match,
    ///   numbers that are not finite, or states in which no plane shows the angle; `invalidOption` for k
    ///   below 2.
    public init(_ states: [[Float]], angles: [Double], components: Int = 5) throws {
        guard components >= 2 else {
            throw ConceptError(.invalidOption, "a plane needs at least 2 components, not \(components)")
        }
        let width = states.first?.count ?? 0
        guard states.count == angles.count, states.count - 2 >= components, width >= 2,
            angles.allSatisfy(\.isFinite),
            states.allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
        else {
            throw ConceptError(
                .unusableExamples,
                "a circle needs states of \(width) finite numbers, at least two more than the \(components) components, "
                    + "with a finite angle each; there are \(states.count) states and \(angles.count) angles")
        }
        let axes = try PrincipalAxes(Tensor(states.flatMap { $0 }, shape: [states.count, width]))
        let count = min(components, axes.variances.count)
        guard count >= 2 else {
            throw ConceptError(.unusableExamples, "the states lie on a line, where no circle is")
        }
        let scores = try axes.scores.columns(0..<count).contiguous()
        let fits = try [angles.map { cos($0) }, angles.map { sin($0) }].map { targets in
            (fit: try RidgeRegression(scores, targets: targets).fit(lambda: 0), targets: targets)
        }
        // W = R Q: Q orthonormal rows, R lower triangular.
        let (first, second) = (fits[0].fit.weights, fits[1].fit.weights)
        let size = Numbers.norm(first)
        let q0 = first.map { $0 / size }
        let shared = Numbers.dot(q0, second)
        let rest = zip(second, q0).map { $0 - shared * $1 }
        let restSize = Numbers.norm(rest)
        guard size > 0, restSize > 1e-6 * Numbers.norm(second), restSize.isFinite else {
            throw ConceptError(.unusableExamples, "the states show no plane in which the angle turns")
        }
        let q1 = rest.map { $0 / restSize }
        let padding = [Double](repeating: 0, count: axes.variances.count - count)
        basis = [q0, q1].map { axes.combined($0 + padding).map { Float($0) } }
        mean = axes.mean.map { Float($0) }
        reading = [[size, 0], [shared, restSize]]
        bias = fits.map(\.fit.bias)
        let variance = fits.reduce(0) { $0 + CircularSubspace.variance($1.targets) }
        let error = fits.reduce(0) { $0 + $1.fit.leftOutError }
        rSquared = variance > 0 ? 1 - error / variance : 0
    }

    private static func variance(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }

    /// The coordinates `bᵢ · h` that a state at `angle` has in the plane.
    public func coordinates(at angle: Double) -> [Float] {
        let target = [cos(angle) - bias[0], sin(angle) - bias[1]]
        let u0 = target[0] / reading[0][0]
        let u1 = (target[1] - reading[1][0] * u0) / reading[1][1]
        return zip(basis, [u0, u1]).map { Float($1 + Numbers.dot($0, mean)) }
    }

    /// The mean state moved to the point of `angle`: everything but the circle is taken to its mean, as the
    /// paper patches.
    public func state(at angle: Double) -> [Float] {
        let moves = zip(basis, coordinates(at: angle)).map { Double($1) - Numbers.dot($0, mean) }
        return mean.indices.map { j in
            Float(Double(mean[j]) + moves[0] * Double(basis[0][j]) + moves[1] * Double(basis[1][j]))
        }
    }

    /// The angle that a state reads, in `-π...π`.
    public func angle(of state: [Float]) -> Double {
        let u = basis.map { Numbers.dot($0, state) - Numbers.dot($0, mean) }
        return atan2(
            reading[1][0] * u[0] + reading[1][1] * u[1] + bias[1], reading[0][0] * u[0] + bias[0])
    }
}
