import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Steering a whole network", .tags(.law))
struct FixtureModelTests {
    private let tokens = [17, 80, 42, 5, 100, 81, 7]

    /// A concept with a random probe at every block. Its bias makes it read low (or high) everywhere.
    private func concept(_ network: any SteerableNetwork, bias: Float, seed: UInt64 = 1) -> Concept {
        var generator = SeededGenerator(seed: seed)
        let probes = (0..<network.layout.depth).map { layer in
            let weights = generator.vector(network.layout.width, scale: 0.3)
            return (Site.residual(layer), LinearProbe(weights: weights, bias: bias))
        }
        return Concept("planted", probes: probes, model: identity(network.layout))
    }

    @Test(
        "no demand, or one already met, gives the logits of no plan bit for bit",
        arguments: PlantedModels.allCases)
    func nothing(model: PlantedModels) throws {
        let network = try model.network()
        let joy = concept(network, bias: 500)
        let plain = try lastLogits(network, tokens)
        let empty = try SteeringPlan().compile(with: [joy], for: network.layout)
        #expect(try lastLogits(network, tokens, empty.hooks).map(\.bitPattern) == plain.map(\.bitPattern))
        let met = try SteeringPlan([.add(joy, to: 0.9)]).compile(with: [joy], for: network.layout)
        #expect(try lastLogits(network, tokens, met.hooks).map(\.bitPattern) == plain.map(\.bitPattern))
        for entry in met.ledger.bySite.values { #expect(entry.rows == tokens.count && entry.moved == 0) }
        #expect(met.ledger.bySite.count == network.layout.depth)
        // Control: the opposite demand does move.
        let moved = try SteeringPlan([.remove(joy, to: 0.1)]).compile(with: [joy], for: network.layout)
        #expect(try lastLogits(network, tokens, moved.hooks) != plain)
    }

    @Test(
        "after each layer's edit the probe reads the target, on the stream steered so far",
        arguments: PlantedModels.allCases, [0.05, 0.999])
    func everyLayer(model: PlantedModels, target: Double) throws {
        let network = try model.network()
        let joy = concept(network, bias: -500)
        let plan = try SteeringPlan([.add(joy, to: target)]).compile(with: [joy], for: network.layout)
        let recorders = joy.layers.map { _ in (before: PlantedRecorder(), after: PlantedRecorder()) }
        var (before, after) = (Hooks(), Hooks())
        for (layer, recorder) in zip(joy.layers, recorders) {
            before.add(recorder.before, at: layer.site)
            after.add(recorder.after, at: layer.site)
        }
        let hooks = before.followed(by: plan.hooks).followed(by: after)
        // The prompt in one call, then token by token, as generation does it.
        let state = network.makeSequence()
        for part in [Array(tokens.prefix(4)), [81], [7], [9]] {
            let input = SequenceInput(state: state, tokens: part, hooks: hooks, promptLength: 4)
            _ = try network.forward([input], output: .lastLogits, through: nil)
        }
        for (layer, recorder) in zip(joy.layers, recorders) {
            #expect(recorder.after.rows.count == 7)
            for (first, row) in zip(recorder.before.rows, recorder.after.rows) {
                // Float rows of norm ~1e3 after moves this long: the probe's sum is good to about 1e-4.
                #expect(abs(layer.probe.logit(row) - LinearProbe.logit(ofProbability: target)) < 1e-3)
                #expect(layer.probe.probability(first) < 1e-3 * target, "it did not read so before the edit")
            }
        }
    }

    @Test("edits at residual streams reach the output", arguments: PlantedModels.allCases)
    func reach(model: PlantedModels) throws {
        let network = try model.network()
        let joy = concept(network, bias: 0)
        for scope in TokenScope.allCases {
            // A prompt state at the last block is read by no later token.
            let sites = (0..<(network.layout.depth - (scope == .prompt ? 1 : 0))).map(Site.residual)
            let plan = try SteeringPlan([.add(joy, to: 0.9, at: sites, scope: scope)])
                .compile(with: [joy], for: network.layout)
            try plan.requireReach(in: network, tokens: tokens)
            #expect(plan.ledger.bySite.isEmpty, "the test must not count as steering")
        }
    }

    @Test("edits that cannot reach the output are refused")
    func noReach() throws {
        let network = try PlantedModels.gpt2.network()
        let joy = concept(network, bias: 0)
        func code(_ plan: SteeringPlan, _ network: any SteerableNetwork, _ tokens: [Int]) -> SteeringError
            .Code?
        {
            do {
                try plan.compile(with: [joy], for: network.layout).requireReach(in: network, tokens: tokens)
            } catch { return (error as? SteeringError)?.code }
            return nil
        }
        let everywhere = SteeringPlan([.add(joy, to: 0.9)])
        #expect(code(everywhere, PlantedDeafNetwork(network), tokens) == .editWithoutEffect)
        #expect(code(everywhere, network, tokens) == nil)
        let lastPrompt = SteeringPlan([.add(joy, to: 0.9, at: [.residual(2)], scope: .prompt)])
        #expect(code(lastPrompt, network, tokens) == .editWithoutEffect)
        let prompt = SteeringPlan([.add(joy, to: 0.9, at: [.residual(0)], scope: .prompt)])
        #expect(
            code(prompt, network, [17]) == .editWithoutEffect, "a prompt of one token has no prompt state")
        #expect(code(prompt, network, [17, 80]) == nil)
        #expect(code(SteeringPlan(), PlantedDeafNetwork(network), tokens) == nil)
    }
}
