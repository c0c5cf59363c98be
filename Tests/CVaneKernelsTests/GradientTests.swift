import CVaneKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Fails unless `gradient` is the slope of `loss` at `x`, by central differences at up to 24 places.
func expectSlope(
    _ gradient: [Double], at x: [Double], _ context: String, step: Double = 1e-5, tolerance: Double = 1e-6,
    location: SourceLocation = #_sourceLocation, of loss: ([Double]) -> Double
) {
    for i in stride(from: 0, to: x.count, by: max(1, x.count / 24)) {
        var (above, below) = (x, x)
        above[i] += step
        below[i] -= step
        let slope = (loss(above) - loss(below)) / (2 * step)
        guard !(abs(slope - gradient[i]) <= tolerance * max(1, abs(slope))) else { continue }
        Issue.record("slope \(slope), gradient \(gradient[i]) at \(i): \(context)", sourceLocation: location)
        return
    }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

private let shapes = [
    (0, 8), (3, 0), (1, 1), (3, 1), (2, 7), (3, 15), (3, 16), (2, 17), (5, 64), (70, 769), (1500, 33),
    (1, 30_011),
]

private typealias RowGradient =
    @Sendable (
        UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int
    ) -> Void
private typealias ElementGradient =
    @Sendable (
        UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int
    ) -> Void

extension KernelTests {
    @Suite(.serialized)
    struct Gradients {
        /// A norm of one row in double arithmetic.
        private func norm(_ x: [Double], _ gain: [Double], _ bias: [Double], centred: Bool) -> [Double] {
            let (normed, _) = normed(x, centred: centred)
            return normed.indices.map { normed[$0] * gain[$0] + bias[$0] }
        }

        private func normed(_ x: [Double], centred: Bool) -> ([Double], inverse: Double) {
            let mean = centred ? x.reduce(0, +) / Double(x.count) : 0
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
            let inverse = 1 / (variance + 1e-5).squareRoot()
            return (x.map { ($0 - mean) * inverse }, inverse)
        }

        @Test("Gradients of the norms agree with double arithmetic and with differences")
        func norms() {
            for (rows, width) in shapes {
                for centred in [true, false] { norms(rows, width, centred) }
            }
        }

        private func norms(_ rows: Int, _ width: Int, _ centred: Bool) {
            var random = Random(UInt64(rows * 31 + width))
            let x = random.floats(rows * width, scale: 3).map { $0 + 0.5 }
            let dy = random.floats(rows * width), gain = random.floats(width)
            let gains = gain.map(Double.init), none = [Double](repeating: 0, count: width)
            let context = "\(rows) × \(width), centred \(centred)"
            var dx: [Double] = [], dgain = none, dbias = none
            var tolerances: [Double] = [], sumTolerance = 1e-6
            for row in 0..<rows {
                let xs = x[row * width..<(row + 1) * width].map(Double.init)
                let dys = dy[row * width..<(row + 1) * width].map(Double.init)
                let (normed, inverse) = normed(xs, centred: centred)
                let scaled = zip(dys, gains).map { $0 * $1 }
                let mean = centred ? scaled.reduce(0, +) / Double(width) : 0
                let product = dot(scaled, normed) / Double(width)
                let gradient = (0..<width).map { inverse * (scaled[$0] - mean - normed[$0] * product) }
                for i in 0..<width {
                    dgain[i] += dys[i] * normed[i]
                    dbias[i] += dys[i]
                }
                dx += gradient
                tolerances.append(2e-6 * inverse * (1 + 3 * inverse))
                sumTolerance += 1e-6 * (1 + inverse)
                guard row < 2, width > 0 else { continue }
                // A row of one element has a slope of zero, and differences as steep as 1 / √ε.
                expectSlope(gradient, at: xs, context, tolerance: width < 3 ? 1e-3 : 1e-6) {
                    dot(dys, norm($0, gains, none, centred: centred))
                }
            }
            if rows == 1 || rows == 5 {
                let loss = { (gain: [Double], bias: [Double]) in
                    (0..<rows).reduce(0.0) { sum, row in
                        let range = row * width..<(row + 1) * width
                        return sum
                            + dot(
                                dy[range].map(Double.init),
                                norm(x[range].map(Double.init), gain, bias, centred: centred))
                    }
                }
                expectSlope(dgain, at: gains, context) { loss($0, none) }
                expectSlope(dbias, at: none, context) { loss(gains, $0) }
            }
            let runs = onEach { _ in
                normGradients(dy, x, gain, rows, width, centred: centred)
            }
            let count = rows * width, result = runs[0].result
            expectClose(Array(result[0..<count]), dx, context) { tolerances[$0 / width] }
            expectClose(Array(result[count..<count + width]), dgain, context) { _ in sumTolerance }
            if centred { expectClose(Array(result.suffix(width)), dbias, context) { _ in sumTolerance } }
            expectSameBits(runs, context)
        }

        /// dx, dgain and, for layer norm, dbias behind one another; checks that leaving out the latter two or
        /// writing dx over dy changes nothing.
        private func normGradients(
            _ dy: [Float], _ x: [Float], _ gain: [Float], _ rows: Int, _ width: Int, centred: Bool
        ) -> [Float] {
            var dx = [Float](repeating: 99, count: x.count), alone = dx
            let inPlace = Buffer(dy)
            var dgain = [Float](repeating: 99, count: width), dbias = dgain, second = dgain
            withExtendedLifetime(inPlace) {
                if centred {
                    vk_layer_norm_gradient(&dx, &dgain, &dbias, dy, x, gain, rows, width, 1e-5)
                    vk_layer_norm_gradient(&alone, nil, &second, dy, x, gain, rows, width, 1e-5)
                    #expect(second == dbias)
                    vk_layer_norm_gradient(&alone, nil, nil, dy, x, gain, rows, width, 1e-5)
                    vk_layer_norm_gradient(
                        inPlace.base, &second, nil, inPlace.base, x, gain, rows, width, 1e-5)
                } else {
                    vk_rms_norm_gradient(&dx, &dgain, dy, x, gain, rows, width, 1e-5)
                    vk_rms_norm_gradient(&alone, nil, dy, x, gain, rows, width, 1e-5)
                    vk_rms_norm_gradient(inPlace.base, &second, inPlace.base, x, gain, rows, width, 1e-5)
                }
                #expect(alone == dx && inPlace.values == dx && second == dgain)
            }
            return dx + dgain + (centred ? dbias : [])
        }

        @Test("Gradients of softmax and its logarithm agree with double arithmetic and with differences")
        func softmax() {
            for (rows, width) in shapes {
                var random = Random(UInt64(rows * 17 + width))
                let x = random.floats(rows * width, scale: 4), dy = random.floats(rows * width)
                for logarithm in [false, true] {
                    let context = "\(rows) × \(width), logarithm \(logarithm)"
                    var y: [Float] = [], expected: [Double] = []
                    for row in 0..<rows {
                        let xs = x[row * width..<(row + 1) * width].map(Double.init)
                        let dys = dy[row * width..<(row + 1) * width].map(Double.init)
                        let forward = { (x: [Double]) -> [Double] in
                            let most = x.max() ?? 0
                            let sum = x.reduce(0) { $0 + exp($1 - most) }
                            return x.map { logarithm ? $0 - most - log(sum) : exp($0 - most) / sum }
                        }
                        let result = forward(xs)
                        let sum = logarithm ? dys.reduce(0, +) : dot(dys, result)
                        let gradient = (0..<width).map {
                            logarithm ? dys[$0] - exp(result[$0]) * sum : result[$0] * (dys[$0] - sum)
                        }
                        if row < 2 { expectSlope(gradient, at: xs, context) { dot(dys, forward($0)) } }
                        y += result.map { Float($0) }
                        expected += gradient
                    }
                    let gradient: RowGradient = logarithm ? vk_log_softmax_gradient : vk_softmax_gradient
                    let runs = onEach { _ in
                        var dx = [Float](repeating: 99, count: x.count)
                        gradient(&dx, dy, y, rows, width)
                        return dx
                    }
                    expectClose(runs[0].result, expected, context) { _ in 4e-6 }
                    expectSameBits(runs, context)
                }
            }
        }

        private static let activations:
            [(
                name: String, kernel: ElementGradient, forward: @Sendable (Double) -> Double,
                slope: @Sendable (Double) -> Double
            )] = [
                (
                    "gelu", vk_gelu_gradient, { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) },
                    {
                        0.5 * erfc(-$0 / 2.0.squareRoot()) + $0 * exp(-$0 * $0 / 2)
                            / (2 * Double.pi).squareRoot()
                    }
                ),
                (
                    "gelu_tanh", vk_gelu_tanh_gradient,
                    { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) },
                    {
                        let root = (2 / Double.pi).squareRoot()
                        let t = tanh(root * ($0 + 0.044715 * $0 * $0 * $0))
                        guard abs(t) < 1 else { return 0.5 * (1 + t) }
                        return 0.5 * (1 + t) + 0.5 * $0 * (1 - t * t) * root * (1 + 3 * 0.044715 * $0 * $0)
                    }
                ),
                (
                    "silu", vk_silu_gradient, { $0 / (1 + exp(-$0)) },
                    {
                        let s = 1 / (1 + exp(-$0))
                        return s + $0 * s * (1 - s)
                    }
                ),
                ("relu", vk_relu_gradient, { max($0, 0) }, { $0 > 0 ? 1 : 0 }),
            ]

        @Test("Gradients of the activations agree with double arithmetic and with differences")
        func activations() {
            for activation in Self.activations {
                for n in [0, 1, 15, 16, 17, 1003, 70_001] {
                    var random = Random(UInt64(n))
                    let special: [Float] = [
                        0, -0.0, 10, -10, 11, -11, 80, -80, 90, -90, 1e10, -1e10, 3e38, -3e38,
                    ]
                    let x = (random.floats(n, scale: 7) + special).shuffled(n), dy = random.floats(x.count)
                    let context = "\(activation.name), \(x.count)"
                    let slopes = x.map { activation.slope(Double($0)) }
                    // Few terms, so that the rounding of their sum stays far below a step.
                    let smooth = stride(from: 0, to: x.count, by: max(1, x.count / 200))
                        .filter { abs(x[$0]) > 1e-3 && abs(x[$0]) < 20 }
                    expectSlope(smooth.map { slopes[$0] }, at: smooth.map { Double(x[$0]) }, context) {
                        $0.reduce(0) { $0 + activation.forward($1) }
                    }
                    let runs = onEach { _ in
                        var dx = [Float](repeating: 99, count: x.count)
                        activation.kernel(&dx, dy, x, x.count)
                        return dx
                    }
                    expectClose(runs[0].result, zip(dy, slopes).map { Double($0) * $1 }, context) { _ in 8e-7
                    }
                    expectSameBits(runs, context)
                    // In place, from any start: the end of an array is no different from its middle.
                    let inPlace = Buffer(dy)
                    withExtendedLifetime(inPlace) {
                        activation.kernel(inPlace.base, inPlace.base, x, x.count)
                        #expect(inPlace.values == runs[0].result, "\(context)")
                    }
                }
            }
        }

        @Test("NaN passes through the gradients of the smooth activations")
        func invalid() {
            for activation in Self.activations.prefix(3) {
                for run in onEach({ _ in
                    var dx: [Float] = [0, 0]
                    activation.kernel(&dx, [1, 1], [.nan, 1], 2)
                    return dx
                }) {
                    #expect(run.result[0].isNaN && !run.result[1].isNaN, "\(activation.name), \(run.simd)")
                }
            }
        }

        @Test("Transposition moves every element and reads nothing else")
        func transpose() {
            for (rows, columns, gap) in [
                (0, 3, 0), (3, 0, 0), (1, 1, 0), (1, 40, 2), (40, 1, 3), (15, 17, 0), (16, 16, 5),
                (33, 50, 1),
                (64, 64, 0), (130, 201, 7), (512, 96, 0),
            ] {
                let stride = columns + gap
                var random = Random(UInt64(rows * 7 + columns))
                var x = random.floats(rows * stride)
                for row in 0..<rows { for j in columns..<stride { x[row * stride + j] = .nan } }
                let expected = (0..<columns).flatMap { j in (0..<rows).map { x[$0 * stride + j] } }
                for run in onEach({ _ in
                    var y = [Float](repeating: 99, count: rows * columns + 1)
                    vk_transpose(&y, x, rows, columns, stride)
                    return y
                }) {
                    #expect(run.result == expected + [99], "\(run.simd): \(rows) × \(columns)")
                }
            }
        }

        @Test("Column sums run down the rows in order")
        func columnSums() {
            for (rows, width, gap) in [
                (0, 5, 0), (3, 0, 0), (1, 1, 0), (5, 1, 2), (7, 15, 0), (4, 16, 3), (9, 81, 1), (300, 201, 7),
            ] {
                let stride = width + gap
                var random = Random(UInt64(rows * 3 + width))
                let x = random.floats(rows * stride)
                let exact = (0..<width).map { j in
                    (0..<rows).reduce(0.0) { $0 + Double(x[$1 * stride + j]) }
                }
                let expected = (0..<width).map { j in (0..<rows).reduce(Float(0)) { $0 + x[$1 * stride + j] }
                }
                for run in onEach({ _ in
                    var y = [Float](repeating: 99, count: width + 1)
                    vk_column_sums(&y, x, rows, width, stride)
                    return y
                }) {
                    #expect(run.result == expected + [99], "\(run.simd): \(rows) × \(width)")
                    expectClose(Array(run.result.prefix(width)), exact, "\(rows) × \(width)") { _ in
                        1e-6 * Double(rows + 1)
                    }
                }
            }
        }

        @Test("Rows are added to the table in order, also when an index comes again")
        func scatterAdd() {
            for (rows, width) in [(0, 4), (4, 0), (1, 1), (9, 15), (20, 16), (33, 70), (200, 195)] {
                var random = Random(UInt64(rows * 5 + width))
                let x = random.floats(rows * width), table = random.floats(7 * width)
                let indices = (0..<rows).map { Int32(($0 * $0 + 3) % 7) }
                var expected = table
                for row in 0..<rows {
                    for j in 0..<width { expected[Int(indices[row]) * width + j] += x[row * width + j] }
                }
                for run in onEach({ _ in
                    var y = table + [99]
                    vk_scatter_add(&y, x, indices, rows, width)
                    return y
                }) {
                    #expect(run.result == expected + [99], "\(run.simd): \(rows) × \(width)")
                }
            }
        }

        @Test("No gradient depends on the number of threads")
        func threads() {
            var random = Random(2)
            let (rows, width) = (1100, 131)
            let count = rows * width
            let x = random.floats(count, scale: 4), dy = random.floats(count), gain = random.floats(width)
            let y = x.map { abs($0) / 300 }
            let indices = (0..<rows).map { Int32($0 * 7 % 50) }
            for run in onEach({ _ in
                withThreads([1, 2, 3]) {
                    var all = normGradients(dy, x, gain, rows, width, centred: true)
                    all += normGradients(dy, x, gain, rows, width, centred: false)
                    let rowGradients: [RowGradient] = [vk_softmax_gradient, vk_log_softmax_gradient]
                    for gradient in rowGradients {
                        var dx = [Float](repeating: 0, count: count)
                        gradient(&dx, dy, y, rows, width)
                        all += dx
                    }
                    for activation in Self.activations {
                        var dx = [Float](repeating: 0, count: count)
                        activation.kernel(&dx, dy, x, count)
                        all += dx
                    }
                    var turned = [Float](repeating: 0, count: count), sums = gain
                    var table = [Float](repeating: 0.1, count: 50 * width)
                    vk_transpose(&turned, x, rows, width, width)
                    vk_column_sums(&sums, x, rows, width, width)
                    vk_scatter_add(&table, x, indices, rows, width)
                    return bits(all + turned + sums + table)
                }
            }) {
                for other in run.result.dropFirst() {
                    #expect(other.result == run.result[0].result, "\(run.simd), \(other.threads) threads")
                }
            }
        }
    }
}

extension [Float] {
    /// Rotated, so that special values fall on different lanes.
    fileprivate func shuffled(_ seed: Int) -> [Float] {
        let start = isEmpty ? 0 : (seed * 5 + 3) % count
        return Array(self[start...] + self[..<start])
    }
}
