import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Blocks of two prompts' differences")
struct ActivationAdditionTests {
    private let network = PlantedNetwork(amplitudes: [1, 2], width: 8, seed: 5)

    private func difference(_ a: Int, _ b: Int, layer: Int = 1) -> [Float] {
        zip(network.activation(layer: layer, token: a), network.activation(layer: layer, token: b)).map {
            $0 - $1
        }
    }

    @Test("the block is the difference of the hidden states, the shorter prompt padded on the right")
    func states() throws {
        let learner = ActivationAddition(padding: 40)
        let block = try learner.block([3, 8, 11], against: [6], at: .residual(1), in: network)
        #expect(block == [difference(3, 6), difference(8, 40), difference(11, 40)])
        // Padded on the left, or read at another block, it would be another one.
        #expect(block != [difference(3, 40), difference(8, 40), difference(11, 6)])
        #expect(
            try block != learner.block([3, 8, 11], against: [6], at: .residual(0), in: network))
        let longer = try learner.block([3], against: [6, 7], at: .residual(1), in: network)
        #expect(longer == [difference(3, 6), difference(40, 7)])
    }

    @Test("swapped prompts give the negative; a token at one place of both leaves nothing", .tags(.law))
    func swapped() throws {
        let learner = ActivationAddition(padding: 40)
        let block = try learner.block([2, 8, 11], against: [2, 6], at: .residual(0), in: network)
        let swapped = try learner.block([2, 6], against: [2, 8, 11], at: .residual(0), in: network)
        #expect(swapped == block.map { $0.map { -$0 } })
        #expect(block[0].allSatisfy { $0 == 0 } && block[1].contains { $0 != 0 })
    }

    @Test("in a transformer it is the difference of the residual streams a recorder reads, at all positions")
    func transformer() throws {
        let model = try PlantedModels.gpt2.network()
        let prompts = [[5, 9, 2], [7, 1, 1]]
        let site = Site.residual(1)
        let states = try prompts.map { try Harvest([$0], at: [site], in: model, pooling: .tokens) }
        let rows = try states.map { try #require($0.activations[site]).elements }
        let block = try ActivationAddition(padding: 1).block(
            [5, 9, 2], against: [7], at: site, in: model)
        #expect(block.count == 3)
        #expect(Array(block.joined()) == zip(rows[0], rows[1]).map { $0 - $1 })
    }

    @Test("a prompt without tokens, and two that leave the same, are refused")
    func refusals() {
        let learner = ActivationAddition(padding: 40)
        for (a, b) in [([], [1]), ([1], []), ([3, 4], [3, 4]), ([3], [3, 40])] as [([Int], [Int])] {
            #expect(throws: ConceptError.self) {
                try learner.block(a, against: b, at: .residual(0), in: network)
            }
        }
    }
}
