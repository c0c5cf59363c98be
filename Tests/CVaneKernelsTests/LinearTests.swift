import CVaneKernels
import Testing

/// Weights of one type: the bytes to pack, and the numbers they stand for.
private struct Weights {
    let type: vk_type
    let floats: [Float]
    let patterns: [UInt16]

    init(_ type: vk_type, count: Int, random: inout Random) {
        self.type = type
        if type == VK_F32 {
            floats = random.floats(count)
            patterns = []
        } else {
            // Finite patterns of moderate size, subnormals of f16 among them.
            patterns = (0..<count).map { _ in
                let bits = UInt16(truncatingIfNeeded: random.bits() >> 16)
                return type == VK_F16 ? bits & 0xBFFF : bits & 0x807F | 0x3F00
            }
            floats = patterns.map { Float(decode(type, $0)) }
        }
    }

    /// Packed `[n, k]`, read with the strides given.
    func packed(_ n: Int, _ k: Int, rowStride: Int, columnStride: Int) -> Buffer {
        let buffer = Buffer(repeating: 7, count: vk_pack_bytes(type, n, k) / 4)
        if type == VK_F32 {
            vk_pack(type, buffer.base, floats, n, k, rowStride, columnStride)
        } else {
            vk_pack(type, buffer.base, patterns, n, k, rowStride, columnStride)
        }
        return buffer
    }

    func packed(_ n: Int, _ k: Int) -> Buffer { packed(n, k, rowStride: k, columnStride: 1) }
}

private func linear(_ x: [Float], _ type: vk_type, _ packed: Buffer, _ bias: [Float]?, m: Int, n: Int, k: Int)
    -> [Float]
{
    var y = [Float](repeating: 99, count: m * n)
    if let bias {
        vk_linear(&y, n, x, k, type, packed.base, bias, m, n, k)
    } else {
        vk_linear(&y, n, x, k, type, packed.base, nil, m, n, k)
    }
    return y
}

extension KernelTests {
    @Suite(.serialized)
    struct Linear {
        static let types = [VK_F32, VK_BF16, VK_F16]

        @Test(
            "The product agrees with double arithmetic and is the same on each instruction set",
            arguments: types)
        func product(type: vk_type) {
            let shapes = [
                (0, 4, 4), (3, 0, 4), (2, 5, 0), (20, 5, 0), (1, 1, 1), (1, 33, 7), (2, 64, 16), (3, 17, 31),
                (4, 129, 17), (5, 32, 65), (6, 31, 100), (7, 40, 33), (9, 100, 48), (13, 65, 129),
                (49, 95, 64), (49, 3, 1), (60, 5, 7), (500, 2, 3),
                (2, 200, 301), (6, 48, 1600),
            ]
            for (m, n, k) in shapes {
                var random = Random(UInt64(m * 1000 + n * 10 + k))
                let x = random.floats(m * k), bias = random.floats(n)
                let weights = Weights(type, count: n * k, random: &random)
                let packed = weights.packed(n, k)
                for biased in [true, false] {
                    let runs = onEach { _ in linear(x, type, packed, biased ? bias : nil, m: m, n: n, k: k) }
                    let context = "type \(type.rawValue), m = \(m), n = \(n), k = \(k), bias \(biased)"
                    var expected = [Double](), bounds = [Double]()
                    for row in 0..<m {
                        for output in 0..<n {
                            var sum = biased ? Double(bias[output]) : 0, size = abs(sum)
                            for j in 0..<k {
                                let product = Double(x[row * k + j]) * Double(weights.floats[output * k + j])
                                sum += product
                                size += abs(product)
                            }
                            expected.append(sum)
                            bounds.append(Double(k + 2) * 0x1p-24 * size)
                        }
                    }
                    expectClose(runs[0].result, expected, context) { bounds[$0] }
                    expectSameBits(runs, context)
                }
            }
        }

        @Test("One row has the same bits alone and in any batch", arguments: types)
        func rowsAreIndependent(type: vk_type) {
            let (n, k) = (203, 1100)
            var random = Random(9)
            let x = random.floats(101 * k), bias = random.floats(n)
            let packed = Weights(type, count: n * k, random: &random).packed(n, k)
            for run in onEach({ _ in
                let alone = (0..<101).flatMap { row in
                    linear(Array(x[row * k..<(row + 1) * k]), type, packed, bias, m: 1, n: n, k: k)
                }
                return [2, 3, 4, 5, 8, 12, 16, 37, 101].filter { m in
                    linear(x, type, packed, bias, m: m, n: n, k: k) != Array(alone.prefix(m * n))
                }
            }) {
                #expect(run.result.isEmpty, "\(run.simd): batches that differ: \(run.result)")
            }
        }

