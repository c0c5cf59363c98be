import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

/// Whole networks under a plan with every kind of edit: how the tokens come in must not matter.
@Suite("Mixed plans in whole networks", .tags(.law))
struct MixedNetworkTests {
    private let tokens = [17, 80, 42, 5, 100, 81, 7]
    private let prompt = 4

    private func concept(_ name: String, _ layout: NetworkLayout, _ sites: [Site], seed: UInt64) throws
        -> Concept
    {
        var generator = SeededGenerator(seed: seed)
        let probes = try sites.map {
            ($0, LinearProbe(weights: generator.vector(try layout.width(of: $0), scale: 0.3), bias: 0))
        }
        return Concept(name, probes: probes, model: identity(layout), typicalNorm: 1)
    }

    private func plan(_ layout: NetworkLayout) throws -> CompiledPlan {
        let residuals = (0..<layout.depth).map(Site.residual)
        let joy = try concept("joy", layout, residuals + [.head(layer: 1, head: 1)], seed: 1)
        let film = try concept("film", layout, residuals + [.embedding], seed: 2)
        let gate = Gate("film", .above, 0.5, at: .embedding)
        let map = TransportMap(
            scale: [Float](repeating: 0.9, count: layout.width),
            offset: [Float](repeating: 0.1, count: layout.width))
        return try SteeringPlan([
            .steer(joy, .add, .norms(2), at: [.residual(0)], schedule: .decay(factor: 0.7)),
            .steer(joy, .addRestoringNorm, .norms(1), at: [.head(layer: 1, head: 1)], gate: gate),
            .steer(film, .rotate, .degrees(20), at: [.residual(1)], schedule: .after(token: 5)),
            .steer(film, .project, nil, goal: .remove, at: [.residual(0)], gate: Gate("joy", .below, 0.6)),
            .apply(.neurons(NeuronClamp([0, 3], to: 2)), named: "n", at: [.mlpHidden(1)], scope: .generated),
            .apply(.transport(map), named: "t", at: [.residual(1)], schedule: .tokens(first: 1, end: 3)),
            .steer(
                joy, .gcav, .probability(0.9), at: [.residual(1)], schedule: .decay(factor: 0.9), gate: gate),
        ]).compile(with: [joy, film], for: layout)
    }

    private func logits(_ network: any SteerableNetwork, _ parts: [[Int]], _ hooks: Hooks) throws -> [Float] {
        let state = network.makeSequence()
        var last: [Float] = []
        for part in parts {
            let input = SequenceInput(state: state, tokens: part, hooks: hooks, promptLength: prompt)
            last = try network.forward([input], output: .lastLogits, through: nil)?.elements ?? []
        }
        return last
    }

    @Test("one pass, token by token and in a batch: the same bits", arguments: PlantedModels.allCases)
    func sameBits(model: PlantedModels) throws {
        let network = try model.network()
        let plan = try plan(network.layout)
        let whole = try logits(network, [tokens], plan.hooks)
        #expect(try logits(network, tokens.map { [$0] }, plan.hooks) == whole)
        #expect(
            try logits(network, [Array(tokens.prefix(4))] + tokens.dropFirst(4).map { [$0] }, plan.hooks)
                == whole)
        // In a batch beside other texts that share the hooks and so the gates.
        let texts = [[3, 9, 5, 5, 60], tokens, [200, 5, 1, 2, 3, 4, 5, 6, 7]]
        let inputs = texts.map {
            SequenceInput(state: network.makeSequence(), tokens: $0, hooks: plan.hooks, promptLength: prompt)
        }
        let batch = try #require(try network.forward(inputs, output: .lastLogits, through: nil))
        #expect(Array(batch.elements[batch.width..<2 * batch.width]) == whole)
        // Control: the plan does something, and so does each of its edits.
        #expect(try logits(network, [tokens], Hooks()) != whole)
        #expect(plan.ledger.bySite.values.allSatisfy { $0.moved > 0 }, "\(plan.ledger.bySite)")
    }

    @Test("a schedule after a marker begins at the marker's own state", arguments: PlantedModels.allCases)
    func marker(model: PlantedModels) throws {
        let network = try model.network()
        let joy = try concept("joy", network.layout, [.residual(1)], seed: 3)
        func touched(_ token: Int, _ parts: [[Int]]) throws -> [Bool] {
            let plan = try SteeringPlan([.steer(joy, .add, .norms(3), schedule: .after(token: token))])
                .compile(with: [joy], for: network.layout)
            let (before, after) = (PlantedRecorder(), PlantedRecorder())
            var (first, last) = (Hooks(), Hooks())
            first.add(before, at: .residual(1))
            last.add(after, at: .residual(1))
            _ = try logits(network, parts, first.followed(by: plan.hooks).followed(by: last))
            try plan.requireReach(in: network, tokens: tokens)
            return zip(before.rows, after.rows).map { $0 != $1 }
        }
        for parts in [[tokens], tokens.map { [$0] }] {
            #expect(try touched(5, parts) == [false, false, false, true, true, true, true])
            #expect(try touched(7, parts) == [false, false, false, false, false, false, true])
            #expect(try touched(9, parts) == [Bool](repeating: false, count: 7), "a marker that never comes")
        }
    }

    @Test("a failed pass leaves no tokens behind")
    func failedPass() throws {
        let network = try PlantedModels.gpt2.network()
        let joy = try concept("joy", network.layout, [.residual(1)], seed: 3)
        let plan = try SteeringPlan([.steer(joy, .add, .norms(3), schedule: .after(token: 5))])
            .compile(with: [joy], for: network.layout)
        let state = network.makeSequence()
        let good = SequenceInput(state: state, tokens: [5, 5], hooks: plan.hooks, promptLength: 4)
        let bad = SequenceInput(state: network.makeSequence(), tokens: [-1], promptLength: 1)
        #expect(throws: SiteError.self) {
            try network.forward([good, bad], output: .lastLogits, through: nil)
        }
        let next = SequenceInput(state: state, tokens: [17, 80], hooks: plan.hooks, promptLength: 4)
        let after = try network.forward([next], output: .lastLogits, through: nil)?.elements
        #expect(try after == logits(network, [[17, 80]], Hooks()), "token 5 was never read")
    }
}
