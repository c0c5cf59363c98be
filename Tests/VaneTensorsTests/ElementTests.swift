import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("Operations on elements and rows agree with plain loops", .tags(.law))
struct ElementTests {
    /// Matrices of odd sizes, and views whose rows lie apart.
    static func operands(seed: UInt64) throws -> [Tensor] {
        let wide = try Tensor.normal([9, 50], seed: seed)
        return [
            try Tensor.normal([1, 1], seed: seed), try Tensor.normal([7, 33], seed: seed), wide,
            try wide.columns(4..<41), try wide.rows(2..<5), try Tensor.normal([0, 8], seed: seed),
        ]
    }

    @Test("the activation functions are what their formulas say")
    func activations() throws {
        let formulas: [(ActivationFunction, (Double) -> Double)] = [
            (.gelu, { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
            (
                .geluTanh,
                { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
            ),
            (.silu, { $0 / (1 + exp(-$0)) }),
            (.relu, { max($0, 0) }),
        ]
        for operand in try ElementTests.operands(seed: 1) {
            let x = operand.doubles
            for (function, formula) in formulas {
                // Four units in the last place of x; the functions are as large as x at most.
                expectClose(
                    operand.applying(function), x.map { $0.map(formula) }, "\(function)"
                ) {
                    4 * 0x1p-23 * max(abs(x[$0][$1]), 0.01)
                }
            }
        }
    }

    @Test("sums and products are rounded once")
    func sums() throws {
        for (a, b) in zip(try ElementTests.operands(seed: 2), try ElementTests.operands(seed: 3)) {
            let pairs = zip(a.elements, b.elements)
            #expect(try a.adding(b).elements == pairs.map { $0 + $1 })
            #expect(try a.multiplying(b).elements == pairs.map { $0 * $1 })
        }
    }

    @Test("normalisation has the mean, the variance and the gain of its formula", arguments: [1e-5, 0.1])
    func normalisation(epsilon: Double) throws {
        for x in try ElementTests.operands(seed: 4) {
            let gain = try Tensor.normal([x.width], seed: 5)
            let bias = try Tensor.normal([x.width], seed: 6)
            let (g, b) = (gain.elements.map(Double.init), bias.elements.map(Double.init))
            let layer = x.doubles.map { row -> [Double] in
                let mean = row.reduce(0, +) / Double(row.count)
                let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
                return row.indices.map { (row[$0] - mean) / (variance + epsilon).squareRoot() * g[$0] }
            }
            let root = x.doubles.map { row -> [Double] in
                let square = row.reduce(0) { $0 + $1 * $1 } / Double(row.count)
                return row.indices.map { row[$0] / (square + epsilon).squareRoot() * g[$0] }
            }
            // Entries are of order 1 to 10; single precision keeps 2⁻²³ of them, times a few operations.
            let tolerance = { (_: Int, _: Int) in 4e-6 }
            let plain = try x.layerNorm(gain: gain, bias: nil, epsilon: Float(epsilon))
            expectClose(plain, layer, "layerNorm without bias", tolerance: tolerance)
            let shifted = layer.map { zip($0, b).map { $0 + $1 } }
            let biased = try x.layerNorm(gain: gain, bias: bias, epsilon: Float(epsilon))
            expectClose(biased, shifted, "layerNorm", tolerance: tolerance)
            expectClose(
                try x.rmsNorm(gain: gain, epsilon: Float(epsilon)), root, "rmsNorm", tolerance: tolerance)
        }
    }

    @Test("softmax sums to one, also for huge scores")
    func softmax() throws {
        for base in try ElementTests.operands(seed: 7) {
            for shift: Float in [0, 10_000, -10_000] {
                let x = try Tensor(base.elements.map { 3 * $0 + shift }, shape: base.shape)
                let logs = x.doubles.map { row -> [Double] in
                    let top = row.max() ?? 0
                    let sum = log(row.reduce(0) { $0 + exp($1 - top) })
                    return row.map { $0 - top - sum }
                }
                // The result of a subtraction near 20, rounded a few times.
                expectClose(x.logSoftmax(), logs, "logSoftmax") { _, _ in 1e-5 }
                expectClose(x.softmax(), logs.map { $0.map { exp($0) } }, "softmax") { _, _ in 1e-6 }
                for row in x.softmax().doubles { #expect(abs(row.reduce(0, +) - 1) < 1e-5) }
            }
        }
    }

    @Test("double-precision sums over floats keep what single precision loses")
    func vectors() throws {
        let a: [Float] = [1e8, 1, -1e8, 3], b: [Float] = [1, 1, 1, 0.5]
        #expect(Vectors.dot(a, b, count: 4) == 2.5)
        #expect(Vectors.dot(a, b, count: 0) == 0)
        let x = try Tensor.normal([1, 1001], seed: 8).elements
        let exact = x.reduce(0.0) { $0 + Double($1) * Double($1) }
        // Two orders of adding 1001 doubles.
        #expect(abs(Vectors.dot(x, x, count: 1001) - exact) <= 1001 * 0x1p-53 * exact)
        var sum = b
        Vectors.add(a, times: 2, to: &sum, count: 4)
        let expected: [Float] = [2e8, 3, -2e8, 6.5]
        #expect(sum == expected, "2e8 + 1 rounds to 2e8 in single precision")
    }
}
