import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("Layers and losses", .tags(.law))
struct LayerTests {
    @Test("gradients are those of central differences", arguments: LayerCases.all)
    func centralDifferences(_ layer: Differentiated) throws {
        try GradientTests().centralDifferences(layer)
    }

    @Test(
        "values and gradients have the same bits on one and two threads, and again",
        arguments: LayerCases.large)
    func threads(_ layer: Differentiated) throws {
        let before = Compute.threads
        defer { Compute.threads = before }
        func run(_ threads: Int) throws -> [[UInt32]] {
            Compute.threads = threads
            let tape = Tape()
            let variables = try layer.shapes.enumerated().map {
                tape.watch(try Tensor.normal($1, seed: UInt64($0)))
            }
            let result = try layer.function(variables)
            let seed = try Tensor.normal(result.shape, seed: 99)
            return [bits(result)]
                + (try tape.pullback(of: result, along: seed, at: variables)).map { bits($0) }
        }
        let reference = try run(1)
        for threads in [1, 2, 3] { #expect(try run(threads) == reference, "\(threads) threads") }
    }

    @Test("a convolution is the sum its documentation says")
    func convolution() throws {
        let (x, w) = (try Tensor.normal([2, 4, 6, 5], seed: 1), try Tensor.normal([6, 2, 3, 2], seed: 2))
        let bias = try Tensor.normal([6], seed: 3)
        let y = try x.conv2d(
            w, bias: bias, stride: Extent(height: 2, width: 1), padding: Extent(height: 2, width: 1),
            dilation: Extent(height: 1, width: 3), groups: 2)
        #expect(y.shape == [2, 6, 4, 4])
        let (a, b, shift, result) = (x.elements, w.elements, bias.elements, y.elements)
        for n in 0..<2 {
            for o in 0..<6 {
                for (h, v) in (0..<4).flatMap({ h in (0..<4).map { (h, $0) } }) {
                    var sum = Double(shift[o])
                    for (c, i, j) in (0..<2).flatMap({ c in (0..<6).map { (c, $0 / 2, $0 % 2) } }) {
                        let (row, column) = (h * 2 + i - 2, v + 3 * j - 1)
                        guard (0..<6).contains(row), (0..<5).contains(column) else { continue }
                        sum +=
                            Double(a[((n * 4 + o / 3 * 2 + c) * 6 + row) * 5 + column])
                            * Double(b[((o * 2 + c) * 3 + i) * 2 + j])
                    }
                    let value = Double(result[((n * 6 + o) * 4 + h) * 4 + v])
                    #expect(abs(value - sum) < 1e-5, "\((n, o, h, v))")
                }
            }
        }
    }

    @Test("a transposed convolution is the adjoint: ⟨conv(x), y⟩ = ⟨x, convTranspose(y)⟩")
    func adjoint() throws {
        let (x, w) = (try Tensor.normal([2, 4, 9, 8], seed: 1), try Tensor.normal([6, 2, 3, 2], seed: 2))
        let y = try Tensor.normal([2, 6, 4, 4], seed: 3)
        let forward = try x.conv2d(w, stride: 2, groups: 2)
        let back = try y.convTranspose2d(w, stride: 2, groups: 2)
        #expect(forward.shape == y.shape && back.shape == x.shape)
        func product(_ a: Tensor, _ b: Tensor) -> Double {
            zip(a.elements, b.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let (left, right) = (product(forward, y), product(x, back))
        #expect(abs(left - right) < 1e-4 && abs(left) > 1, "\(left), \(right)")
    }

    @Test("dropout keeps the mean, drops its share, and draws by seed and position")
    func dropout() throws {
        let ones = try Tensor([Float](repeating: 1, count: 40_000), shape: [200, 200])
        let dropped = try ones.dropout(rate: 0.3, seed: 1, position: 5)
        let values = dropped.elements
        let zeros = Double(values.count { $0 == 0 }) / 40_000
        #expect(abs(zeros - 0.3) < 0.012 && Set(values) == [0, 1 / Float(0.7)])
        #expect(abs(values.reduce(0, +) / 40_000 - 1) < 0.02)
        #expect(try ones.dropout(rate: 0.3, seed: 1, position: 5).elements == values)
        for other in [
            try ones.dropout(rate: 0.3, seed: 1, position: 6),
            try ones.dropout(rate: 0.3, seed: 2, position: 5),
        ] {
            // Independent masks agree where both keep or both drop: 0.7² + 0.3² = 0.58.
            let agreement = zip(other.elements, values).count { $0 == $1 }
            #expect(abs(Double(agreement) / 40_000 - 0.58) < 0.02)
        }
        for same in [
            try dropped.dropout(rate: 0, seed: 1, position: 0),
            try dropped.dropout(rate: 0.9, seed: 1, position: 0, training: false),
        ] {
            #expect(bits(same) == bits(dropped))
        }
        for rate in [-0.1, 1, .nan] {
            let error = #expect(throws: TensorError.self) {
                try ones.dropout(rate: rate, seed: 0, position: 0)
            }
            #expect(error?.code == .outOfRange && error?.message.contains("\(rate)") == true)
        }
    }

    @Test("extreme logits and impossible classes have finite losses and slopes")
    func extremes() throws {
        let tape = Tape()
        let logits = tape.watch(try Tensor([200, -200, 200, -200], shape: [4]))
        let loss = try logits.binaryCrossEntropy(Tensor([1, 0, 0, 1], shape: [4]))
        #expect(loss.elements == [100])
        #expect(try tape.gradients(of: loss, at: [logits])[0].elements == [0, 0, 0.25, -0.25])
        let model = tape.watch(try Tensor([0.25, 0.75].map { Float(log($0)) }, shape: [1, 2]))
        let sure = try Tensor([0, -.infinity], shape: [1, 2])
        let divergence = try model.klDivergence(from: sure)
        #expect(abs(divergence.elements[0] - Float(log(4.0))) < 1e-6)
        #expect(try tape.gradients(of: divergence, at: [model])[0].elements == [-1, 0])
        #expect(try model.klDivergence(from: model).elements == [0])
    }

    @Test("pooling takes the first of equal elements, and a NaN wins")
    func ties() throws {
        let tape = Tape()
        let x = tape.watch(try Tensor([2, 5, 5, 1, 5, 0], shape: [1, 1, 6]))
        let y = try x.maxPool1d(kernel: 3)
        #expect(y.elements == [5, 5])
        let slope = try tape.pullback(of: y, along: Tensor([1, 2], shape: [1, 1, 2]), at: [x])[0]
        #expect(slope.elements == [0, 1, 0, 0, 2, 0])
        let bad = try Tensor([1, .nan, 3], shape: [1, 1, 3]).maxPool1d(kernel: 3)
        #expect(bad.elements[0].isNaN)
    }
}
