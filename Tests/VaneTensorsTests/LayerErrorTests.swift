import Testing
import VaneTensors
import VaneTestSupport

@Suite("Layers refuse what does not fit and name it")
struct LayerErrorTests {
    typealias Case = ShapeErrorTests.Case

    static func zeros(_ shape: Shape) -> Tensor { Tensor(zeros: shape) }

    static let shapes: [Case] = [
        Case("subtract", ["[2, 3]", "[3, 2]"]) { _ = try zeros([2, 3]).subtracting(zeros([3, 2])) },
        Case("reshape", ["[2, 3]", "6", "[4, 2]", "8"]) { _ = try zeros([2, 3]).reshaped(to: [4, 2]) },
        Case("conv2d", ["4 dimensions", "[2, 3]", "[1, 1, 2, 2]"]) {
            _ = try zeros([2, 3]).conv2d(zeros([1, 1, 2, 2]))
        },
        Case("conv2d", ["[1, 3, 5, 5]", "[4, 2, 3, 3]", "groups 1"]) {
            _ = try zeros([1, 3, 5, 5]).conv2d(zeros([4, 2, 3, 3]))
        },
        Case("conv2d", ["[1, 4, 5, 5]", "[3, 2, 3, 3]", "groups 2"]) {
            _ = try zeros([1, 4, 5, 5]).conv2d(zeros([3, 2, 3, 3]), groups: 2)
        },
        Case("conv2d", ["[1, 2, 5, 5]", "bias [3]"]) {
            _ = try zeros([1, 2, 5, 5]).conv2d(zeros([4, 2, 3, 3]), bias: zeros([3]))
        },
        Case("conv2d", ["[1, 1, 4, 5]", "[1, 1, 3, 3]", "dilation 2×2"]) {
            _ = try zeros([1, 1, 4, 5]).conv2d(zeros([1, 1, 3, 3]), dilation: 2)
        },
        Case("conv1d", ["3 dimensions", "[1, 1, 2, 2]"]) {
            _ = try zeros([1, 1, 2, 2]).conv1d(zeros([1, 1, 2]))
        },
        Case("conv1d", ["[1, 3, 9]", "[4, 2, 3]"]) { _ = try zeros([1, 3, 9]).conv1d(zeros([4, 2, 3])) },
        Case("convTranspose1d", ["[1, 3, 9]", "[4, 2, 3]"]) {
            _ = try zeros([1, 3, 9]).convTranspose1d(zeros([4, 2, 3]))
        },
        Case("convTranspose1d", ["[1, 1, 1]", "padding 0×3"]) {
            _ = try zeros([1, 1, 1]).convTranspose1d(zeros([1, 1, 3]), padding: 3)
        },
        Case("convTranspose2d", ["[1, 2, 3, 3]", "[2, 2, 2, 2]", "bias [3]"]) {
            _ = try zeros([1, 2, 3, 3]).convTranspose2d(zeros([2, 2, 2, 2]), bias: zeros([3]))
        },
        Case("maxPool2d", ["[1, 2, 3]"]) { _ = try zeros([1, 2, 3]).maxPool2d(kernel: 2) },
        Case("maxPool1d", ["[1, 2, 3]", "1×4"]) { _ = try zeros([1, 2, 3]).maxPool1d(kernel: 4) },
        Case("avgPool2d", ["[3, 3]"]) { _ = try zeros([3, 3]).avgPool2d(kernel: 2) },
        Case("avgPool1d", ["[3, 3]"]) { _ = try zeros([3, 3]).avgPool1d(kernel: 2) },
        Case("groupNorm", ["4 groups", "[2, 6]"]) {
            _ = try zeros([2, 6]).groupNorm(groups: 4, gain: zeros([6]), bias: nil)
        },
        Case("groupNorm", ["[2, 6]", "gain [5]"]) {
            _ = try zeros([2, 6]).groupNorm(groups: 2, gain: zeros([5]), bias: nil)
        },
        Case("binaryCrossEntropy", ["[2, 3]", "[3]"]) {
            _ = try zeros([2, 3]).binaryCrossEntropy(zeros([3]))
        },
        Case("meanSquaredError", ["[0]"]) { _ = try zeros([0]).meanSquaredError(zeros([0])) },
        Case("klDivergence", ["[3]"]) { _ = try zeros([3]).klDivergence(from: zeros([3])) },
        Case("GRUCell", ["[6, 3]", "[8, 2]"]) {
            _ = try GRUCell(["weight_ih": zeros([6, 3]), "weight_hh": zeros([8, 2])])
        },
        Case("GRUCell", ["[2, 4]", "3 inputs", "2 hidden"]) {
            let cell = try GRUCell(["weight_ih": zeros([6, 3]), "weight_hh": zeros([6, 2])])
            _ = try cell(zeros([2, 4]), zeros([2, 2]))
        },
        Case("LSTMCell", ["[5]", "[8, 3]"]) {
            _ = try LSTMCell([
                "weight_ih": zeros([8, 3]), "weight_hh": zeros([8, 2]), "bias_ih": zeros([8]),
                "bias_hh": zeros([5]),
            ])
        },
    ]

