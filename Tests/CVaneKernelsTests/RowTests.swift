import CVaneKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

private let shapes = [
    (0, 8), (3, 0), (1, 1), (3, 1), (2, 7), (3, 15), (3, 16), (2, 17), (5, 64), (70, 769), (1, 30_011),
]

extension KernelTests {
    @Suite(.serialized)
    struct Rows {
        /// One row of double arithmetic at a time.
        private func reference(_ x: [Float], rows: Int, width: Int, _ body: ([Double]) -> [Double])
            -> [Double]
        {
            (0..<rows).flatMap { row in body(x[row * width..<(row + 1) * width].map(Double.init)) }
        }

        @Test("Layer and root-mean-square norms agree with double arithmetic")
        func norms() {
            for (rows, width) in shapes {
                var random = Random(UInt64(rows * 31 + width))
                let x = random.floats(rows * width, scale: 3).map { $0 + 0.5 }
                let gain = random.floats(width), bias = random.floats(width)
                let context = "\(rows) × \(width)"
                for centred in [true, false] {
                    for biased in centred ? [true, false] : [false] {
                        let expected = reference(x, rows: rows, width: width) { row in
                            let mean = centred ? row.reduce(0, +) / Double(width) : 0
                            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
                            return row.enumerated().map { i, value in
                                (value - mean) / (variance + 1e-5).squareRoot() * Double(gain[i])
                                    + (biased ? Double(bias[i]) : 0)
                            }
                        }
                        let runs = onEach { _ in
                            var y = [Float](repeating: 99, count: x.count)
                            if !centred {
                                vk_rms_norm(&y, x, gain, rows, width, 1e-5)
                            } else if biased {
                                vk_layer_norm(&y, x, gain, bias, rows, width, 1e-5)
                            } else {
                                vk_layer_norm(&y, x, gain, nil, rows, width, 1e-5)
                            }
                            return y
                        }
                        // One element alone is its own mean: the difference cancels to rounding noise over
                        // √ε.
                        expectClose(runs[0].result, expected, "\(context), centred \(centred)") { _ in
                            width < 3 ? 1e-3 : 4e-6
                        }
                        expectSameBits(runs, "\(context), centred \(centred), biased \(biased)")
                    }
                }
            }
        }

        @Test("Softmax and its logarithm agree with double arithmetic")
        func softmax() {
            for (rows, width) in shapes {
                var random = Random(UInt64(rows * 17 + width))
                let x = random.floats(rows * width, scale: 12)
                let logs = reference(x, rows: rows, width: width) { row in
                    let most = row.max() ?? 0
                    let sum = row.reduce(0) { $0 + exp($1 - most) }
                    return row.map { $0 - most - log(sum) }
                }
                let context = "\(rows) × \(width)"
                let runs = onEach { _ in
                    var y = [Float](repeating: 99, count: x.count)
                    vk_softmax(&y, x, rows, width)
                    return y
                }
                // x - max may be off by half a unit at 24, that is 1e-6, and the sum by a little more.
                expectClose(runs[0].result, logs.map { exp($0) }, context) { 5e-6 * exp(logs[$0]) }
                expectSameBits(runs, context)
                let logRuns = onEach { _ in
                    var y = [Float](repeating: 99, count: x.count)
                    vk_log_softmax(&y, x, rows, width)
                    return y
                }
                expectClose(logRuns[0].result, logs, context) { 4e-7 * max(1, -logs[$0]) }
                expectSameBits(logRuns, context)
            }
        }

        @Test("The exponential is within two units in the last place, down to zero")
        func exponential() {
            // Below -17.4 the softmax of (0, x) is exp(x) itself, as 1 + exp(x) rounds to 1.
            let points =
                (0..<20_000).map { Float(-17.4) - Float($0) * 0.0045 } + [-103.9, -104.1, -1e9, -.infinity]
            let x: [Float] = points.flatMap { [Float(0), $0] }
            let runs = onEach { _ in
                var y = [Float](repeating: 99, count: x.count)
                vk_softmax(&y, x, points.count, 2)
                return y
            }
            for (i, point) in points.enumerated() {
                let expected = exp(Double(point)), actual = runs[0].result[2 * i + 1]
                let unit = max(Double(Float(expected).ulp), Double(Float.leastNonzeroMagnitude))
                guard abs(Double(actual) - expected) > 2 * unit else { continue }
                Issue.record("exp(\(point)) = \(actual), not \(expected)")
                return
            }
            #expect(runs[0].result.suffix(1) == [0])
            expectSameBits(runs, "exp")
        }

        @Test("A masked logit gets no weight, and NaN spreads over its row only")
        func maskedAndInvalid() {
            let x: [Float] = [1, -.infinity, 2, 0, .nan, 1, 5, 5, 5]
            let runs = onEach { _ in
                var y = [Float](repeating: 99, count: 9)
                vk_softmax(&y, x, 3, 3)
                return y
            }
            let y = runs[0].result
            #expect(y[1] == 0 && y[4].isNaN && abs(y[8] - 1 / 3) < 1e-7, "\(y)")
            expectSameBits(runs, "special rows")
        }

        @Test("Rotary embedding turns each pair by its angle and leaves the rest")
        func rotary() {
            for (rows, heads, headDim, rotaryDim) in [
                (0, 2, 8, 8), (1, 1, 2, 2), (3, 2, 10, 6), (5, 3, 64, 64), (4, 2, 80, 34), (97, 12, 64, 32),
            ] {
                let half = rotaryDim / 2, width = heads * headDim, stride = width + 5
                var random = Random(UInt64(rows * 7 + headDim))
                let x = random.floats(rows * stride)
                let positions = (0..<rows).map { Int32(($0 * 5 + 2) % 11) }
                let angles = (0..<11 * half).map { Double($0 % 17) * 0.3 }
                let cosines = angles.map { Float(cos($0)) }, sines = angles.map { Float(sin($0)) }
                var expected = x.map(Double.init)
                for row in 0..<rows {
                    for head in 0..<heads {
                        for i in 0..<half {
                            let first = row * stride + head * headDim + i
                            let angle = Int(positions[row]) * half + i
                            let (c, s) = (Double(cosines[angle]), Double(sines[angle]))
                            let (a, b) = (Double(x[first]), Double(x[first + half]))
                            expected[first] = a * c - b * s
                            expected[first + half] = b * c + a * s
                        }
                    }
                }
                let context = "\(rows) × \(heads) × \(headDim), rotary \(rotaryDim)"
                let runs = onEach { _ in
                    var y = x
                    vk_rotary(&y, stride, positions, rows, heads, headDim, rotaryDim, cosines, sines)
                    return y
                }
                expectClose(runs[0].result, expected, context) { _ in 3e-7 }
                expectSameBits(runs, context)
            }
        }

        @Test("Rows do not depend on the number of threads or on their neighbours")
        func threads() {
            var random = Random(2)
            let (rows, width) = (97, 513)
            let x = random.floats(rows * width, scale: 4), gain = random.floats(width)
            let runs = withThreads([1, 2, 3]) {
                var y = [Float](repeating: 0, count: x.count), z = y
                vk_softmax(&y, x, rows, width)
                vk_layer_norm(&z, x, gain, nil, rows, width, 1e-5)
                return y + z
            }
            for run in runs.dropFirst() { #expect(run.result == runs[0].result, "\(run.threads) threads") }
            var alone = [Float](repeating: 0, count: width)
            vk_softmax(&alone, Array(x[5 * width..<6 * width]), 1, width)
            #expect(alone == Array(runs[0].result[5 * width..<6 * width]))
        }
    }
}
