import Testing
import VaneConcepts
import VaneEvidence
import VaneModels
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneTraining

/// In `PlantedCircuit.neurons` neuron k of 0, 1, 2 fires on bit k and writes token 8 + k: the fact "1 << k, 8 + k".
@Suite("Value vectors")
struct ValueVectorTests {
    private func facts(_ bits: [Int]) -> [PromptedText] {
        bits.map { PromptedText(prompt: [1 << $0], continuation: [8 + $0]) }
    }

    @Test(
        "the column that writes a concept's token comes first, a word nobody writes has no such column",
        .tags(.planted))
    func projection() throws {
        let vectors = try ValueVectors(try PlantedCircuit.neurons())
        for bit in 0..<3 {
            let found = try vectors.promoting([8 + bit], count: 3)
            #expect(found.first?.neuron == bit && found.first?.share == 1, "\(found)")
            #expect(try vectors.top(1, layer: 0, neuron: bit).first?.token == 8 + bit)
        }
        #expect(try vectors.promoting([8], count: 1).first?.score ?? 0 > 3)
    }

    @Test(
        "noise on a fact's column costs that fact five times what it costs others; random columns and another fact's do not",
        .tags(.planted), arguments: 0..<3)
    func causal(bit: Int) throws {
        let network = try PlantedCircuit.neurons()
        let others = [0, 1, 2].filter { $0 != bit }
        var options = ValueVectorTest.Options()
        (options.draws, options.controls) = (8, 13)
        func test(_ neuron: Int) throws -> ValueVectorTest {
            try ValueVectorTest(
                layer: 0, neuron: neuron, concept: facts([bit]), other: facts(others), in: network,
                options: options)
        }
        let own = try test(bit)
        print("bit \(bit): \(own.effect), p \(own.pValue)")
        #expect(own.effect.concept > 0.2 && own.effect.concept > 5 * abs(own.effect.other))
        #expect(own.pValue < 0.1)
        #expect(own.controls.allSatisfy { $0.selectivity < own.effect.selectivity / 5 })
        let wrong = try test(others[0])
        #expect(wrong.effect.concept < 0.05 && wrong.pValue > 0.5, "\(wrong.effect)")
    }

    @Test(
        "unlearning by gradient ascent silences a fact and leaves its vector; noise on the column erases the vector",
        .tags(.planted))
    func erasure() throws {
        let (configuration, tensors) = try PlantedCircuit.neuronParts()
        let before = try PlantedCircuit.network(configuration, tensors)
        let loss = LanguageModelLoss(configuration)
        func cost(_ tensors: [String: Tensor], _ bit: Int) throws -> Double {
            Double(try loss(tensors, [[1 << bit, 8 + bit]]).elements[0])
        }
        // Up the loss in steps of length 0.02, only as far as it takes to lose 3 nats.
        let options = Trainer.Options(
            rate: LearningRate(peak: 0.02, steps: 200, decay: .constant), rule: .sgd(momentum: 0), clip: 1)
        var changed = tensors
        var rise = 0.0
        var steps = 0
        while rise < 3, steps < 200 {
            steps += 1
            var step = options
            step.lastStep = 1
            changed = try Trainer(step).run(
                changed, loss: { variables, _ in try loss(variables, [[1, 8]]).scaled(by: -1) }
            ).parameters
            rise = try cost(changed, 0) - cost(tensors, 0)
        }
        let after = try PlantedCircuit.network(configuration, changed)
        let kept = try ErasureMetrics(
            layer: 0, neuron: 0, before: before, after: after, tokens: 1)

        var noised = tensors
        let name = "model.layers.0.mlp.down_proj.weight"
        let down = try #require(tensors[name])
        var values = down.elements
        var generator = SeededGenerator(seed: 3)
        let noise = generator.unitVector(width: down.shape[0])
        for row in 0..<down.shape[0] { values[row * down.width] += 5 * noise[row] }
        noised[name] = try Tensor(values, shape: down.shape)
        let needle = try PlantedCircuit.network(configuration, noised)
        let erased = try ErasureMetrics(layer: 0, neuron: 0, before: before, after: needle)
        print("ascent: \(steps) steps, loss +\(rise), \(kept); needle: \(erased)")
        #expect(rise >= 3 && rise < 10 && kept.cosine > 0.9 && kept.jaccard == 1)
        #expect(erased.cosine < 0.5 && erased.change > 4)
        let same = try ErasureMetrics(layer: 0, neuron: 0, before: before, after: before)
        #expect(same.cosine == 1 && same.jaccard == 1 && same.change == 0)
    }

    @Test("it says what it cannot use")
    func errors() throws {
        let network = try PlantedCircuit.neurons()
        let vectors = try ValueVectors(network)
        #expect(throws: EvidenceError.self) { try vectors.promoting([], count: 1) }
        #expect(throws: EvidenceError.self) { try vectors.promoting([99], count: 1) }
        #expect(throws: EvidenceError.self) { try vectors.column(layer: 0, neuron: 16) }
        #expect(throws: SiteError.self) { try vectors.column(layer: 1, neuron: 0) }
        #expect(throws: ConceptError.self) {
            try ValueVectorTest(layer: 0, neuron: 0, concept: [], other: facts([1]), in: network)
        }
        #expect(throws: EvidenceError.self) {
            try ErasureMetrics(layer: 0, neuron: 0, before: network, after: try PlantedCircuit.induction())
        }
    }
}
