import Testing
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Attributions")
struct AttributionTests {
    @Test(
        "what heads, MLPs and biases add is the logit difference; without the largest part it is not",
        .tags(.law), arguments: [ModelFixture.llama, .gpt2, .gptNeo])
    func directAttribution(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(6, seed: 5)
        for objective in [Objective.logit(3), .difference(3, 9), .logProbability([4])] {
            let found = try DirectLogitAttribution(of: objective, tokens, in: network)
            let parts = network.layout.depth * (network.layout.heads + 2) + 2
            #expect(found.contributions.count == parts)
            let scale = found.contributions.reduce(0) { max($0, abs($1.value)) }
            #expect(abs(found.sum - found.total) < 1e-3 * max(1, scale), "\(found.sum) \(found.total)")
            if objective.reference != .everything { #expect(abs(found.total - found.value) < 1e-4) }
            // Control: leave out the part that adds most.
            let without = found.contributions.map(\.value).sorted { abs($0) < abs($1) }.dropLast()
            #expect(abs(without.reduce(0, +) - found.total) > 10 * abs(found.sum - found.total) + 1e-3)
            #expect(found.heads.count == network.layout.depth * network.layout.heads)
        }
    }

    @Test(
        "integrated gradients add up to the change from the baseline; one step and gradient × input do not",
        .tags(.law), arguments: [ModelFixture.llama, .gpt2])
    func completeness(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(5, seed: 6)
        let objective = Objective.difference(3, 9)
        func integrated(_ steps: Int, _ site: Site) throws -> InputAttribution {
            try InputAttribution.integratedGradients(
                of: objective, tokens, from: .token(1), steps: steps, at: site, in: network)
        }
        for site in [Site.embedding, .residual(0)] {
            let fine = try integrated(64, site)
            let change = abs(fine.value - (fine.baselineValue ?? 0))
            let (gap, coarse) = (try #require(fine.gap), try #require(try integrated(1, site).gap))
            #expect(gap < 0.02 * max(change, 0.1), "\(gap) of \(change)")
            #expect(coarse > 3 * gap, "\(coarse) \(gap)")
        }
        let product = try InputAttribution.gradientTimesInput(of: objective, tokens, in: network)
        #expect(product.gap == nil && product.scores.count == tokens.count)
        // Swapping the two tokens of a contrast turns every score around.
        let turned = try InputAttribution.gradientTimesInput(
            of: .difference(9, 3), tokens, in: network)
        for (a, b) in zip(product.scores, turned.scores) { #expect(abs(a + b) < 1e-4 * max(1, abs(a))) }
    }

    @Test(
        "attention patterns are causal and sum to 1, and make the head's values out of the tokens' values",
        .tags(.law), arguments: [ModelFixture.llama, .gpt2, .gptNeo])
    func patterns(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let layout = network.layout
        let tokens = layout.randomTokens(9, seed: 7)
        let patterns = try network.attentionPatterns(of: tokens)
        #expect(patterns.count == layout.depth)
        for (_, heads) in patterns {
            #expect(heads.count == layout.heads)
            for matrix in heads {
                let weights = matrix.elements
                for row in 0..<9 {
                    let parts = weights[row * 9..<(row + 1) * 9]
                    #expect(abs(parts.reduce(0, +) - 1) < 1e-5)
                    #expect(parts.dropFirst(row + 1).allSatisfy { $0 < 1e-30 })
                }
            }
        }
        guard fixture == .llama else { return }
        for layer in 0..<layout.depth {
            let before: Site = layer == 0 ? .embedding : .residual(layer - 1)
            let recorder = ActivationRecorder()
            let heads = (0..<layout.heads).map { Site.head(layer: layer, head: $0) }
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: recorder.hooks(at: [before] + heads),
                promptLength: 9)
            _ = try network.forward([input], output: .none)
            let gain = try #require(try network.weights(of: .attentionNormGain(layer))).elements
            let normed = recorder.rows(at: before).flatMap { row in
                let square = row.reduce(Float(0)) { $0 + $1 * $1 } / Float(row.count)
                return zip(row, gain).map { $0 * $1 / square.squareRoot() }
            }
            let states = try Tensor(normed, shape: [9, layout.width])
            for head in 0..<layout.heads {
                let value = try #require(try network.weights(of: .value(layer: layer, head: head)))
                let values = try states.linear(PackedMatrix(value))
                let pattern = try #require(patterns[layer])[head]
                let made = try pattern.matmul(values).elements
                let own = recorder.rows(at: heads[head]).flatMap(\.self)
                let worst = zip(made, own).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
                // The norm's epsilon is left out here.
                #expect(worst < 1e-2 * (own.reduce(0) { max($0, abs($1)) }), "\(worst)")
                let other = try #require(patterns[layer])[(head + 1) % layout.heads]
                let wrong = zip(try other.matmul(values).elements, own)
                    .reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
                #expect(wrong > 2 * worst, "another head's pattern: \(wrong) \(worst)")
            }
        }
    }

    @Test(
        "roll-out keeps all of the weight, looks back only, and is the identity without blocks", .tags(.law))
    func rollout() throws {
        let network = try ModelFixture.gpt2.load()
        let tokens = network.layout.randomTokens(6, seed: 8)
        let all = try AttentionRollout(tokens, in: network).rows
        for (row, parts) in all.enumerated() {
            #expect(abs(parts.reduce(0, +) - 1) < 1e-5)
            #expect(parts.dropFirst(row + 1).allSatisfy { $0 == 0 })
        }
        let none = try AttentionRollout(tokens, through: 0, in: network).rows
        #expect(none.enumerated().allSatisfy { row, parts in parts[row] == 1 })
        let one = try AttentionRollout(tokens, through: 1, in: network).rows
        let heads = try #require(try network.attentionPatterns(of: tokens, layers: [0])[0]).map(\.elements)
        for target in 0..<6 {
            let mean = heads.reduce(0.0) { $0 + Double($1[5 * 6 + target]) } / Double(heads.count)
            #expect(abs(one[5][target] - (mean / 2 + (target == 5 ? 0.5 : 0))) < 1e-6)
        }
        #expect(throws: EvidenceError.self) { try AttentionRollout(tokens, through: 99, in: network) }
        #expect(throws: SiteError.self) { try network.attentionPatterns(of: tokens, layers: [-1]) }
    }

    @Test(
        "a silenced neuron takes about as much as its attribution says, taken away in small parts",
        .tags(.law))
    func neurons() throws {
        let network = try ModelFixture.llama.load()
        let tokens = network.layout.randomTokens(6, seed: 9)
        let found = try NeuronAttribution(of: .difference(3, 9), tokens, in: network)
        #expect(found.neurons.count == network.layout.depth * network.layout.mlpWidth)
        let neuron = try #require(found.neurons.first)
        var hooks = Hooks()
        hooks.add(
            RowEdit { $0[neuron.index] *= 0.99 }, at: .mlpHidden(neuron.layer))
        let objective = Objective.difference(3, 9)
        let moved = try OutputGradients(of: objective, [tokens], at: [], in: network, under: hooks).values[0]
        let change = (found.value - moved) * 100
        #expect(abs(change - neuron.score) < 0.05 * abs(neuron.score) + 1e-3, "\(change) \(neuron.score)")
    }

    @Test("hostile input gives errors")
    func errors() throws {
        let network = try ModelFixture.llama.load()
        #expect(throws: EvidenceError.self) {
            try DirectLogitAttribution(of: .logit(-1), [1, 2], in: network)
        }
        #expect(throws: EvidenceError.self) { try DirectLogitAttribution(of: .logit(1), [], in: network) }
        #expect(throws: EvidenceError.self) {
            try InputAttribution.integratedGradients(of: .logit(1), [1], from: .zero, steps: 0, in: network)
        }
        #expect(throws: EvidenceError.self) {
            try InputAttribution.gradientTimesInput(of: .logit(1), [], in: network)
        }
        #expect(throws: (any Error).self) {
            try InputAttribution.integratedGradients(
                of: .logit(1), [1, 2], from: .token(1 << 30), in: network)
        }
    }
}
