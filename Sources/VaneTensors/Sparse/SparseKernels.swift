import CVaneKernels

/// Kernels on one row, for loops that divide their rows between threads themselves. All pointers must reach as far
/// as the counts say.
package enum SparseKernels {
    /// `y = start + Σ values[e] · matrix[indices[e]]`; `start` may be `y`, or nil for zero.
    @inline(__always)
    package static func sum(
        into y: UnsafeMutablePointer<Float>, from start: UnsafePointer<Float>?,
        _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, count: Int,
        matrix: UnsafePointer<Float>, stride: Int, width: Int
    ) {
        vk_sparse_sum(y, start, indices, values, count, matrix, stride, width)
    }

    /// `y[e] = x · matrix[indices[e]]`
    @inline(__always)
    package static func dots(
        into y: UnsafeMutablePointer<Float>, _ indices: UnsafePointer<Int32>, count: Int,
        matrix: UnsafePointer<Float>, stride: Int, x: UnsafePointer<Float>, width: Int
    ) {
        vk_sparse_dots(y, indices, count, matrix, stride, x, width)
    }

    /// The `k` largest positive numbers of a row; returns how many there are.
    @inline(__always)
    static func top(
        _ k: Int, of row: UnsafePointer<Float>, width: Int, into indices: UnsafeMutablePointer<Int32>,
        _ values: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<UInt64>
    ) -> Int {
        vk_top_k(indices, values, row, width, min(k, width), scratch)
    }

    /// Words that ``top(_:of:width:into:_:scratch:)`` needs for `k`.
    static func topScratch(_ k: Int) -> Int { vk_top_k_scratch(k) }

    /// The numbers of a row above their bounds; returns how many there are.
    @inline(__always)
    static func above(
        _ bounds: UnsafePointer<Float>, of row: UnsafePointer<Float>, width: Int,
        into indices: UnsafeMutablePointer<Int32>, _ values: UnsafeMutablePointer<Float>
    ) -> Int {
        vk_above(indices, values, row, bounds, width)
    }
}

extension SparseKernels {
    /// The sum of the rows of a matrix, each column in the order of the rows.
    package static func columnSums(_ matrix: Tensor) -> [Float] {
        let source = matrix.detached
        var sums = [Float](repeating: 0, count: source.width)
        sums.withUnsafeMutableBufferPointer { buffer in
            guard let y = buffer.baseAddress else { return }
            source.read { vk_column_sums(y, $0, source.rowCount, source.width, source.rowStride) }
        }
        return sums
    }
}

/// One step of Adam (Kingma and Ba, arXiv 1412.6980) in place, without decay of weights.
package struct AdamStep: Sendable {
    private let rule: vk_adam_rule

    /// Step `step`, counted from 1.
    package init(step: Int, rate: Double, beta1: Double, beta2: Double, epsilon: Double) {
        let (first, second) = (AdamStep.power(beta1, step), AdamStep.power(beta2, step))
        rule = vk_adam_rule(
            beta1: Float(beta1), beta2: Float(beta2), rest1: Float(1 - beta1), rest2: Float(1 - beta2),
            length: Float(rate / (1 - first)), root: Float((1 - second).squareRoot()),
            epsilon: Float(epsilon), decay: 0, keep: 1)
    }

    /// Moves `count` parameters and their moments against the gradient. At most 16383 stay on the calling thread.
    @inline(__always)
    package func apply(
        _ parameters: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>,
        _ second: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, count: Int
    ) {
        vk_adam(parameters, first, second, parameters, first, second, gradient, rule, count)
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, square, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}
