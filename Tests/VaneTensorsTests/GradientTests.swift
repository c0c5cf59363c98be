import Testing
import VaneTensors
import VaneTestSupport

/// A function of several tensors whose gradients are checked against central differences.
struct Differentiated: Sendable, CustomTestStringConvertible {
    let name: String
    let shapes: [Shape]
    let function: @Sendable ([Tensor]) throws -> Tensor
    var testDescription: String { name }

    init(_ name: String, _ shapes: Shape..., function: @escaping @Sendable ([Tensor]) throws -> Tensor) {
        self.name = name
        self.shapes = shapes
        self.function = function
    }
}

@Suite("Gradients of operations", .tags(.law))
struct GradientTests {
    private static let table = RotaryTable(dimensions: 4, positions: 9, base: 100)

    static let cases: [Differentiated] = [
        Differentiated("add", [3, 5], [3, 5]) { try $0[0].adding($0[1]) },
        Differentiated("add to itself", [2, 3]) { try $0[0].adding($0[0]) },
        Differentiated("multiply", [3, 5], [3, 5]) { try $0[0].multiplying($0[1]) },
        Differentiated("gelu", [4, 9]) { $0[0].applying(.gelu) },
        Differentiated("gelu tanh", [4, 9]) { $0[0].applying(.geluTanh) },
        Differentiated("silu", [4, 9]) { $0[0].applying(.silu) },
        Differentiated("softmax", [3, 17]) { $0[0].softmax() },
        Differentiated("log softmax", [3, 17]) { $0[0].logSoftmax() },
        Differentiated("layer norm", [5, 19], [19], [19]) {
            try $0[0].layerNorm(gain: $0[1], bias: $0[2], epsilon: 1e-5)
        },
        Differentiated("rms norm", [5, 19], [19]) { try $0[0].rmsNorm(gain: $0[1], epsilon: 1e-5) },
        Differentiated("linear", [6, 7], [40, 7], [40]) {
            try $0[0].linear(PackedMatrix($0[1]), bias: $0[2])
        },
        Differentiated("linear, inputs by outputs", [6, 7], [7, 5], [5]) {
            try $0[0].linear(PackedMatrix($0[1], layout: .inputsByOutputs), bias: $0[2])
        },
        Differentiated("matmul", [4, 6], [6, 3]) { try $0[0].matmul($0[1]) },
        Differentiated("rows", [6, 4]) { try $0[0].rows(1..<4) },
        Differentiated("columns", [6, 5]) { try $0[0].columns(2..<4) },
        Differentiated("columns of columns, copied", [6, 9]) {
            try $0[0].columns(1..<8).columns(2..<5).copied()
        },
        Differentiated("transpose", [3, 8]) { try $0[0].transposed() },
        Differentiated("gather, with repeats", [5, 4]) { try $0[0].gatherRows([4, 0, 4, 2, 4]) },
        Differentiated("rotary", [5, 12]) {
            try $0[0].rotated(by: table, positions: [0, 1, 2, 8, 3], headWidth: 6)
        },
        Differentiated("cross-entropy", [4, 11]) { try $0[0].crossEntropy([3, 0, 10, 3]) },
        Differentiated("attention", [9, 12], [9, 12], [9, 12]) {
            try attention($0, lengths: [9], heads: 3, keyValueHeads: 3)
        },
        Differentiated("attention, grouped heads, window, two sequences", [10, 24], [10, 12], [10, 12]) {
            try attention($0, lengths: [7, 3], heads: 4, keyValueHeads: 2, window: 4)
        },
    ]

    static func attention(
        _ operands: [Tensor], lengths: [Int], heads: Int, keyValueHeads: Int, window: Int = 0
    ) throws -> Tensor {
        var sequences: [(rows: Range<Int>, cache: AttentionCache)] = []
        var start = 0
        for length in lengths {
            var cache = AttentionCache(heads: keyValueHeads, headWidth: operands[1].shape[1] / keyValueHeads)
            let rows = start..<start + length
            try cache.append(keys: operands[1].rows(rows), values: operands[2].rows(rows))
            sequences.append((rows, cache))
            start += length
        }
        return try operands[0].attention(
            sequences: sequences, keys: operands[1], values: operands[2], heads: heads, scale: 0.4,
            window: window)
    }

