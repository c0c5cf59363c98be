import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvidence
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("What recall rests on in the built-in model")
struct RecallModelTests {
    private let model: BuiltIn
    private let network: any DifferentiableNetwork & InspectableNetwork

    init() throws {
        model = try BuiltIn()
        network = try #require(model.network as? any DifferentiableNetwork & InspectableNetwork)
    }

    /// Statements up to their object, with the object's first token, that the model completes right.
    private func facts(_ count: Int) throws -> [FactualRecall.Fact] {
        var found: [FactualRecall.Fact] = []
        var generator = SeededGenerator(seed: 31)
        for fact in generator.shuffled(PlantedFact.all) where found.count < count {
            let statement = fact.statements[0]
            guard let place = statement.ranges(of: fact.object).last else { continue }
            let before = model.tokens(String(statement[..<place.lowerBound].dropLast()))
            let whole = model.tokens(String(statement[..<place.upperBound]))
            guard whole.starts(with: before), before.count < whole.count else { continue }
            let prompt = (model.start.map { [$0] } ?? []) + before
            let logits = try model.logits(prompt)
            let best = logits.indices.max { logits[$0] < logits[$1] }
            if best == whole[before.count] {
                found.append(.init(prompt: prompt, answer: whole[before.count]))
            }
        }
        try #require(found.count == count, "\(found.count) facts are known")
        return found
    }

    private func logProbability(_ fact: FactualRecall.Fact, _ hooks: Hooks) throws -> Double {
        try OutputGradients(
            of: .logProbability([fact.answer]), [fact.prompt], at: [], in: network, under: hooks
        ).values[0]
    }

    @Test(
        "silencing the neurons an answer is attributed to costs it at least five times as much as others",
        .tags(.planted))
    func neurons() throws {
        let facts = try facts(20)
        var generator = SeededGenerator(seed: 32)
        var (top, random) = (0.0, 0.0)
        for fact in facts {
            let found = try NeuronAttribution(
                of: .logProbability([fact.answer]), fact.prompt, in: network)
            let others = generator.shuffled(found.neurons.dropFirst(20)).prefix(20)
            top +=
                found.value
                - (try logProbability(fact, NeuronAttribution.silencing(found.neurons.prefix(20))))
            random += found.value - (try logProbability(fact, NeuronAttribution.silencing(others)))
        }
        let count = Double(facts.count)
        print("20 neurons silenced: top \(top / count) nats, random \(random / count)")
        #expect(top / count > 0.5 && top > 5 * abs(random))
    }

    @Test(
        "replacing the token with the largest integrated gradient changes the contrast more than replacing another",
        .tags(.planted))
    func inputs() throws {
        let facts = try facts(12)
        var generator = SeededGenerator(seed: 33)
        let start = model.start ?? 0
        var (top, random, gap, coarse) = (0.0, 0.0, 0.0, 0.0)
        for (number, fact) in facts.enumerated() {
            let others = facts.map(\.answer).filter { $0 != fact.answer }
            let objective = Objective.difference(fact.answer, others[number % others.count])
            let fine = try InputAttribution.integratedGradients(
                of: objective, fact.prompt, from: .token(start), steps: 48, in: network)
            let single = try InputAttribution.integratedGradients(
                of: objective, fact.prompt, from: .token(start), steps: 1, in: network)
            let change = max(1, abs(fine.value - (fine.baselineValue ?? 0)))
            gap += (fine.gap ?? .nan) / change / Double(facts.count)
            coarse += (single.gap ?? .nan) / change / Double(facts.count)
            func drop(_ position: Int) throws -> Double {
                var tokens = fact.prompt
                tokens[position] = start
                let value = try OutputGradients(of: objective, [tokens], at: [], in: network).values[0]
                return abs(fine.value - value) / Double(facts.count)
            }
            let places = Array(1..<fact.prompt.count)
            let best = try #require(places.max { abs(fine.scores[$0]) < abs(fine.scores[$1]) })
            top += try drop(best)
            random += try drop(generator.shuffled(places.filter { $0 != best })[0])
        }
        print(
            "integrated gradients: top token \(top), another \(random); missing \(gap), with one step \(coarse)"
        )
        #expect(top > 1.5 * random && gap < 0.05 && coarse > 3 * gap)
    }

    @Test(
        "taking away the heads that write the answers halves their probability; other heads cost little",
        .tags(.planted))
    func recall() throws {
        let found = try FactualRecall(facts(30), in: network)
        print(
            "p(answer) \(found.probability), without the top 3 heads \(found.withoutTopHeads), without 3 others "
                + "\(found.withoutRandomHeads); damped by the last block on \(found.damped) of \(found.prompts), "
                + "p = \(found.dampingPValue); \(found.contributions.prefix(4).map { "\($0.part) \($0.value)" })"
        )
        #expect(found.withoutTopHeads < 0.5 * found.probability)
        #expect(found.withoutRandomHeads > 0.9 * found.probability)
    }
}
