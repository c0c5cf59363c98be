import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("Rows by index, rotary positions")
struct GatherTests {
    @Test("rows come in the order asked for, widened", .tags(.law))
    func gather() throws {
        let table = try Tensor.normal([10, 7], seed: 1)
        let indices: [Int32] = [3, 0, 9, 3]
        #expect(try table.gatherRows(indices).doubles == indices.map { table.doubles[Int($0)] })
        #expect(try table.gatherRows([]).shape == [0, 7])
        let view = try table.columns(2..<5)
        #expect(try view.gatherRows(indices).doubles == indices.map { Array(table.doubles[Int($0)][2..<5]) })
        for dtype in [DType.bfloat16, .float16] {
            let (halves, values) = Tensor.randomHalves([10, 7], dtype: dtype, seed: 2)
            #expect(try halves.gatherRows([4]).elements == Array(values[28..<35]))
        }
    }

    @Test("an index outside the table is named", arguments: [-1, 10, Int32.max, .min])
    func outside(index: Int32) throws {
        let table = try Tensor.normal([10, 7], seed: 1)
        let error = #expect(throws: TensorError.self) { try table.gatherRows([0, index]) }
        #expect(error?.code == .outOfRange && error?.message == "row \(index) of shape [10, 7]")
    }

    @Test("rotation turns the pair (i, i + half) by position · base^(−2i / dimensions)", .tags(.law))
    func rotary() throws {
        for (dimensions, headWidth, base) in [(8, 8, 10_000.0), (6, 8, 500_000), (16, 16, 10_000)] {
            let table = RotaryTable(dimensions: dimensions, positions: 300, base: base)
            let positions: [Int32] = [0, 1, 7, 299, 2]
            let x = try Tensor.normal([5, 3 * headWidth], seed: 3)
            let half = dimensions / 2
            var expected = x.doubles
            for (row, position) in positions.enumerated() {
                for head in 0..<3 {
                    for i in 0..<half {
                        let angle = Double(position) * pow(base, -2 * Double(i) / Double(dimensions))
                        let (first, second) = (head * headWidth + i, head * headWidth + i + half)
                        let (a, b) = (x.doubles[row][first], x.doubles[row][second])
                        expected[row][first] = a * cos(angle) - b * sin(angle)
                        expected[row][second] = b * cos(angle) + a * sin(angle)
                    }
                }
            }
            let turned = try x.rotated(by: table, positions: positions, headWidth: headWidth)
            // Two products and a sum of numbers below 4.
            expectClose(turned, expected, "\(dimensions) of \(headWidth)") { _, _ in 2e-6 }
            #expect(bits(try turned.rows(0..<1)) == bits(try x.rows(0..<1)), "position 0 turns nothing")
        }
    }

    @Test("scores of rotated vectors depend on the distance of their positions alone", .tags(.law))
    func rotaryDistance() throws {
        let table = RotaryTable(dimensions: 8, positions: 100, base: 10_000)
        let q = try Tensor.normal([1, 8], seed: 4)
        let k = try Tensor.normal([1, 8], seed: 5)
        func score(_ a: Int32, _ b: Int32) throws -> Double {
            let (left, right) = (
                try q.rotated(by: table, positions: [a], headWidth: 8).elements,
                try k.rotated(by: table, positions: [b], headWidth: 8).elements
            )
            return Vectors.dot(left, right, count: 8)
        }
        let reference = try score(5, 3)
        for shift: Int32 in [0, 1, 40, 94] {
            // Eight terms of order 1 in single precision.
            #expect(abs(try score(5 + shift, 3 + shift) - reference) < 1e-5)
        }
        #expect(abs(try score(5, 4) - reference) > 1e-3)
    }

    @Test("a position outside the table is refused", arguments: [-1, 300, Int32.max, .min])
    func rotaryOutside(position: Int32) throws {
        let table = RotaryTable(dimensions: 8, positions: 300, base: 10_000)
        let x = try Tensor.normal([2, 8], seed: 6)
        let error = #expect(throws: TensorError.self) {
            try x.rotated(by: table, positions: [0, position], headWidth: 8)
        }
        #expect(error?.code == .outOfRange && error?.message == "position \(position) of a table for 300")
    }
}