    @Test("the message names the operation and the shapes", arguments: shapes)
    func mismatch(_ bad: Case) { ShapeErrorTests().mismatch(bad) }

    static let options: [Case] = [
        Case("conv2d", ["stride 0×1"]) {
            _ = try zeros([1, 1, 3, 3]).conv2d(zeros([1, 1, 2, 2]), stride: Extent(height: 0, width: 1))
        },
        Case("conv1d", ["padding 0×-1"]) { _ = try zeros([1, 1, 3]).conv1d(zeros([1, 1, 2]), padding: -1) },
        Case("conv1d", ["groups 0"]) { _ = try zeros([1, 1, 3]).conv1d(zeros([1, 1, 2]), groups: 0) },
        Case("convTranspose1d", ["output padding 0×2", "stride 1×2"]) {
            _ = try zeros([1, 1, 3]).convTranspose1d(zeros([1, 1, 2]), stride: 2, outputPadding: 2)
        },
        Case("maxPool1d", ["kernel 1×3", "padding 0×2"]) {
            _ = try zeros([1, 1, 9]).maxPool1d(kernel: 3, padding: 2)
        },
        Case("avgPool2d", ["stride 0×0"]) { _ = try zeros([1, 1, 9, 9]).avgPool2d(kernel: 3, stride: 0) },
    ]

    @Test("impossible options are out of range", arguments: options)
    func impossible(_ bad: Case) {
        let error = #expect(throws: TensorError.self) { try bad.run() }
        #expect(error?.code == .outOfRange && error?.operation == bad.testDescription)
        for name in bad.names { #expect(error?.message.contains(name) == true, "\(error?.message ?? "")") }
    }

    @Test("a cell names the parameter it misses; suffixes choose a layer")
    func parameters() throws {
        let weights = ["weight_ih_l0": Self.zeros([6, 3]), "weight_hh_l0": Self.zeros([6, 2])]
        let cell = try GRUCell(weights, suffix: "_l0")
        #expect(cell.inputs == 3 && cell.hidden == 2)
        for (parameters, name) in [
            ([:], "'a.weight_ih_l0'"),
            (["a.weight_ih_l0": Self.zeros([8, 3])], "'a.weight_hh_l0'"),
            (
                [
                    "a.weight_ih_l0": Self.zeros([8, 3]), "a.weight_hh_l0": Self.zeros([8, 2]),
                    "a.bias_hh_l0": Self.zeros([8]),
                ], "'a.bias_ih_l0'"
            ),
        ] {
            let error = #expect(throws: TensorError.self) {
                try LSTMCell(parameters, prefix: "a.", suffix: "_l0")
            }
            #expect(error?.code == .missingParameter && error?.message.contains(name) == true)
        }
    }
}
