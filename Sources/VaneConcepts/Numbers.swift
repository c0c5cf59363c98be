import Foundation
package import VaneTensors

/// Sums and norms of short lists of numbers, in double precision.
package enum Numbers {
    package static func exponential(_ x: Double) -> Double { exp(x) }

    package static func dot(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    package static func dot(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    package static func norm(_ a: some Sequence<Float>) -> Double {
        a.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    package static func norm(_ a: some Sequence<Double>) -> Double {
        a.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// `a/‖a‖`; nil for a vector without length.
    package static func unit(_ a: [Double]) -> [Float]? {
        let norm = norm(a)
        guard norm > 0 && norm.isFinite else { return nil }
        return a.map { Float($0 / norm) }
    }

    /// The mean of some rows, as long as the first; empty for none.
    package static func mean(_ rows: [[Float]]) -> [Double] {
        var sum = [Double](repeating: 0, count: rows.first?.count ?? 0)
        for row in rows { for (j, value) in row.enumerated() where j < sum.count { sum[j] += Double(value) } }
        return sum.map { $0 / Double(max(rows.count, 1)) }
    }

    /// The sum of some rows of a matrix, in their order.
    package static func sum(_ matrix: Tensor, _ rows: some Collection<Int>) -> [Double] {
        let matrix = matrix.contiguous()
        let width = matrix.width
        var sum = [Double](repeating: 0, count: width)
        matrix.read { base in
            for row in rows { for j in 0..<width { sum[j] += Double(base[row * width + j]) } }
        }
        return sum
    }

    /// The mean of some rows of a matrix; zero for none.
    package static func mean(of rows: some Collection<Int>, in matrix: Tensor) -> [Double] {
        sum(matrix, rows).map { $0 / Double(max(rows.count, 1)) }
    }
}
