import Foundation
import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VaneSites
import VaneTensors
import VaneTestSupport

/// Choosing a method where it is known what steering should do.
@Suite("Choosing method, layers, scope and strength")
struct SelectionTests {
    private let engine: Engine

    init() throws { engine = Engine(try DefaultModel.load()) }

    private var options: MethodSelection.Options {
        MethodSelection.Options(
            learners: [LogisticCAV(), DifferenceOfMeans()], scopes: [.all], firstTexts: 4,
            learning: LearningOptions(resamples: 10))
    }

    private func examples(_ count: Int) throws -> ExampleSet {
        try #require(StarterConcept.all.first { $0.name == "formality" }).examples(count, seed: 41)
    }

    @Test(
        "the choice works on examples that took no part, at the cost asked for; a random direction and mixed classes do not",
        .tags(.planted, .slow))
    func chooses() async throws {
        let set = try examples(160)
        let selection = try await MethodSelection("formality", from: set, engine: engine, options: options)
        print(
            "chose \(selection.chosen.candidate): gain \(selection.reportedGain), cost \(selection.reportedCost), random "
                + "\(selection.randomGain)")
        #expect(selection.reportedGain.low > 0)
        #expect(selection.reportedGain.value > selection.randomGain.value + 0.05)
        #expect((0.05...0.2).contains(selection.reportedCost), "a budget of 0.1 nats")
        #expect(selection.concept.defaultSites == selection.chosen.candidate.sites)
        #expect(selection.reportedTexts == 80 && selection.trials.count > 20)
        let best = try #require(selection.finalists.max { $0.matchedShift < $1.matchedShift })
        #expect(best.trial == selection.chosen && best.shift > 0)
        #expect((2...5).contains(selection.finalists.count), "two methods and the natural gradient")
        // These sentences come in several versions, so words do not tell them apart and no effect is claimed.
        #expect(selection.concept.effect == nil)

        // The control: both classes hold the same mixture, so there is nothing to steer towards.
        var generator = SeededGenerator(seed: 2)
        let all = generator.shuffled(set.positive + set.negative)
        let mixed = try ExampleSet(positive: Array(all[..<160]), negative: Array(all[160...]))
        let nothing = try await MethodSelection("nothing", from: mixed, engine: engine, options: options)
        #expect(nothing.reportedGain.low < 0.02, "\(nothing.reportedGain)")
        #expect(nothing.reportedGain.value < selection.reportedGain.value / 2)
    }

    @Test(
        "a stopped selection goes on from its journal to the same result, another one begins anew",
        .tags(.law, .slow))
    func resumes() async throws {
        let set = try examples(24)
        let folder = try ProcessFolder()
        let path = folder.path + "/trials.jsonl"
        let whole = try await MethodSelection(
            "f", from: set, engine: engine, options: options, journal: path)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == whole.trials.count + 1)
        // Killed in the middle of a line.
        try (lines[..<12].joined(separator: "\n") + "\n" + lines[12].prefix(20)).write(
            toFile: path, atomically: true, encoding: .utf8)
        let resumed = try await MethodSelection(
            "f", from: set, engine: engine, options: options, journal: path)
        #expect(resumed.trials == whole.trials && resumed.concept == whole.concept)
        #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") == lines)
        var other = options
        other.budget = 0.2
        let different = try await MethodSelection(
            "f", from: set, engine: engine, options: other, journal: path)
        #expect(different.trials != whole.trials)
    }

    @Test("texts that may hardly differ weaken the choice", .tags(.law, .slow))
    func weakened() async throws {
        let set = try examples(24)
        let free = try await MethodSelection("f", from: set, engine: engine, options: options)
        var tight = options
        tight.maximumPerplexity = 1.01
        let held = try await MethodSelection("f", from: set, engine: engine, options: tight)
        print(
            "restraint \(free.restraint) and \(held.restraint), cost \(free.reportedCost) and \(held.reportedCost)"
        )
        #expect(free.restraint == 1 && held.restraint < 1)
        #expect(held.reportedCost < free.reportedCost)
    }

    @Test("too few examples, a place that cannot be written, and a budget nothing meets are refused")
    func refused() async throws {
        let few = try ExampleSet(
            positive: (0..<8).map { "It was good \($0)." }, negative: (0..<8).map { "It was bad \($0)." })
        await #expect(throws: EvaluationError.self) {
            try await MethodSelection(
                "f", from: few, engine: engine, options: options, journal: "/no such folder/trials.jsonl")
        }
        var tiny = options
        tiny.budget = 1e-12
        let refused = tiny
        await #expect(throws: EvaluationError.self) {
            try await MethodSelection("f", from: few, engine: engine, options: refused)
        }
    }
}