    @Test("are those of central differences", arguments: cases)
    func centralDifferences(_ item: Differentiated) throws {
        var generator = SeededGenerator(seed: 5)
        let inputs = try item.shapes.map { shape in
            try Tensor((0..<shape.count).map { _ in Float(generator.normal()) }, shape: shape)
        }
        let plain = try item.function(inputs)
        #expect(!plain.isRecorded)
        let seed = try Tensor(
            (0..<plain.shape.count).map { _ in Float(generator.normal()) }, shape: plain.shape)
        func value(_ inputs: [Tensor]) throws -> Double {
            zip(try item.function(inputs).elements, seed.elements).reduce(0) {
                $0 + Double($1.0) * Double($1.1)
            }
        }

        let tape = Tape()
        let variables = inputs.map { tape.watch($0) }
        let result = try item.function(variables)
        #expect(
            result.elements.map(\.bitPattern) == plain.elements.map(\.bitPattern), "recording changes nothing"
        )
        let gradients = try tape.pullback(of: result, along: seed, at: variables)
        let again = try tape.pullback(of: result, along: seed, at: variables)
        for (i, gradient) in gradients.enumerated() {
            #expect(gradient.elements == again[i].elements, "a second run gives the same bits")
            let analytic = gradient.elements
            let scale = max(analytic.map(abs).max() ?? 0, 1e-3)
            for j in analytic.indices {
                let step: Float = 0.01
                let ends = try [step, -step].map { change in
                    var moved = inputs
                    var elements = inputs[i].elements
                    elements[j] += change
                    moved[i] = try Tensor(elements, shape: inputs[i].shape)
                    return try value(moved)
                }
                // Third derivatives times 1e-4 and float32 rounding over the step stay below this.
                let numeric = (ends[0] - ends[1]) / Double(2 * step)
                #expect(
                    abs(numeric - Double(analytic[j])) < 3e-3 * Double(scale) + 1e-3,
                    "operand \(i), element \(j): \(analytic[j]), numerically \(numeric)")
            }
        }
    }

    @Test("reach half-width weights' input, and skip what is not recorded")
    func frozenWeights() throws {
        var generator = SeededGenerator(seed: 2)
        let weight = try Tensor((0..<24).map { _ in Float(generator.normal()) }, shape: [4, 6])
        let x = try Tensor((0..<12).map { _ in Float(generator.normal()) }, shape: [2, 6])
        let tape = Tape()
        let variable = tape.watch(x)
        let y = try variable.linear(PackedMatrix(weight))
        let seed = try Tensor((0..<8).map(Float.init), shape: [2, 4])
        let gradient = try tape.pullback(of: y, along: seed, at: [variable])[0]
        let expected = try seed.matmul(weight)
        #expect(zip(gradient.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(tape.count == 2)
    }

    @Test("as a whole matrix are the Jacobian")
    func jacobian() throws {
        let weight = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        let tape = Tape()
        let x = tape.watch(try Tensor([1, -1, 2], shape: [1, 3]))
        let linear = try x.linear(PackedMatrix(weight))
        #expect(try tape.jacobian(of: linear, at: x).elements == weight.elements)
        let squares = try linear.multiplying(linear)
        let expected = zip([Float(5), 11], [[Float(1), 2, 3], [4, 5, 6]]).flatMap { y, row in
            row.map { 2 * y * $0 }
        }
        #expect(try tape.jacobian(of: squares, at: x).elements == expected)
    }

    @Test("leave nothing behind: the tape goes with its last tensor, whatever it recorded")
    func release() throws {
        weak var tape: Tape?
        do {
            let current = Tape()
            tape = current
            func variable(_ shape: Shape) -> Tensor { current.watch(Tensor(zeros: shape)) }
            let (weight, bias, gain) = (variable([6, 6]), variable([6]), variable([6]))
            var x = try variable([5, 6]).gatherRows([0, 1, 2, 3])
            x = try x.layerNorm(gain: gain, bias: bias, epsilon: 1e-5).rmsNorm(gain: gain, epsilon: 1e-5)
            x = try x.linear(PackedMatrix(weight), bias: bias)
            x = try x.linear(PackedMatrix(weight, layout: .inputsByOutputs)).matmul(weight)
            x = try x.adding(x.applying(.silu).multiplying(x)).softmax().logSoftmax()
            let table = RotaryTable(dimensions: 2, positions: 4, base: 100)
            x = try x.rotated(by: table, positions: [0, 1, 2, 3], headWidth: 2)
            var cache = AttentionCache(heads: 3, headWidth: 2)
            try cache.append(keys: x.detached, values: x.detached)
            x = try x.attention(
                sequences: [(rows: 0..<4, cache: cache)], keys: x, values: x, heads: 3, scale: 1)
            x = try x.rows(1..<4).columns(0..<4).copied().transposed()
            let loss = try x.crossEntropy([0, 1, 2, 0])
            _ = try current.gradients(of: loss, at: [weight, bias, gain])
            #expect(tape != nil)
        }
        #expect(tape == nil, "an operation's pullback holds a recorded tensor")
    }

    @Test("of what a result does not depend on are zeros, and misuse is refused")
    func misuse() throws {
        let tape = Tape()
        let (a, b) = (tape.watch(Tensor(zeros: [2, 2])), tape.watch(Tensor(zeros: [3])))
        let loss = try a.crossEntropy([0, 1])
        #expect(try tape.gradients(of: loss, at: [b])[0].elements == [0, 0, 0])
        #expect(throws: TensorError.self) { try tape.gradients(of: a, at: [b]) }
        #expect(throws: TensorError.self) { try tape.gradients(of: loss, at: [Tensor(zeros: [1])]) }
        #expect(throws: TensorError.self) { try Tape().gradients(of: loss, at: [a]) }
        #expect(throws: TensorError.self) {
            try tape.pullback(of: loss, along: Tensor(zeros: [2]), at: [a])
        }
    }
}
