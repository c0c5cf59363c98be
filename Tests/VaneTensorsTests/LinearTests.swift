import Testing
import VaneTensors
import VaneTestSupport

@Suite("The matrix product", .tags(.law))
struct LinearTests {
    /// Rows around the kernels' block of 48, outputs around their panel of 32, and empty ones.
    static let shapes: [[Int]] = [
        [1, 1, 1], [1, 33, 7], [3, 31, 64], [5, 32, 5], [13, 65, 17], [48, 3, 5], [49, 3, 5], [64, 16, 48],
        [97, 2, 3], [200, 1, 1], [500, 40, 6], [50, 33, 800], [0, 4, 4], [4, 0, 4], [4, 4, 0],
    ]

    /// `x·Wᵀ` by plain loops in double precision, and `Σ|x·w|` for the bound.
    private func reference(_ x: Tensor, _ w: Tensor) -> (value: [[Double]], size: [[Double]]) {
        let zeros = [[Double]](repeating: [Double](repeating: 0, count: w.shape[0]), count: x.shape[0])
        var (value, size) = (zeros, zeros)
        let (rows, weights) = (x.doubles, w.doubles)
        for (i, row) in rows.enumerated() {
            for (j, weight) in weights.enumerated() {
                var (sum, absolute) = (0.0, 0.0)
                for k in row.indices {
                    sum += row[k] * weight[k]
                    absolute += abs(row[k] * weight[k])
                }
                (value[i][j], size[i][j]) = (sum, absolute)
            }
        }
        return (value, size)
    }

    @Test("it agrees with plain loops in every shape, with and without bias", arguments: shapes)
    func products(shape: [Int]) throws {
        let (m, n, k) = (shape[0], shape[1], shape[2])
        let x = try Tensor.normal([m, k], seed: 1)
        let w = try Tensor.normal([n, k], seed: 2)
        let product = reference(x, w)
        for bias in [nil, try Tensor.normal([n], seed: 3)] {
            let shift = bias?.elements.map(Double.init) ?? [Double](repeating: 0, count: n)
            let expected = product.value.map { zip($0, shift).map { $0 + $1 } }
            let stored: [(Tensor, PackedMatrix.Layout)] = [
                (w, .outputsByInputs), (try w.transposed(), .inputsByOutputs),
            ]
            for (matrix, layout) in stored {
                let packed = try PackedMatrix(matrix, layout: layout)
                #expect(packed.outputs == n && packed.inputs == k && packed.dtype == .float32)
                let y = try x.linear(packed, bias: bias)
                #expect(y.shape == [m, n])
                // k + 1 roundings of at most 2⁻²⁴ of the running sum each, to first order.
                expectClose(y, expected, "\(shape) \(layout)") {
                    Double(k + 2) * 0x1p-24 * (product.size[$0][$1] + abs(shift[$1]))
                }
            }
        }
        let y = try x.matmul(w.transposed())
        #expect(try bits(y) == bits(x.linear(PackedMatrix(w))))
    }

    @Test("half-width weights give the bits of their widened values", arguments: [DType.bfloat16, .float16])
    func halfWeights(dtype: DType) throws {
        for (m, n, k) in [(1, 33, 20), (7, 64, 31), (60, 5, 9), (50, 70, 80)] {
            let x = try Tensor.normal([m, k], seed: 4)
            let (narrow, values) = Tensor.randomHalves([n, k], dtype: dtype, seed: 5)
            let wide = try Tensor(values, shape: [n, k])
            #expect(bits(narrow.copied()) == bits(wide), "widening \(dtype)")
            let expected = try bits(x.linear(PackedMatrix(wide)))
            #expect(try bits(x.linear(PackedMatrix(narrow))) == expected, "\(dtype) \([m, n, k])")
            let (turned, turnedValues) = Tensor.randomHalves([k, n], dtype: dtype, seed: 6)
            let turnedWide = try Tensor(turnedValues, shape: [k, n])
            #expect(
                try bits(x.linear(PackedMatrix(turned, layout: .inputsByOutputs)))
                    == bits(x.linear(PackedMatrix(turnedWide, layout: .inputsByOutputs))),
                "\(dtype) \([m, n, k])")
            #expect(try PackedMatrix(narrow).dtype == dtype)
        }
    }

    @Test("a row gives the same bits alone and in a batch")
    func rowsAlone() throws {
        for (n, k) in [(3, 5), (70, 33), (129, 257)] {
            let x = try Tensor.normal([101, k], seed: 7)
            let packed = try PackedMatrix(Tensor.normal([n, k], seed: 8))
            let bias = try Tensor.normal([n], seed: 9)
            let together = try x.linear(packed, bias: bias)
            for row in 0..<101 {
                let alone = try x.rows(row..<row + 1).linear(packed, bias: bias)
                #expect(try bits(alone) == bits(together.rows(row..<row + 1)), "row \(row) of \([n, k])")
            }
        }
    }

    @Test("a view gives the bits of its copy")
    func views() throws {
        let table = try Tensor.normal([60, 40], seed: 10)
        let view = try table.columns(3..<20).rows(5..<59)
        let packed = try PackedMatrix(Tensor.normal([9, 17], seed: 11))
        #expect(try bits(view.linear(packed)) == bits(view.copied().linear(packed)))
        let x = try Tensor.normal([4, 17], seed: 12)
        #expect(try bits(x.linear(PackedMatrix(view))) == bits(x.linear(PackedMatrix(view.copied()))))
        let y = try Tensor.normal([4, 54], seed: 13)
        #expect(
            try bits(y.linear(PackedMatrix(view, layout: .inputsByOutputs)))
                == bits(y.linear(PackedMatrix(view.copied(), layout: .inputsByOutputs))))
    }
}
