import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VanePlanted
import VaneSteering
import VaneTestSupport

/// What must hold of steering where the truth is known. The full measurement is `vane models measure`.
@Suite("Steering the built-in model")
struct SteeringTests {
    private static let likelihood = PlantedLikelihood()
    private let engine: Engine

    init() throws { engine = Engine(try DefaultModel.load()) }

    private func concept(_ name: String) throws -> (concept: Concept, judge: OracleJudge) {
        let starter = try #require(StarterConcept.all.first { $0.name == name })
        return (
            try #require(try DefaultModel.concept(named: name)),
            OracleJudge(starter, likelihood: Self.likelihood)
        )
    }

    private func options(_ targets: [Double]) -> SteeringExperiment.Options {
        SteeringExperiment.Options(targets: targets, seeds: 1, maximumTokens: 40, batchSize: 30)
    }

    @Test(
        "a target moves the rate by the oracle up and down; a random direction as far does not",
        .tags(.planted, .slow), arguments: ["sentiment", "formality", "politeness", "film"])
    func moves(_ name: String) async throws {
        let (concept, judge) = try concept(name)
        let experiment = try await SteeringExperiment(
            concept, prompts: SteeringReport.prompts(60), judge: judge, engine: engine,
            options: options([0.999]))
        func rate(_ method: SteeringExperiment.Method, _ goal: SteeringPlan.Goal) -> Double {
            experiment.rows.first { $0.method == method && $0.goal == goal }?.positiveRate ?? .nan
        }
        let difference = rate(.gcav, .add) - rate(.gcav, .remove)
        let control = rate(.random, .add) - rate(.random, .remove)
        print("\(name): rate added less rate removed \(difference), random directions \(control)")
        #expect(difference > 0.2 && difference > abs(control) + 0.1)
        #expect(abs(control) < 0.2)
        #expect(experiment.rows.allSatisfy { ($0.truePerplexity ?? 0) > 1 })
    }

    @Test("the judge reads words of the attribute only, and knows its language", .tags(.planted))
    func judge() throws {
        let judge = try concept("sentiment").judge
        #expect(judge.isPositive(" was a lovely pie.", after: "It"))
        #expect(!judge.isPositive(" was an awful pie.", after: "It"))
        #expect(!judge.isPositive(" was an ordinary pie.", after: "It"))
        #expect(!judge.isPositive("", after: "It"))
        let prompt = "Yesterday, I"
        let own = PlantedLanguage(seed: 8).text(at: 3).text
        let likelihood = try #require(judge.likelihood(of: own, after: ""))
        #expect(likelihood.words > 10 && likelihood.perplexity < 20)
        let other = try #require(
            judge.likelihood(of: " shards quantum the of of. The of a in.", after: prompt))
        #expect(other.perplexity > 10 * likelihood.perplexity)
    }

    @Test("steering one of two concepts leaves the other where it is held", .tags(.planted, .slow))
    func crossTalk() async throws {
        let experiment = try await CrossTalkExperiment(
            swept: concept("sentiment"), held: concept("formality"), prompts: SteeringReport.prompts(60),
            engine: engine, options: options([0.9999]))
        #expect(experiment.rows.count == 4)
        let swept = experiment.rows.filter { $0.method == .gcav }.map(\.swept)
        print("swept from \(swept[0]) to \(swept[1]), held moved by \(experiment.gcav.value)")
        #expect(swept[1] > swept[0] + 0.15, "\(swept)")
        #expect(experiment.gcav.value < swept[1] - swept[0], "the held one moves less")
    }
}
