import Foundation
import Testing
import VaneTensors
import VaneTestSupport

/// Layers with the numbers of PyTorch in float64, made by Tests/Fixtures/generate_layers.py.
@Suite("Layers are PyTorch's", .tags(.golden))
struct LayerGoldenTests {
    struct Case: Decodable {
        struct Operand: Decodable {
            let shape: [Int]
            let values: [Float]
        }
        let operands: [String: Operand]
        let shape: [Int]
        let result: [Double]
        let seed: [Float]
        let gradients: [String: [Double]]
    }

    typealias Layer = @Sendable (_ operands: [String: Tensor]) throws -> Tensor

    private let golden: [String: Case]

    init() throws {
        golden = try JSONDecoder().decode(
            [String: Case].self, from: Data(contentsOf: Fixtures.url("layers/golden.json")))
    }

    static let layers: [String: Layer] = [
        "sigmoid": { try operand("x", $0).sigmoid() },
        "tanh": { try operand("x", $0).tanh() },
        "conv1d": {
            try operand("x", $0).conv1d(
                operand("w", $0), bias: $0["b"], stride: 2, padding: 2, dilation: 2, groups: 2)
        },
        "conv2d": {
            try operand("x", $0).conv2d(
                operand("w", $0), bias: $0["b"], stride: Extent(height: 2, width: 1),
                padding: Extent(height: 1, width: 2), dilation: Extent(height: 1, width: 2))
        },
        "conv2d depthwise": {
            try operand("x", $0).conv2d(operand("w", $0), bias: $0["b"], padding: 1, groups: 3)
        },
        "convTranspose1d": {
            try operand("x", $0).convTranspose1d(
                operand("w", $0), bias: $0["b"], stride: 3, padding: 1, outputPadding: 2, groups: 2)
        },
        "convTranspose2d": {
            try operand("x", $0).convTranspose2d(
                operand("w", $0), bias: $0["b"], stride: Extent(height: 2, width: 3),
                padding: Extent(height: 1, width: 0), outputPadding: Extent(height: 1, width: 2),
                dilation: Extent(height: 2, width: 1))
        },
        "maxPool1d": { try operand("x", $0).maxPool1d(kernel: 3, stride: 2, padding: 1) },
        "maxPool2d": {
            try operand("x", $0).maxPool2d(
                kernel: Extent(height: 3, width: 2), stride: Extent(height: 2, width: 1), padding: 1)
        },
        "avgPool1d": { try operand("x", $0).avgPool1d(kernel: 4, stride: 3, padding: 2) },
        "avgPool2d": {
            try operand("x", $0).avgPool2d(
                kernel: Extent(height: 2, width: 3), stride: Extent(height: 1, width: 2), padding: 1)
        },
        "avgPool2d without padding": {
            try operand("x", $0).avgPool2d(kernel: 3, stride: 2, padding: 1, countIncludePad: false)
        },
        "groupNorm": {
            try operand("x", $0).groupNorm(groups: 3, gain: operand("gain", $0), bias: $0["bias"])
        },
        "binaryCrossEntropy": { try operand("x", $0).binaryCrossEntropy(operand("t", $0)) },
        "meanSquaredError": { try operand("x", $0).meanSquaredError(operand("t", $0)) },
        "klDivergence": {
            try operand("x", $0).logSoftmax().klDivergence(from: operand("r", $0).logSoftmax())
        },
        "GRUCell": { operands in
            let (cell, x) = (try GRUCell(operands), try operand("xs", operands))
            var state = try operand("h", operands)
            let outputs = try (0..<3).map { step in
                state = try cell(x.rows(2 * step..<2 * step + 2), state)
                return state
            }
            return try stacked(outputs)
        },
        "LSTMCell": { operands in
            let (cell, x) = (try LSTMCell(operands), try operand("xs", operands))
            var state = LSTMCell.State(hidden: try operand("h", operands), cell: try operand("c", operands))
            let outputs = try (0..<3).map { step in
                state = try cell(x.rows(2 * step..<2 * step + 2), state)
                return state.hidden
            }
            return try stacked(outputs + [state.cell])
        },
    ]

    static func operand(_ name: String, _ operands: [String: Tensor]) throws -> Tensor {
        try #require(operands[name])
    }

    /// Matrices of one shape below one another, by products with columns of the identity.
    static func stacked(_ parts: [Tensor]) throws -> Tensor {
        let rows = parts[0].shape[0]
        let size = rows * parts.count
        return try parts.enumerated().map { index, part in
            var places = [Float](repeating: 0, count: size * rows)
            for row in 0..<rows { places[(index * rows + row) * rows + row] = 1 }
            return try Tensor(places, shape: [size, rows]).matmul(part)
        }.reduce(Tensor(zeros: [size, parts[0].shape[1]])) { try $0.adding($1) }
    }

    @Test("every case has a layer") func complete() {
        #expect(Set(golden.keys) == Set(LayerGoldenTests.layers.keys) && golden.count == 18)
    }

    @Test("value and gradients", arguments: layers.keys.sorted())
    func values(_ name: String) throws {
        let item = try #require(golden[name])
        let layer = try #require(LayerGoldenTests.layers[name])
        let tape = Tape()
        let variables = try item.operands.mapValues {
            tape.watch(try Tensor($0.values, shape: Shape($0.shape)))
        }
        let result = try layer(variables)
        #expect(result.shape == Shape(item.shape))
        #expect(relativeError(result.elements, item.result) < 2e-6)
        let names = variables.keys.sorted()
        let slopes = try tape.pullback(
            of: result, along: Tensor(item.seed, shape: Shape(item.shape)),
            at: names.map { try #require(variables[$0]) })
        for (name, slope) in zip(names, slopes) {
            let error = relativeError(slope.elements, try #require(item.gradients[name]))
            #expect(error < 5e-6, "\(name): \(error)")
            #expect(slope.elements.contains { $0 != 0 }, "\(name)")
        }
    }
}
