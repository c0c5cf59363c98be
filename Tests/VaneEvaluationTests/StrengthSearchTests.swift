import Foundation
import Testing
import VaneConcepts
import VaneEvaluation
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport
import VaneTokenizers

@Suite("The search for a strength of a given divergence")
struct StrengthSearchTests {
    private let bench: Workbench
    private let prompt: [Int]

    init() throws {
        bench = try Workbench()
        prompt = bench.engine.model.tokenizer.encode("The wind turned")
    }

    /// The divergence by its definition: both models' probabilities at every state that chose one of the
    /// tokens
    /// that the unsteered model wrote, summed in double precision from the logits.
    private func divergence(_ plan: SteeringPlan, _ tokens: [Int]) throws -> Double {
        let network = bench.engine.model.network
        let hooks = try plan.compile(with: [bench.concept], for: network.layout).hooks
        func probabilities(_ hooks: Hooks) throws -> [[Double]] {
            let input = SequenceInput(
                state: network.makeSequence(), tokens: prompt + tokens.dropLast(), hooks: hooks,
                promptLength: prompt.count)
            let logits = try #require(try network.forward([input], output: .allLogits, through: nil))
            let width = logits.width
            let values = logits.elements.map(Double.init)
            return (prompt.count - 1..<input.tokens.count).map { row in
                let scores = values[row * width..<(row + 1) * width].map { exp($0) }
                let sum = scores.reduce(0, +)
                return scores.map { $0 / sum }
            }
        }
        let (plain, steered) = (try probabilities(Hooks()), try probabilities(hooks))
        let sums = zip(plain, steered).map { p, q in
            zip(p, q).map { (a: Double, b: Double) -> Double in a * log(a / b) }.reduce(0, +)
        }
        return sums.reduce(0, +) / Double(sums.count)
    }

    @Test(
        "the divergence is the one asked for, to 1%", .tags(.planted),
        arguments: [
            (SteeringPlan.Operation.gcav, SteeringPlan.Goal.add), (.gcav, .remove), (.add, .add),
            (.add, .remove), (.addRestoringNorm, .add), (.rotate, .add), (.rotate, .remove),
            (.rotateTo, .add), (.rotateTo, .remove),
        ])
    func found(operation: SteeringPlan.Operation, goal: SteeringPlan.Goal) async throws {
        let plan = SteeringPlan([.steer(bench.concept, operation, .divergence(0.05), goal: goal)])
        let search = try await StrengthSearch(
            plan, with: [bench.concept], prompts: [prompt], engine: bench.engine,
            options: StrengthSearch.Options(seeds: 1))
        let finding = try #require(search.findings.first)
        print("\(operation.name) \(goal): \(finding.sentence)")
        #expect(search.findings.count == 1 && search.plan.entries[0].strength == finding.strength)
        #expect(abs(finding.measured - 0.05) <= 0.01 * 0.05)
        // The same text, measured by another route.
        let sampling = SamplingOptions(temperature: 1, seed: 0)
        let text = try await bench.engine.generate([
            GenerationRequest(prompt: prompt, maximumTokens: 24, sampling: sampling)
        ])[0].tokens
        let measured = try divergence(search.plan, text)
        #expect(abs(measured - 0.05) < 0.012 * 0.05, "\(measured)")
        // Control: another strength has another divergence, and none has none.
        #expect(try abs(divergence(SteeringPlan(), text)) < 1e-6)
        if case .norms(let count) = finding.strength {
            var other = search.plan
            other.entries[0].strength = .norms(1.2 * count)
            #expect(try abs(divergence(other, text) - 0.05) > 0.1 * 0.05)
        }
        let again = try await StrengthSearch(
            plan, with: [bench.concept], prompts: [prompt], engine: bench.engine,
            options: StrengthSearch.Options(seeds: 1))
        #expect(again.findings == search.findings, "searches repeat")
    }

    @Test("a plan without divergences is not touched, and each divergence is searched by itself")
    func several() async throws {
        let fixed = SteeringPlan([.add(bench.concept, to: 0.9)])
        #expect(!fixed.asksForDivergence)
        let same = try await StrengthSearch(fixed, with: [bench.concept], prompts: [], engine: bench.engine)
        #expect(same.plan == fixed && same.findings.isEmpty)
        let one = SteeringPlan.Entry.steer(bench.concept, .add, .divergence(0.05))
        let two = SteeringPlan([one, .add(bench.concept, to: 0.9), one])
        let search = try await StrengthSearch(
            two, with: [bench.concept], prompts: [prompt], engine: bench.engine)
        #expect(search.findings.count == 2 && search.findings[0] == search.findings[1])
        #expect(search.plan.entries[1] == two.entries[1] && !search.plan.asksForDivergence)
    }

    @Test("what cannot be had is refused")
    func refused() async throws {
        func code(_ operation: SteeringPlan.Operation, _ asked: Double, _ prompts: [[Int]]) async
            -> EvaluationError.Code?
        {
            do {
                _ = try await StrengthSearch(
                    SteeringPlan([.steer(bench.concept, operation, .divergence(asked))]),
                    with: [bench.concept], prompts: prompts, engine: bench.engine)
            } catch { return (error as? EvaluationError)?.code }
            return nil
        }
        #expect(await code(.addRestoringNorm, 1e4, [prompt]) == .unreachableDivergence)
        #expect(await code(.add, 0.05, []) == .unusableInput)
        #expect(await code(.add, 0.05, [prompt]) == nil)
    }

    @Test("a comparison searches for itself and says what it found")
    func comparison() async throws {
        let plan = SteeringPlan([.steer(bench.concept, .add, .divergence(0.05))])
        let comparison = try await SteeringComparison(
            prompt: "The wind turned", plan: plan, concepts: [bench.concept],
            request: GenerationRequest(prompt: [], maximumTokens: 5), engine: bench.engine)
        #expect(comparison.notes.first?.contains("0.05 nats") == true, "\(comparison.notes)")
        #expect(!comparison.plan.asksForDivergence && plan.asksForDivergence)
        #expect(comparison.ledger.values.contains { $0.moved > 0 })
    }
}
