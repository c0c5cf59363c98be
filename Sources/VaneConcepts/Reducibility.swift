import Foundation
import VaneTensors

/// Whether points of a plane are one feature or can be taken apart (row 109: Not All Language Model Features
/// Are Linear, arXiv 2405.14860, section 3).
///
///     S = min over angles of the mutual information of the two rotated coordinates, in bits
///     M = max over v, c of P(|v·f + c| < ε √E[(v·f + c)²]),  ε = 0.1
///
/// A feature that is two independent ones has an S near 0; one that is a mixture, and mostly switched off
/// along some direction, has an M near 1. A circle has S ≈ 1.3 and M ≈ 0.22, a Gaussian cloud 0 and 0.09.
/// Points are centred and whitened first. A thousand points are the least for numbers that mean something.
public struct Reducibility: Sendable, Hashable, Codable {
    /// S in bits, less what the same coordinates have in common when they are shuffled.
    public let separability: Double
    /// M, 0...1.
    public let mixture: Double

    /// Whether the points look like one feature of two dimensions: S above 1 bit and M below 0.3.
    public var isIrreducible: Bool { separability > 1 && mixture < 0.3 }

    /// Measures `points`, `[points][2]`.
    ///
    /// S takes 100 angles and 10 bins an axis between the least and the largest
    /// value; M a grid of 90 angles and 121 offsets.
    ///
    /// - Parameters:
    ///   - points: pairs of coordinates.
    ///   - seed: of the shuffling.
    /// - Throws: ``ConceptError`` `unusableExamples` for fewer than 100 points, points that are not pairs of
    ///   finite numbers, or points on a line.
    public init(_ points: [[Double]], seed: UInt64 = 1) throws {
        guard points.count >= 100, points.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isFinite) }) else {
            throw ConceptError(
                .unusableExamples,
                "at least 100 pairs of finite numbers are needed, not \(points.count) rows of "
                    + "\(points.first?.count ?? 0)")
        }
        let (x, y) = try Reducibility.whitened(points)
        var generator = SeededGenerator(seed: seed)
        let angles = (0..<100).map { Double($0) * .pi / 200 }
        let shared = angles.map { angle in
            let (u, v) = Reducibility.turned(x, y, angle)
            return Reducibility.information(u, v)
        }
        let best = shared.indices.min { shared[$0] < shared[$1] } ?? 0
        let (u, v) = Reducibility.turned(x, y, angles[best])
        let chance = (0..<5).map { _ in Reducibility.information(u, generator.shuffled(v)) }
        separability = shared[best] - chance.reduce(0, +) / 5
        mixture = Reducibility.mixture(x, y)
    }

    private static func whitened(_ points: [[Double]]) throws -> (x: [Double], y: [Double]) {
        let n = Double(points.count)
        let mean = (0..<2).map { j in points.reduce(0) { $0 + $1[j] } / n }
        let centred = points.map { [$0[0] - mean[0], $0[1] - mean[1]] }
        let covariance = [(0, 0), (0, 1), (1, 0), (1, 1)].map { i, j in
            centred.reduce(0) { $0 + $1[i] * $1[j] } / n
        }
        let eigen = try SymmetricEigen(covariance, order: 2)
        guard eigen.values[0] > 1e-12 * eigen.values[1] else {
            throw ConceptError(.unusableExamples, "the points lie on a line")
        }
        let coordinates = (0..<2).map { k in
            centred.map { point in
                (point[0] * eigen.vectors[2 * k] + point[1] * eigen.vectors[2 * k + 1])
                    / eigen.values[k].squareRoot()
            }
        }
        return (coordinates[0], coordinates[1])
    }

    private static func turned(_ x: [Double], _ y: [Double], _ angle: Double) -> ([Double], [Double]) {
        let (c, s) = (cos(angle), sin(angle))
        return (zip(x, y).map { c * $0 - s * $1 }, zip(x, y).map { s * $0 + c * $1 })
    }

    private static let bins = 10

    /// The bin of each value, between the least and the largest.
    private static func places(_ values: [Double]) -> [Int] {
        let low = values.reduce(.infinity, min)
        let range = values.reduce(-.infinity, max) - low
        guard range > 0 else { return values.map { _ in 0 } }
        return values.map { min(Int(($0 - low) / range * Double(bins)), bins - 1) }
    }

    /// The mutual information of two lists by a histogram, bits.
    private static func information(_ u: [Double], _ v: [Double]) -> Double {
        let (first, second) = (places(u), places(v))
        var joint = [Double](repeating: 0, count: bins * bins)
        for (a, b) in zip(first, second) { joint[a * bins + b] += 1 / Double(u.count) }
        let rows = (0..<bins).map { i in (0..<bins).reduce(0) { $0 + joint[i * bins + $1] } }
        let columns = (0..<bins).map { j in (0..<bins).reduce(0) { $0 + joint[$1 * bins + j] } }
        var sum = 0.0
        for i in 0..<bins {
            for j in 0..<bins where joint[i * bins + j] > 0 {
                sum += joint[i * bins + j] * log2(joint[i * bins + j] / (rows[i] * columns[j]))
            }
        }
        return sum
    }

    /// M of whitened points: `E[(v·f + c)²] = 1 + c²` for a unit v.
    private static func mixture(_ x: [Double], _ y: [Double]) -> Double {
        var most = 0
        for step in 0..<90 {
            let values = turned(x, y, Double(step) * .pi / 90).0.sorted()
            var (low, high) = (0, 0)
            for offset in -60...60 {
                let c = Double(offset) / 20
                let reach = 0.1 * (1 + c * c).squareRoot()
                // The ends of the window grow with c as long as |c| is below 10.
                while low < values.count, values[low] <= c - reach { low += 1 }
                while high < values.count, values[high] < c + reach { high += 1 }
                most = max(most, high - low)
            }
        }
        return Double(most) / Double(x.count)
    }
}
