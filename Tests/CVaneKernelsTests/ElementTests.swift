import CVaneKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

private let sizes = [0, 1, 7, 15, 16, 17, 31, 33, 1001, 40_003]
private typealias Unary = (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void

extension KernelTests {
    @Suite(.serialized)
    struct Elements {
        private func run(_ kernel: Unary, _ x: [Float]) -> [Float] {
            // One guard element: a kernel must not write past n.
            var y = [Float](repeating: 99, count: x.count + 1)
            kernel(&y, x, x.count)
            #expect(y.last == 99, "wrote past n = \(x.count)")
            return Array(y.dropLast())
        }

        @Test("Activations agree with double arithmetic within 1e-6 · max(1, |x|), on each instruction set")
        func activations() {
            let cases: [(String, Unary, (Double) -> Double)] = [
                ("gelu", vk_gelu, { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }),
                (
                    "gelu_tanh", vk_gelu_tanh,
                    { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
                ),
                ("silu", vk_silu, { $0 / (1 + exp(-$0)) }),
                ("relu", vk_relu, { max($0, 0) }),
            ]
            for (label, kernel, reference) in cases {
                for size in sizes {
                    var random = Random(UInt64(size) + 1)
                    let x = (0..<size).map { random.float() * ($0 % 3 == 0 ? 120 : 6) }
                    let runs = onEach { _ in run(kernel, x) }
                    let expected = x.map { reference(Double($0)) }
                    expectClose(runs[0].result, expected, "\(label), n = \(size)") {
                        1e-6 * max(1, abs(Double(x[$0])))
                    }
                    expectSameBits(runs, "\(label), n = \(size)")
                }
            }
        }

        @Test("Activations keep zero, infinity, NaN and huge values in order")
        func specialValues() {
            let x: [Float] = [0, -0.0, .infinity, .nan, 1e30, -1e30, 3e38, -3e38, 0x1p-140, -0x1p-140]
            for (label, kernel) in [("gelu", vk_gelu), ("gelu_tanh", vk_gelu_tanh), ("silu", vk_silu)] {
                let runs = onEach { _ in run(kernel, x) }
                let y = runs[0].result
                #expect(y[0] == 0 && y[1] == 0 && y[2] == .infinity && y[3].isNaN, "\(label): \(y)")
                #expect(y[4] == 1e30 && y[5] == 0 && y[6] == 3e38 && y[7] == 0, "\(label): \(y)")
                expectSameBits(runs, label)
            }
            let relu = onEach { _ in run(vk_relu, [-1, -.infinity, .infinity, .nan]) }
            #expect(bits(relu[0].result) == bits([0, 0, .infinity, .nan]))
            expectSameBits(relu, "relu")
        }

        @Test("Sums, products and scaled sums round once, in place or not")
        func arithmetic() {
            for size in sizes {
                var random = Random(UInt64(size) + 7)
                let a = random.floats(size), b = random.floats(size)
                let sums = onEach { _ in run({ vk_add($0, $1, b, $2) }, a) }
                let products = onEach { _ in run({ vk_multiply($0, $1, b, $2) }, a) }
                let scaled = onEach { _ in
                    var y = b
                    vk_add_scaled(&y, a, 0.3, size)
                    return y
                }
                let inPlace = onEach { _ in
                    var y = a
                    y.withUnsafeMutableBufferPointer { vk_gelu($0.baseAddress, $0.baseAddress, size) }
                    return y
                }
                #expect(sums[0].result == zip(a, b).map { $0 + $1 }, "n = \(size)")
                #expect(products[0].result == zip(a, b).map { $0 * $1 }, "n = \(size)")
                #expect(scaled[0].result == zip(a, b).map { $1.addingProduct(0.3, $0) }, "n = \(size)")
                #expect(bits(inPlace[0].result) == bits(run(vk_gelu, a)), "n = \(size)")
                for (label, runs) in [("add", sums), ("multiply", products), ("add_scaled", scaled)] {
                    expectSameBits(runs, "\(label), n = \(size)")
                }
            }
        }

        @Test("The dot product is that of double arithmetic, the same on each instruction set")
        func dotProduct() {
            for size in sizes {
                var random = Random(UInt64(size) + 3)
                let a = random.floats(size), b = random.floats(size)
                let runs = onEach { _ in vk_dot(a, b, size) }
                let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                #expect(abs(runs[0].result - expected) <= 1e-15 * Double(size + 1), "n = \(size)")
                for run in runs {
                    #expect(run.result.bitPattern == runs[0].result.bitPattern, "\(run.simd), n = \(size)")
                }
            }
        }

        @Test("Every bf16 and f16 pattern widens to the number it stands for", arguments: [VK_BF16, VK_F16])
        func widenEveryPattern(type: vk_type) {
            let patterns = (0...UInt16.max).map { $0 }
            for size in [0, 1, 17, 65_536] {
                let runs = onEach { _ in
                    run({ y, _, n in vk_widen(type, y, patterns, n) }, [Float](repeating: 0, count: size))
                }
                let expected = patterns.prefix(size).map { Float(decode(type, $0)) }
                #expect(bits(runs[0].result) == bits(expected), "type \(type.rawValue), n = \(size)")
                expectSameBits(runs, "type \(type.rawValue), n = \(size)")
            }
        }

        @Test("Widening float32 copies it")
        func widenFloat() {
            var random = Random(5)
            let x = random.floats(1003)
            for run in onEach({ _ in run({ vk_widen(VK_F32, $0, $1, $2) }, x) }) {
                #expect(run.result == x, "\(run.simd)")
            }
        }

        @Test("Elements do not depend on the number of threads")
        func threads() {
            var random = Random(11)
            let x = random.floats(100_003, scale: 5)
            let runs = withThreads([1, 2, 3]) { run(vk_gelu, x) }
            for other in runs.dropFirst() {
                #expect(other.result == runs[0].result, "\(other.threads) threads")
            }
        }
    }
}
