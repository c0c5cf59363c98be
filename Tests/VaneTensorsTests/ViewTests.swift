import Testing
import VaneTensors
import VaneTestSupport

@Suite("Shapes and views", .tags(.law))
struct ViewTests {
    private let table = (0..<20).map(Float.init)

    @Test("rows, columns and their combinations show the elements without copying")
    func views() throws {
        let x = try Tensor(table, shape: [4, 5])
        #expect(try x.rows(1..<3).elements == Array(table[5..<15]))
        #expect(try x.columns(1..<3).elements == [1, 2, 6, 7, 11, 12, 16, 17])
        #expect(try x.rows(2..<4).columns(3..<5).elements == [13, 14, 18, 19])
        #expect(try x.columns(3..<5).rows(2..<4).elements == [13, 14, 18, 19])
        #expect(try x.rows(4..<4).elements == [] && x.columns(0..<0).elements == [])
        #expect(try x.rows(1..<2).storage === x.storage && x.columns(1..<2).storage === x.storage)
        #expect(x.isContiguous && x.elements == table)
        #expect(try x.rows(1..<3).isContiguous && !x.columns(1..<3).isContiguous)
        #expect(try x.columns(1..<3).rows(1..<2).isContiguous, "a single row has no gaps")
    }

    @Test("a copy has its own storage, and contiguous copies only what has gaps")
    func copies() throws {
        let x = try Tensor(table, shape: [4, 5])
        let view = try x.columns(1..<3)
        #expect(view.copied().elements == view.elements && view.copied().storage !== x.storage)
        #expect(view.contiguous().isContiguous && view.contiguous().elements == view.elements)
        #expect(x.contiguous().storage === x.storage && x.copied().storage !== x.storage)
    }

    @Test("transposing swaps indices, also of a view, and twice is nothing")
    func transposed() throws {
        let x = try Tensor(table, shape: [4, 5])
        let y = try x.transposed()
        #expect(y.shape == [5, 4])
        for i in 0..<4 { for j in 0..<5 { #expect(y.doubles[j][i] == x.doubles[i][j]) } }
        #expect(try y.transposed().elements == table)
        #expect(try x.columns(1..<3).transposed().elements == [1, 6, 11, 16, 2, 7, 12, 17])
        #expect(try Tensor(zeros: [0, 3]).transposed().shape == [3, 0])
    }

    @Test("a shape knows its dimensions, their product and its text")
    func shapes() {
        #expect(Shape([]).count == 1 && Shape([]).rank == 0)
        #expect(Shape([2, 3, 4]).count == 24 && Shape([2, 0, 4]).count == 0)
        #expect(Shape([1, 2, 3, 4, 5, 6]).array == [1, 2, 3, 4, 5, 6])
        #expect("\(Shape([2, 3]))" == "[2, 3]" && Shape([2, 3])[1] == 3)
        #expect(Shape([2]) != Shape([2, 1]) && Shape([2, 3]) == [2, 3])
        #expect(Tensor(zeros: [2, 3]).elements == [0, 0, 0, 0, 0, 0])
        #expect(Tensor(zeros: [2, 3, 4]).rowCount == 6 && Tensor(zeros: [2, 3, 4]).width == 4)
        #expect(DType.allCases.map(\.byteCount) == [4, 2, 2])
    }

    @Test("operations leave their operands as they were")
    func unchanged() throws {
        let x = try Tensor.normal([6, 8], seed: 1)
        let y = try Tensor.normal([6, 8], seed: 2)
        let (before, other) = (bits(x), bits(y))
        _ = try x.adding(y).multiplying(y).applying(.gelu).softmax()
        _ = x.logSoftmax()
        _ = try x.layerNorm(gain: y.rows(0..<1), bias: nil, epsilon: 1).rmsNorm(
            gain: y.rows(1..<2), epsilon: 1)
        _ = try x.rotated(
            by: RotaryTable(dimensions: 8, positions: 9, base: 10), positions: [1, 2, 3, 4, 5, 6],
            headWidth: 8)
        _ = try x.linear(PackedMatrix(y)).matmul(x)
        #expect(bits(x) == before && bits(y) == other)
    }
}
