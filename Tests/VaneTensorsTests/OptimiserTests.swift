import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("Optimisers")
struct OptimiserTests {
    private struct Golden: Decodable {
        struct Step: Decodable {
            let dw: [Float]
            let db: [Float]
            let w: [Float]
            let b: [Float]
        }
        let w: [Float]
        let b: [Float]
        let sgd: [Step]
        let momentum: [Step]
        let adam: [Step]
        let adamW: [Step]
    }

    private let golden: Golden

    init() throws {
        golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: Fixtures.url("optimisers/golden.json")))
    }

    @Test("walk as PyTorch's do", .tags(.golden))
    func steps() throws {
        for (name, rule, rate, steps) in [
            ("sgd", Optimiser.Rule.sgd(momentum: 0), 0.1, golden.sgd),
            ("momentum", .sgd(momentum: 0.9), 0.1, golden.momentum),
            ("adam", .adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, decay: 0.1), 0.05, golden.adam),
            ("adamW", .adamW(decay: 0.2), 0.05, golden.adamW),
        ] {
            var optimiser = Optimiser(rule)
            var parameters = [
                "w": try Tensor(golden.w, shape: [3, 4]), "b": try Tensor(golden.b, shape: [4]),
            ]
            for (number, step) in steps.enumerated() {
                let gradients = [
                    "w": try Tensor(step.dw, shape: [3, 4]), "b": try Tensor(step.db, shape: [4]),
                ]
                parameters = try optimiser.step(parameters, gradients, rate: rate)
                for (key, expected) in [("w", step.w), ("b", step.b)] {
                    let actual = parameters[key]?.elements ?? []
                    // Both compute in float32, in slightly different orders.
                    #expect(
                        zip(actual, expected).allSatisfy { abs($0 - $1) < 2e-6 }
                            && actual.count == expected.count,
                        "\(name), step \(number + 1), \(key)")
                }
            }
        }
    }

    @Test("continue from stored state to the same bits", .tags(.law))
    func resume() throws {
        let gradients = ["w": try Tensor(golden.sgd[0].dw, shape: [3, 4])]
        let start = ["w": try Tensor(golden.w, shape: [3, 4])]
        var whole = Optimiser(.adamW())
        var parameters = start
        for _ in 0..<4 { parameters = try whole.step(parameters, gradients, rate: 0.01) }
        var head = Optimiser(.adamW())
        var halfway = start
        for _ in 0..<2 { halfway = try head.step(halfway, gradients, rate: 0.01) }
        var tail = Optimiser(.adamW(), steps: head.steps, first: head.first, second: head.second)
        let before = head.first["w"]?.elements
        for _ in 0..<2 { halfway = try tail.step(halfway, gradients, rate: 0.01) }
        #expect(parameters["w"]?.elements == halfway["w"]?.elements)
        #expect(head.first["w"]?.elements == before, "a copy's state is its own")
        #expect(start["w"]?.elements == golden.w, "parameters are values")
    }

    @Test("rates rise, fall and end as the schedule says")
    func schedule() {
        let cosine = LearningRate(peak: 1, warmup: 10, steps: 110, floor: 0.1)
        #expect(abs(cosine.rate(at: 1) - 0.1) < 1e-12 && cosine.rate(at: 10) == 1)
        #expect(abs(cosine.rate(at: 60) - 0.55) < 1e-12)
        #expect(abs(cosine.rate(at: 110) - 0.1) < 1e-12 && abs(cosine.rate(at: 500) - 0.1) < 1e-12)
        let linear = LearningRate(peak: 2, steps: 100, decay: .linear)
        #expect(abs(linear.rate(at: 25) - 1.5) < 1e-12 && linear.rate(at: 100) == 0)
        #expect(LearningRate(peak: 3, steps: 10, decay: .constant).rate(at: 9) == 3)
    }

    @Test("clipping shortens long gradients and leaves short ones")
    func clipping() throws {
        let gradients = ["a": try Tensor([3, 0], shape: [2]), "b": try Tensor([0, 4], shape: [2])]
        #expect(abs(Gradients.norm(gradients) - 5) < 1e-12)
        let clipped = Gradients.clipped(gradients, to: 1)
        #expect(abs(Gradients.norm(clipped) - 1) < 1e-6)
        #expect(abs((clipped["a"]?.elements[0] ?? 0) - 0.6) < 1e-6)
        #expect(Gradients.clipped(gradients, to: 6)["b"]?.elements == [0, 4])
    }

    @Test("a small network learns: the loss falls and the gradient is not zero", .tags(.planted))
    func learns() throws {
        var generator = SeededGenerator(seed: 1)
        func random(_ shape: Shape, _ scale: Double) throws -> Tensor {
            try Tensor((0..<shape.count).map { _ in Float(scale * generator.normal()) }, shape: shape)
        }
        // Planted: the class is the sign pattern of two inputs, which one linear layer cannot tell apart.
        let x = try random([200, 2], 1)
        let targets = (0..<200).map { Int32(x.elements[2 * $0] * x.elements[2 * $0 + 1] > 0 ? 1 : 0) }
        var parameters = ["up": try random([16, 2], 1), "down": try random([2, 16], 0.3)]
        var optimiser = Optimiser(.adamW())
        var losses: [Float] = []
        for _ in 0..<150 {
            let tape = Tape()
            let variables = parameters.mapValues { tape.watch($0) }
            let (up, down) = (try #require(variables["up"]), try #require(variables["down"]))
            let hidden = try x.linear(PackedMatrix(up)).applying(.gelu)
            let loss = try hidden.linear(PackedMatrix(down)).crossEntropy(targets)
            let slopes = try tape.gradients(of: loss, at: [up, down])
            let gradients = ["up": slopes[0], "down": slopes[1]]
            if losses.isEmpty { #expect(Gradients.norm(gradients) > 0.01) }
            losses.append(loss.elements[0])
            parameters = try optimiser.step(parameters, gradients, rate: 0.03)
        }
        #expect(losses[0] > 0.5 && losses[149] < 0.15, "\(losses[0]) to \(losses[149])")
    }
}
