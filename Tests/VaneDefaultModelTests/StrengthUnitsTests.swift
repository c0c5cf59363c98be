import Foundation
import Synchronization
import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport
import VaneTokenizers

/// Keeps every row it reads.
private final class Recorder: Tap {
    private let kept = Mutex<[[Float]]>([])
    var rows: [[Float]] { kept.withLock { $0 } }

    func read(_ activation: Activation) {
        let rows = (0..<activation.rows).map { Array(activation[$0]) }
        kept.withLock { $0 += rows }
    }
}

/// One concept, three units, at two blocks whose activations differ in length: each does what it says, measured from outside.
@Suite("Strengths in three units")
struct StrengthUnitsTests {
    private let engine: Engine

    init() throws { engine = Engine(try DefaultModel.load()) }

    private func concept(_ name: String) throws -> Concept {
        try #require(try DefaultModel.concept(named: name))
    }

    private let texts = ["Dear Anna, the", "The film was", "I went to the market and"]

    /// The rows before and after the edits of an entry at its one site.
    private func rows(_ entry: SteeringPlan.Entry, _ concept: Concept, at site: Site) throws -> (
        before: [[Float]], after: [[Float]]
    ) {
        let model = engine.model
        let plan = try SteeringPlan([entry]).compile(with: [concept], for: model.network.layout)
        let (before, after) = (Recorder(), Recorder())
        for text in texts {
            var first = Hooks()
            first.add(before, at: site)
            var last = Hooks()
            last.add(after, at: site)
            let tokens = model.tokenizer.encode(text)
            let input = SequenceInput(
                state: model.network.makeSequence(), tokens: tokens,
                hooks: first.followed(by: plan.hooks).followed(by: last), promptLength: tokens.count)
            _ = try model.network.forward([input], output: .allLogits, through: nil)
        }
        return (before.rows, after.rows)
    }

    @Test(
        "0.95 is what the probe reads, 2norm is twice the typical length", .tags(.law),
        arguments: ["sentiment", "film"], [2, 4])
    func probabilityAndNorms(name: String, block: Int) throws {
        let concept = try concept(name)
        let site = Site.residual(block)
        let layer = try concept.layer(at: site)
        let aimed = try rows(
            SteeringPlan.Entry(
                concept: name, goal: .add, target: 0.95, sites: [site], scope: .all), concept, at: site)
        let read = aimed.after.map { layer.steering.probability($0) }
        let moved = zip(aimed.before, aimed.after).filter { $0 != $1 }
        print("\(name), block \(block): probe reads \(read.min() ?? 0) at least, \(moved.count) rows moved")
        #expect(read.allSatisfy { $0 > 0.95 - 1e-3 })
        // The least move: those that were moved are just there.
        #expect(!moved.isEmpty && moved.allSatisfy { abs(layer.steering.probability($0.1) - 0.95) < 1e-3 })

        var entry = SteeringPlan.Entry.steer(concept, .add, .norms(2), goal: .add)
        entry.sites = [site]
        let added = try rows(entry, concept, at: site)
        let lengths = zip(added.before, added.after).map { before, after in
            zip(before, after).reduce(0.0) { $0 + pow(Double($1.1 - $1.0), 2) }.squareRoot()
                / layer.result.typicalNorm
        }
        print(
            "\(name), block \(block): moved by \(lengths.min() ?? 0) to \(lengths.max() ?? 0) typical norms")
        #expect(!lengths.isEmpty && lengths.allSatisfy { abs($0 - 2) < 1e-3 })
    }

    @Test(
        "0.5kl is half a nat a token, also on texts that the search did not see", .tags(.planted),
        arguments: [2, 4])
    func divergence(block: Int) async throws {
        let concept = try concept("sentiment")
        let prompts = SteeringReport.prompts(40, seed: 91).map { engine.model.tokenizer.encode($0) }
        var entry = SteeringPlan.Entry.steer(concept, .add, .divergence(0.5), goal: .add)
        entry.sites = [.residual(block)]
        let search = try await StrengthSearch(
            SteeringPlan([entry]), with: [concept], prompts: Array(prompts[..<20]), engine: engine)
        let other = try await measured(search.plan, concept, on: Array(prompts[20...]))
        let half = try await measured(scaled(search.plan, 0.5), concept, on: Array(prompts[20...]))
        print(
            "block \(block): \(search.findings[0].sentence); on other texts \(other), half as strong \(half)")
        #expect(abs(search.findings[0].measured - 0.5) < 0.01)
        #expect((0.35...0.65).contains(other))
        // The control: half the strength is another divergence.
        #expect(half < 0.6 * other)
    }

    private func scaled(_ plan: SteeringPlan, _ factor: Double) -> SteeringPlan {
        var plan = plan
        if case .norms(let count) = plan.entries[0].strength {
            plan.entries[0].strength = .norms(factor * count)
        }
        return plan
    }

    /// The divergence by its definition, on continuations by the unsteered model.
    private func measured(_ plan: SteeringPlan, _ concept: Concept, on prompts: [[Int]]) async throws
        -> Double
    {
        let network = engine.model.network
        let hooks = try plan.compile(with: [concept], for: network.layout).hooks
        let requests = prompts.map {
            GenerationRequest(
                prompt: $0, maximumTokens: 24, sampling: SamplingOptions(temperature: 1, seed: 5))
        }
        let texts = try await engine.generate(requests)
        var (sum, count) = (0.0, 0)
        for (prompt, text) in zip(prompts, texts) where !text.tokens.isEmpty {
            func logProbabilities(_ hooks: Hooks) throws -> Tensor {
                let input = SequenceInput(
                    state: network.makeSequence(), tokens: prompt + text.tokens.dropLast(), hooks: hooks,
                    promptLength: prompt.count)
                return try #require(try network.forward([input], output: .allLogits, through: nil))
                    .logSoftmax()
            }
            let (plain, steered) = (try logProbabilities(Hooks()), try logProbabilities(hooks))
            let first = (prompt.count - 1) * plain.width
            for (p, q) in zip(plain.elements[first...], steered.elements[first...]) {
                sum += exp(Double(p)) * (Double(p) - Double(q))
            }
            count += text.tokens.count
        }
        return sum / Double(count)
    }
}
