import Testing
import VaneConcepts
import VaneEvaluation
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTestSupport

@Suite("Calibration of steering")
struct CalibrationTests {
    private let prompts = ["The wind", "She said", "In winter the"]
    private let writing = SteeringExperiment.Options(seeds: 2, maximumTokens: 12)

    private func options(
        _ bench: Workbench, separations: [Double] = [1, 8, 2], budget: Double = 1e9
    ) -> SteeringCalibration.Options {
        SteeringCalibration.Options(
            runs: [bench.concept.layers.prefix(1).map(\.site), bench.concept.layers.map(\.site)],
            separations: separations, budget: budget, writing: writing)
    }

    @Test("every run is tried from the largest separation on, and what moved most is kept", .tags(.law))
    func trials() async throws {
        let bench = try Workbench()
        let calibration = try await SteeringCalibration(
            bench.concept, prompts: prompts, judge: bench.judge, engine: bench.engine, options: options(bench)
        )
        let trials = calibration.trials
        #expect(trials.map(\.separation) == [8, 2, 1, 8, 2, 1])
        #expect(trials.map(\.sites.count) == [1, 1, 1, 3, 3, 3])
        #expect(
            trials.allSatisfy { $0.cost > 0 && (0...1).contains($0.added) && (0...1).contains($0.removed) })
        let best = try #require(calibration.best)
        #expect(trials.allSatisfy { $0.added - $0.removed <= best.added - best.removed })

        // Steering with what was chosen does what the trial says.
        let chosen = calibration.applied(to: bench.concept)
        #expect(chosen.defaultSites == best.sites)
        #expect(chosen.layers.allSatisfy { abs($0.steeringSeparation - best.separation) < 1e-3 })
        var single = writing
        single.targets = [0.99]
        let experiment = try await SteeringExperiment(
            chosen, prompts: prompts, judge: bench.judge, engine: bench.engine, options: single)
        let rates = experiment.rows.filter { $0.method == .gcav }.map(\.positiveRate)
        #expect(rates == [best.added, best.removed])
    }

    @Test(
        "smaller separations are not tried once the text costs twice the budget; without any within it nothing changes"
    )
    func budget() async throws {
        let bench = try Workbench()
        let calibration = try await SteeringCalibration(
            bench.concept, prompts: prompts, judge: bench.judge, engine: bench.engine,
            options: options(bench, budget: 0.1))
        #expect(calibration.trials.map(\.separation) == [8, 8])
        #expect(calibration.best == nil)
        #expect(calibration.applied(to: bench.concept) == bench.concept)
    }

    @Test("no prompts are refused")
    func refused() async throws {
        let bench = try Workbench()
        await #expect(throws: EvaluationError.self) {
            try await SteeringCalibration(
                bench.concept, prompts: [], judge: bench.judge, engine: bench.engine, options: options(bench))
        }
    }
}
