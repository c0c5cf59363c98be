import Foundation
import Testing
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Gradients of an output")
struct OutputGradientTests {
    @Test("an objective is a logit, a difference or a log-probability, and its slope is its derivative")
    func objective() throws {
        let logits: [Float] = [0.5, -1, 2, 0.25]
        #expect(Objective.logit(2).value(of: logits) == 2)
        #expect(Objective.difference(2, 1).value(of: logits) == 3)
        let total = logits.reduce(0.0) { $0 + exp(Double($1)) }
        let expected = log((exp(0.5) + exp(-1)) / total)
        #expect(abs(Objective.logProbability([0, 1]).value(of: logits) - expected) < 1e-12)
        let objectives = [
            Objective.logit(0), .difference(3, 0), .logProbability([1]),
            Objective([0, 2], against: .tokens([1, 3])),
        ]
        for objective in objectives {
            let slope = objective.slope(of: logits)
            for token in logits.indices {
                var up = logits
                var down = logits
                up[token] += 0.01
                down[token] -= 0.01
                let change = (objective.value(of: up) - objective.value(of: down)) / 0.02
                #expect(abs(change - Double(slope[token])) < 1e-4)
            }
        }
        #expect(throws: EvidenceError.self) { try Objective.logit(4).check(vocabulary: 4) }
        #expect(throws: EvidenceError.self) { try Objective([]).check(vocabulary: 4) }
    }

    @Test(
        "adding a small vector to a token changes the objective by its gradient",
        arguments: [ModelFixture.llama, .gpt2])
    func gradients(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let layout = network.layout
        let texts = [layout.randomTokens(5, seed: 1), layout.randomTokens(3, seed: 2)]
        let sites: [Site] = [.residual(0), .mlpOutput(1)]
        let objective = Objective.difference(3, 7)
        let each = try OutputGradients(of: objective, texts, at: sites, in: network)
        let last = try OutputGradients(of: objective, texts, at: sites, in: network, keeping: .last)
        let sum = try OutputGradients(
            of: objective, texts, at: sites, in: network, keeping: .sum, batchTokens: 1)
        #expect(each.rows == [0..<5, 5..<8] && last.rows == [0..<1, 1..<2])
        for site in sites {
            let width = network.layout.width
            let gradients = try #require(each.gradients[site]).elements
            let summed = try #require(sum.gradients[site]).elements
            #expect(
                try #require(last.gradients[site]).elements.prefix(width) == gradients[4 * width..<5 * width])
            for j in 0..<width {
                let total = (0..<5).reduce(Float(0)) { $0 + gradients[$1 * width + j] }
                #expect(abs(total - summed[j]) < 1e-4 * max(1, abs(total)))
            }
            // A step along the summed gradient at all tokens of the first text.
            let length = summed.prefix(width).reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
            let step = 1e-2
            let unit = summed.prefix(width).map { Float(Double($0) / length) }
            func value(_ factor: Double) throws -> Double {
                var hooks = Hooks()
                hooks.add(
                    RowEdit { row in
                        for j in row.indices { row[j] += unit[j] * Float(factor) }
                    }, at: site)
                return try OutputGradients(of: objective, [texts[0]], at: [], in: network, under: hooks)
                    .values[0]
            }
            let change = (try value(step) - value(-step)) / (2 * step)
            #expect(abs(change - length) < 2e-2 * length, "\(change) \(length)")
        }
    }
}