        @Test("The product does not depend on the number of threads", arguments: types)
        func threads(type: vk_type) {
            let (n, k) = (333, 257)
            var random = Random(10)
            let x = random.floats(131 * k)
            let packed = Weights(type, count: n * k, random: &random).packed(n, k)
            for m in [1, 3, 17, 131] {
                let runs = withThreads([1, 2, 3]) {
                    onEach { _ in linear(x, type, packed, nil, m: m, n: n, k: k) }.map(\.result)
                }
                for run in runs.dropFirst() {
                    #expect(run.result == runs[0].result, "m = \(m), \(run.threads) threads")
                }
            }
        }

        @Test("Transposed weights pack to the same panels, padded with zeros", arguments: types)
        func transposedPack(type: vk_type) {
            for (n, k) in [(1, 1), (5, 3), (32, 4), (33, 9), (70, 21), (300, 300)] {
                var random = Random(UInt64(n))
                let weights = Weights(type, count: n * k, random: &random)
                let plain = weights.packed(n, k)
                let transposed = Weights(weights, transposing: n, k).packed(
                    n, k, rowStride: 1, columnStride: n)
                #expect(bits(plain.values) == bits(transposed.values), "n = \(n), k = \(k)")
                if type == VK_F32 {
                    for i in 0..<(n + 31) / 32 * 32 {
                        for j in 0..<k {
                            let value = plain.values[i / 32 * 32 * k + j * 32 + i % 32]
                            let expected = i < n ? weights.floats[i * k + j] : 0
                            if value != expected {
                                Issue.record("n = \(n), k = \(k), output \(i), input \(j)")
                            }
                        }
                        if n > 100 { break }
                    }
                }
            }
        }

        @Test("Row strides skip what lies between rows, and nothing there is written")
        func strides() {
            let (m, n, k) = (15, 37, 29)
            var random = Random(12)
            let x = random.floats(m * k)
            let packed = Weights(VK_F32, count: n * k, random: &random).packed(n, k)
            let dense = linear(x, VK_F32, packed, nil, m: m, n: n, k: k)
            var wide = [Float](repeating: .nan, count: m * (k + 3))
            for row in 0..<m { for j in 0..<k { wide[row * (k + 3) + j] = x[row * k + j] } }
            for run in onEach({ _ in
                var y = [Float](repeating: 99, count: m * (n + 2))
                vk_linear(&y, n + 2, wide, k + 3, VK_F32, packed.base, nil, m, n, k)
                return y
            }) {
                for row in 0..<m {
                    let start = row * (n + 2)
                    #expect(
                        Array(run.result[start..<start + n]) == Array(dense[row * n..<(row + 1) * n]),
                        "\(run.simd), row \(row)")
                    #expect(
                        run.result[start + n] == 99 && run.result[start + n + 1] == 99,
                        "\(run.simd), row \(row)")
                }
            }
        }

        @Test("Infinite and NaN weights reach their own output only")
        func specialWeights() {
            let patterns: [UInt16] = [0x7C00, 0x3C00, 0x7E00, 0x0001, 0x8000]  // ∞, 1, NaN, 2^-24, -0
            let packed = Buffer(repeating: 0, count: vk_pack_bytes(VK_F16, 5, 1) / 4)
            vk_pack(VK_F16, packed.base, patterns, 5, 1, 1, 1)
            let runs = onEach { _ in linear([2], VK_F16, packed, nil, m: 1, n: 5, k: 1) }
            #expect(bits(runs[0].result) == bits([.infinity, 2, .nan, 0x1p-23, 0]))
            expectSameBits(runs, "f16")
        }
    }
}

extension Weights {
    /// The same weights stored `[k, n]`.
    fileprivate init(_ other: Weights, transposing n: Int, _ k: Int) {
        func flip<Element>(_ x: [Element]) -> [Element] {
            x.isEmpty ? [] : (0..<k).flatMap { j in (0..<n).map { i in x[i * k + j] } }
        }
        type = other.type
        floats = flip(other.floats)
        patterns = flip(other.patterns)
    }
}
