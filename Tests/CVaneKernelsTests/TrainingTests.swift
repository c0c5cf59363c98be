import CVaneKernels
import Testing

extension KernelTests {
    @Suite(.serialized)
    struct Training {
        @Test("The product with a transposed left side is the product, bit for bit, on any number of threads")
        func transposedProduct() {
            // (m, n, k): one row, rests of tiles, panels and blocks, several blocks of inputs and of rows.
            for (m, n, k) in [
                (0, 3, 4), (1, 1, 1), (2, 33, 5), (7, 40, 17), (50, 31, 800), (197, 65, 390), (240, 192, 100),
            ] {
                var random = Random(UInt64(m * 31 + n * 7 + k))
                let stride = m + 3
                let x = random.floats(k * stride), w = random.floats(k * n)
                let packed = Buffer(repeating: 0, count: vk_pack_bytes(VK_F32, n, k) / 4)
                vk_pack(VK_F32, packed.base, w, n, k, 1, n)
                var turned = [Float](repeating: 0, count: m * k)
                vk_transpose(&turned, x, k, m, stride)
                for run in onEach({ _ in
                    withThreads([1, 2, 3]) {
                        var expected = [Float](repeating: 7, count: m * n), actual = expected
                        vk_linear(&expected, n, turned, k, VK_F32, packed.base, nil, m, n, k)
                        vk_linear_transposed(&actual, n, x, stride, packed.base, m, n, k)
                        #expect(bits(actual) == bits(expected), "\(m) × \(n) × \(k)")
                        return actual
                    }
                }) {
                    for other in run.result.dropFirst() {
                        #expect(bits(other.result) == bits(run.result[0].result), "\(run.simd)")
                    }
                }
            }
        }

        @Test("Packing copies every weight to its panel, from rows and from columns")
        func packing() {
            for (n, k) in [(1, 1), (32, 7), (33, 16), (70, 40), (256, 300)] {
                var random = Random(UInt64(n * 100 + k))
                let w = random.floats(n * k)
                let turned = (0..<k).flatMap { j in (0..<n).map { w[$0 * k + j] } }
                let panels = (n + 31) / 32
                var expected = [Float](repeating: 0, count: panels * 32 * k)
                for i in 0..<n { for j in 0..<k { expected[(i / 32 * k + j) * 32 + i % 32] = w[i * k + j] } }
                for run in onEach({ _ in
                    let rows = Buffer(repeating: 9, count: panels * 32 * k)
                    let columns = Buffer(repeating: 9, count: panels * 32 * k)
                    vk_pack(VK_F32, rows.base, w, n, k, k, 1)
                    vk_pack(VK_F32, columns.base, turned, n, k, 1, n)
                    return [rows.values, columns.values]
                }) {
                    #expect(run.result == [expected, expected], "\(run.simd): \(n) × \(k)")
                }
            }
        }

        @Test("Cross-entropy and its gradient are those of the log-softmax")
        func crossEntropy() {
            for (rows, width) in [(0, 3), (1, 1), (2, 5), (3, 16), (5, 17), (70, 769), (300, 100)] {
                var random = Random(UInt64(rows * 31 + width))
                let x = random.floats(rows * width, scale: 9)
                let targets = (0..<rows).map { Int32($0 * 7 % width) }
                let scale: Float = 0.25
                var scores = [Float](repeating: 0, count: rows * width), shares = scores
                vk_log_softmax(&scores, x, rows, width)
                vk_softmax(&shares, x, rows, width)
                for row in 0..<rows { for i in 0..<width { shares[row * width + i] *= scale } }
                for row in 0..<rows { shares[row * width + Int(targets[row])] -= scale }
                for run in onEach({ _ in
                    withThreads([1, 2]) {
                        var losses = [Float](repeating: 9, count: rows)
                        var slopes = [Float](repeating: 9, count: rows * width)
                        vk_target_log_softmax(&losses, x, targets, rows, width)
                        vk_cross_entropy_gradient(&slopes, x, targets, scale, rows, width)
                        return (losses, slopes)
                    }
                }) {
                    for (threads, result) in run.result {
                        let context = "\(run.simd), \(threads) threads: \(rows) × \(width)"
                        let expected = (0..<rows).map { scores[$0 * width + Int(targets[$0])] }
                        #expect(bits(result.0) == bits(expected), "\(context)")
                        #expect(bits(result.1) == bits(shares), "\(context)")
                    }
                }
            }
        }

        @Test("Adam moves each parameter by the rule, in place too")
        func adam() {
            let rule = vk_adam_rule(
                beta1: 0.9, beta2: 0.99, rest1: 0.1, rest2: 0.01, length: 0.03, root: 0.4, epsilon: 1e-6,
                decay: 0.1, keep: 0.999)
            for n in [0, 1, 15, 16, 17, 8192, 20_003] {
                var random = Random(UInt64(n + 1))
                let p = random.floats(n), m = random.floats(n), v = random.floats(n).map(abs)
                let g = random.floats(n)
                var moments = [Float](), squares = [Float](), moved = [Float]()
                for i in 0..<n {
                    let h = g[i] + rule.decay * p[i]
                    moments.append(rule.beta1 * m[i] + rule.rest1 * h)
                    squares.append(rule.beta2 * v[i] + rule.rest2 * h * h)
                    let size = squares[i].squareRoot() / rule.root + rule.epsilon
                    moved.append(rule.keep * p[i] - rule.length * moments[i] / size)
                }
                for run in onEach({ _ in
                    withThreads([1, 2]) {
                        var results = [p, m, v]
                        let place = results.map { Buffer($0) }
                        vk_adam(
                            place[0].base, place[1].base, place[2].base, place[0].base, place[1].base,
                            place[2].base, g, rule, n)
                        results = place.map(\.values)
                        return results
                    }
                }) {
                    for (threads, result) in run.result {
                        #expect(result == [moved, moments, squares], "\(run.simd), \(threads) threads, \(n)")
                    }
                }
            }
        }

        @Test("Scaling multiplies every element")
        func scaling() {
            for n in [0, 1, 17, 20_003] {
                var random = Random(UInt64(n + 5))
                let x = random.floats(n)
                for run in onEach({ _ in
                    var y = [Float](repeating: 9, count: n + 1)
                    vk_scale(&y, x, -0.3, n)
                    return y
                }) {
                    #expect(run.result == x.map { $0 * -0.3 } + [9], "\(run.simd), \(n)")
                }
            }
        }
    }
}
