import CVaneKernels
import Testing

extension KernelTests {
    @Suite(.serialized)
    struct Sparse {
        @Test("Sparse sums and dots are those of the entries, the same bits everywhere")
        func sumsAndDots() {
            for (count, width, stride) in [
                (0, 5, 5), (1, 1, 1), (3, 15, 20), (4, 16, 16), (7, 33, 40), (32, 384, 384), (9, 801, 810),
            ] {
                var random = Random(UInt64(count * 31 + width))
                let rows = 11
                let matrix = random.floats(rows * stride), start = random.floats(width)
                let x = random.floats(width), values = random.floats(count)
                let indices = (0..<count).map { _ in Int32(random.bits() % UInt64(rows)) }
                let runs = onEach { _ -> [Float] in
                    var sum = [Float](repeating: 9, count: width), zero = sum
                    var dots = [Float](repeating: 9, count: count)
                    vk_sparse_sum(&sum, start, indices, values, count, matrix, stride, width)
                    vk_sparse_sum(&zero, nil, indices, values, count, matrix, stride, width)
                    vk_sparse_dots(&dots, indices, count, matrix, stride, x, width)
                    return sum + zero + dots
                }
                expectSameBits(runs, "\(count) entries of \(width)")
                var expected = [Double](repeating: 0, count: 2 * width + count)
                for (e, index) in indices.enumerated() {
                    for j in 0..<width {
                        let number = Double(matrix[Int(index) * stride + j])
                        expected[width + j] += Double(values[e]) * number
                        expected[2 * width + e] += Double(x[j]) * number
                    }
                }
                for j in 0..<width { expected[j] = Double(start[j]) + expected[width + j] }
                expectClose(runs[0].result, expected, "\(count) × \(width)") { _ in
                    1e-5 * Double(width + count)
                }
            }
        }

        @Test("The largest of a row are found, ties by index, whatever the order of the numbers")
        func largest() {
            for (width, k) in [(1, 1), (15, 3), (16, 16), (40, 40), (100, 7), (3072, 32), (5000, 400)] {
                for kind in 0..<5 {
                    var random = Random(UInt64(width * 7 + k + kind))
                    var x = random.floats(width)
                    switch kind {
                    case 1: x.sort()
                    case 2: x.sort(by: >)
                    case 3: x = x.map { ($0 * 4).rounded() }
                    case 4: x = x.enumerated().map { $0.offset % 3 == 0 ? .nan : -abs($0.element) }
                    default: break
                    }
                    let best = x.indices.filter { x[$0] > 0 }.sorted {
                        x[$0] == x[$1] ? $0 < $1 : x[$0] > x[$1]
                    }
                    let expected = best.prefix(k).sorted()
                    for run in onEach({ _ -> ([Int], [Float]) in
                        var indices = [Int32](repeating: -1, count: k)
                        var values = [Float](repeating: 0, count: k)
                        var scratch = [UInt64](repeating: 0, count: vk_top_k_scratch(k))
                        let count = vk_top_k(&indices, &values, x, width, k, &scratch)
                        return (indices.prefix(count).map { Int($0) }, Array(values.prefix(count)))
                    }) {
                        #expect(run.result.0 == expected, "\(run.simd): \(k) of \(width), kind \(kind)")
                        #expect(run.result.1 == expected.map { x[$0] })
                    }
                }
            }
        }

        @Test("The numbers above their bounds are found")
        func above() {
            for width in [0, 1, 15, 16, 17, 100, 3072] {
                var random = Random(UInt64(width + 3))
                var x = random.floats(width)
                let bounds = random.floats(width).map { abs($0) }
                if width > 20 { (x[3], x[20]) = (.nan, bounds[20]) }
                let expected = x.indices.filter { x[$0] > bounds[$0] }
                for run in onEach({ _ -> [Int] in
                    var indices = [Int32](repeating: -1, count: width)
                    var values = [Float](repeating: 0, count: width)
                    let count = vk_above(&indices, &values, x, bounds, width)
                    #expect(values.prefix(count).elementsEqual(expected.map { x[$0] }))
                    return indices.prefix(count).map { Int($0) }
                }) { #expect(run.result == expected, "\(run.simd): \(width)") }
            }
        }
    }
}
