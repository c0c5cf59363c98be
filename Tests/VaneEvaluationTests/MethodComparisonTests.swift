import Foundation
import Testing
import VaneConcepts
import VaneEvaluation
import VaneGeneration
import VaneTestSupport

@Suite("Methods compared on one concept")
struct MethodComparisonTests {
    private let bench: Workbench
    private let examples: ExampleSet

    init() throws {
        bench = try Workbench()
        examples = try ExampleSet(
            positive: (0..<40).map { "the sun \($0) shines on us" },
            negative: (0..<40).map { "rain \($0) falls again" })
    }

    private var options: MethodComparison.Options {
        var options = MethodComparison.Options(
            learners: [LogisticCAV(), RandomDirection()],
            ways: [
                "logistic", "logistic:project", "logistic:rotate", "mean:transport", "aura:transport",
                "random",
            ].compactMap {
                SteeringWay($0)
            },
            divergences: [0.02], learning: LearningOptions(resamples: 20), randomDirections: 2)
        options.writing.maximumTokens = 8
        options.search.maximumTokens = 6
        return options
    }

    @Test("the parts never meet, and pairs stay together")
    func parts() throws {
        let parts = try ComparisonExamples(examples, judging: 0.25, seed: 4)
        let all = [parts.teaching.positive, parts.positiveTest, parts.positiveJudging]
        #expect(all.map(\.count) == [20, 10, 10])
        #expect(Set(all.joined()) == Set(examples.positive))
        let pairs = try ExampleSet(pairs: (0..<24).map { (positive: "a \($0)", negative: "b \($0)") })
        let paired = try ComparisonExamples(pairs, isPaired: true)
        for (first, second) in [
            (paired.teaching.positive, paired.teaching.negative), (paired.positiveTest, paired.negativeTest),
        ] {
            #expect(first.map { $0.dropFirst() } == second.map { $0.dropFirst() })
        }
        #expect(throws: EvaluationError.self) { try ComparisonExamples(examples, testing: 0.5, judging: 0.5) }
    }

    @Test("every way moves the model by the cost asked for; the same again, and through JSON")
    func matched() async throws {
        func compare() async throws -> MethodComparison {
            try await MethodComparison(
                "sun", examples: ComparisonExamples(examples),
                generation: MethodComparison.Generation(
                    prompts: (0..<6).map { "the day \($0)" }, calibration: ["we saw", "then the"],
                    judge: bench.judge),
                engine: bench.engine, options: options)
        }
        let comparison = try await compare()
        #expect(try await compare() == comparison)
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        #expect(
            try decoder.decode(MethodComparison.self, from: encoder.encode(comparison)) == comparison)
        // Unsteered, project once, dampening once, the four others up and down.
        #expect(comparison.rows.count == 11)
        for row in comparison.rows where row.asked != nil {
            let cost = try #require(row.cost, "\(row)")
            // All of a map may cost less than was asked for.
            let isWhole = row.strength?.hasPrefix("λ 1 (") ?? false
            let error = isWhole ? max(0, cost - 0.02) : abs(cost - 0.02)
            #expect(error <= 0.02 * 0.03 + 1e-9, "\(row)")
            #expect(row.failure == nil && row.examples.count == 3)
        }
        let unsteered = try #require(comparison.rows.first)
        #expect(unsteered.perplexityRatio == 1 && unsteered.shift == nil)
        let readings = comparison.readings
        #expect(readings.map(\.learner) == ["logistic", "random"])
        #expect(try #require(readings.first?.accuracy).value > 0.9, "\(readings)")
        #expect(comparison.markdown.contains("Steering at 0.02 nats a token"))
    }

    @Test("what cannot be compared is refused, and what one method cannot do stands in its row")
    func refused() async throws {
        func compare(_ change: (inout MethodComparison.Options) -> Void, prompts: [String] = ["we saw"])
            async throws -> MethodComparison
        {
            var options = options
            change(&options)
            return try await MethodComparison(
                "sun", examples: ComparisonExamples(examples),
                generation: MethodComparison.Generation(
                    prompts: prompts, calibration: ["then the"], judge: bench.judge), engine: bench.engine,
                options: options)
        }
        await #expect(throws: EvaluationError.self) { try await compare({ _ in }, prompts: []) }
        await #expect(throws: EvaluationError.self) { try await compare { $0.divergences = [-1] } }
        await #expect(throws: EvaluationError.self) { try await compare { $0.learners = [] } }
        let far = try await compare { $0.divergences = [1e6] }
        // All of a map is the most there is; the others look for more.
        let whole = far.rows.filter { $0.way?.isTransport ?? false }
        let strengths = whole.compactMap(\.strength)
        #expect(strengths.count == 3 && strengths.allSatisfy { $0.hasPrefix("λ 1 (") })
        let rows = far.rows.filter { $0.asked != nil && !($0.way?.isTransport ?? false) }
        #expect(!rows.isEmpty && rows.allSatisfy { $0.failure?.contains("nats") ?? false && $0.rate == nil })
    }
}
