import Testing
import VaneTensors
import VaneTestSupport

@Suite("Operands that do not fit are refused with both shapes")
struct ShapeErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What the message must name.
        let names: [String]
        let run: @Sendable () throws -> Void

        init(_ name: String, _ names: [String], _ run: @escaping @Sendable () throws -> Void) {
            (testDescription, self.names, self.run) = (name, names, run)
        }
    }

    static func zeros(_ shape: Shape) -> Tensor { Tensor(zeros: shape) }

    static let cases: [Case] = [
        Case("init", ["3", "[2, 2]"]) { _ = try Tensor([1, 2, 3], shape: [2, 2]) },
        Case("add", ["[2, 3]", "[3, 2]"]) { _ = try zeros([2, 3]).adding(zeros([3, 2])) },
        Case("multiply", ["[6]", "[3, 2]"]) { _ = try zeros([6]).multiplying(zeros([3, 2])) },
        Case("pack", ["[2, 3, 4]"]) { _ = try PackedMatrix(zeros([2, 3, 4])) },
        Case("linear", ["[2, 3]", "[5, 4]"]) { _ = try zeros([2, 3]).linear(PackedMatrix(zeros([5, 4]))) },
        Case("linear", ["[4]", "[5, 4]"]) { _ = try zeros([4]).linear(PackedMatrix(zeros([5, 4]))) },
        Case("linear", ["[4]", "[5, 4]"]) {
            _ = try zeros([2, 4]).linear(PackedMatrix(zeros([5, 4])), bias: zeros([4]))
        },
        Case("matmul", ["[2, 3]", "[4, 5]"]) { _ = try zeros([2, 3]).matmul(zeros([4, 5])) },
        Case("layerNorm", ["[2, 3]", "[4]"]) {
            _ = try zeros([2, 3]).layerNorm(gain: zeros([4]), bias: nil, epsilon: 1)
        },
        Case("layerNorm", ["[2, 3]", "[3]", "[2]"]) {
            _ = try zeros([2, 3]).layerNorm(gain: zeros([3]), bias: zeros([2]), epsilon: 1)
        },
        Case("rmsNorm", ["[2, 3]", "[2]"]) { _ = try zeros([2, 3]).rmsNorm(gain: zeros([2]), epsilon: 1) },
        Case("gatherRows", ["[4]"]) { _ = try zeros([4]).gatherRows([0]) },
        Case("rows", ["[4]"]) { _ = try zeros([4]).rows(0..<1) },
        Case("columns", ["[1, 2, 3]"]) { _ = try zeros([1, 2, 3]).columns(0..<1) },
        Case("transpose", ["[4]"]) { _ = try zeros([4]).transposed() },
        Case("rotary", ["[2, 8]", "3 positions"]) {
            _ = try zeros([2, 8]).rotated(
                by: RotaryTable(dimensions: 4, positions: 9, base: 10), positions: [0, 1, 2], headWidth: 4)
        },
        Case("rotary", ["[1, 6]", "heads of 4"]) {
            _ = try zeros([1, 6]).rotated(
                by: RotaryTable(dimensions: 4, positions: 9, base: 10), positions: [0], headWidth: 4)
        },
        Case("appendCache", ["[2, 8]", "[3, 8]"]) {
            var cache = AttentionCache(heads: 2, headWidth: 4)
            try cache.append(keys: zeros([2, 8]), values: zeros([3, 8]))
        },
        Case("appendCache", ["[2, 6]", "8"]) {
            var cache = AttentionCache(heads: 2, headWidth: 4)
            try cache.append(keys: zeros([2, 6]), values: zeros([2, 6]))
        },
        Case("attention", ["[1, 6]", "2 heads of 4"]) { try attend([1, 6], rows: 0..<1, heads: 2) },
        Case("attention", ["[1, 12]", "3 heads of 4"]) { try attend([1, 12], rows: 0..<1, heads: 3) },
        Case("attention", ["[2, 8]", "0..<3"]) { try attend([2, 8], rows: 0..<3, heads: 2) },
        Case("attention", ["[9, 8]", "5 keys"]) { try attend([9, 8], rows: 0..<6, heads: 2) },
        Case("attention", ["[2, 8]", "-1..<1"]) { try attend([2, 8], rows: -1..<1, heads: 2) },
    ]

    /// Attention over a cache of 5 positions and 2 heads of 4.
    static func attend(_ shape: Shape, rows: Range<Int>, heads: Int) throws {
        var cache = AttentionCache(heads: 2, headWidth: 4)
        try cache.append(keys: zeros([5, 8]), values: zeros([5, 8]))
        _ = try zeros(shape).attention(sequences: [(rows, cache)], heads: heads, scale: 1)
    }

    @Test("the message names the operation and the shapes", arguments: cases)
    func mismatch(_ bad: Case) {
        let error = #expect(throws: TensorError.self) { try bad.run() }
        #expect(error?.code == .shapeMismatch && error?.operation == bad.testDescription)
        for name in bad.names { #expect(error?.message.contains(name) == true, "\(error?.message ?? "")") }
        #expect(error?.description == "\(bad.testDescription): \(error?.message ?? "")")
    }

    @Test("rows and columns outside a tensor are refused", arguments: [-1..<1, 2..<5, 4..<4])
    func outside(range: Range<Int>) {
        for cut in [Tensor.rows, Tensor.columns] {
            let error = #expect(throws: TensorError.self) { try cut(Tensor(zeros: [3, 3]))(range) }
            #expect(error?.code == .outOfRange && error?.message.contains("\(range) of shape [3, 3]") == true)
        }
    }
}
