import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneTensors
import VaneTestSupport

@Suite("Tests by betting", .tags(.planted))
struct BettingTests {
    /// Type I error at most 5% and two standard errors, of `count` runs.
    private func limit(_ count: Int) -> Double {
        0.05 + 2 * (0.05 * 0.95 / Double(count)).squareRoot()
    }

    private func run(_ seed: Int, steps: Int = 300, _ output: (Double, inout SeededGenerator) -> Double)
        throws
        -> BettingResult
    {
        var generator = SeededGenerator(seed: UInt64(seed))
        let z = (0..<steps).map { _ in generator.normal() }
        let y = z.map { output($0, &generator) }
        return try SKIT().test(outputs: y, scores: z)
    }

    @Test("SKIT: 500 null runs, watched at every step, keep the level; dependences of two shapes are found")
    func marginal() throws {
        let nulls = try (0..<500).filter { try run($0) { _, generator in generator.normal() }.isRejected }
            .count
        let linear = try (0..<100).map {
            try run(1000 + $0) { z, generator in 0.6 * z + 0.8 * generator.normal() }
        }
        let quadratic = try (0..<100).map {
            try run(2000 + $0) { z, generator in (z * z - 1) / 2.0.squareRoot() + 0.5 * generator.normal() }
        }
        func time(_ results: [BettingResult]) -> Double {
            Double(results.compactMap(\.rejectedAt).reduce(0, +))
                / Double(max(1, results.count(where: \.isRejected)))
        }
        print(
            "SKIT: null \(nulls) of 500;",
            "linear \(linear.count(where: \.isRejected)) of 100 at \(time(linear));",
            "quadratic \(quadratic.count(where: \.isRejected)) of 100 at \(time(quadratic))")
        #expect(Double(nulls) / 500 <= limit(500))
        #expect(linear.count(where: \.isRejected) >= 95 && quadratic.count(where: \.isRejected) >= 95)
    }

    @Test("the control: betting on payoffs that favour one side loses the guarantee")
    func wrongPayoff() throws {
        var rejected = 0
        for seed in 0..<100 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var test = try BettingTest()
            // A payoff that is no difference of exchangeable things.
            for _ in 0..<300 { test.bet(abs(generator.normal())) }
            rejected += test.rejectedAt == nil ? 0 : 1
        }
        #expect(rejected > 90)
    }

    /// `z1`, `z2 = independent`, `z3 = z1 + noise`; the output goes by `z1` alone.
    private func world(_ count: Int, seed: Int) -> (scores: [[Double]], outputs: [Double]) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let scores = (0..<count).map { _ in
            let first = generator.normal()
            return [first, generator.normal(), (first + 0.5 * generator.normal())]
        }
        return (scores, scores.map { $0[0] + 0.5 * generator.normal() })
    }

    @Test("c-SKIT rejects the cause and not what goes with it; SKIT cannot tell them apart")
    func conditional() throws {
        let sampler = try ConditionalSampler(pool: world(500, seed: 99_999).scores)
        var (through, idle, cause, marginal) = (0, 0, 0, 0)
        let runs = 500
        func rejects(_ concept: Int, _ count: Int, _ seed: Int) throws -> Bool {
            let (scores, outputs) = world(count, seed: seed)
            var test = ConditionalSKIT()
            test.seed = UInt64(seed)
            return try test.test(concept, outputs: outputs, scores: scores, sampler: sampler).isRejected
        }
        for seed in 0..<runs { through += try rejects(2, 150, seed) ? 1 : 0 }
        for seed in 1000..<1050 {
            idle += try rejects(1, 150, seed) ? 1 : 0
            cause += try rejects(0, 500, seed) ? 1 : 0
            let (scores, outputs) = world(150, seed: seed)
            marginal += try SKIT().test(outputs: outputs, scores: scores.map { $0[2] }).isRejected ? 1 : 0
        }
        print(
            "c-SKIT: through another \(through) of \(runs);",
            "idle \(idle), cause \(cause), marginal \(marginal) of 50"
        )
        #expect(Double(through) / Double(runs) <= limit(runs))
        #expect(Double(idle) / 50 <= limit(50) && cause >= 48)
        // The control: a sampler that hardly looks at the other concepts loses the guarantee.
        let blind = try ConditionalSampler(
            pool: world(500, seed: 99_999).scores, effectiveSamples: 400, regresses: false)
        let fooled = try (0..<50).count { seed in
            let (scores, outputs) = world(300, seed: seed)
            return try ConditionalSKIT().test(2, outputs: outputs, scores: scores, sampler: blind).isRejected
        }
        // As published: a kernel estimate alone.
        let kernel = try ConditionalSampler(pool: world(500, seed: 99_999).scores, regresses: false)
        let published = try (0..<100).count { seed in
            let (scores, outputs) = world(150, seed: seed)
            return try ConditionalSKIT().test(2, outputs: outputs, scores: scores, sampler: kernel).isRejected
        }
        print("c-SKIT: blind sampler \(fooled) of 50, kernel alone \(published) of 100")
        #expect(fooled > 25)
        // The control: the marginal test rejects the concept that matters only through another one.
        #expect(marginal >= 48)
    }

    @Test("x-SKIT: for one text the concept that the output goes by matters, others do not")
    func sample() throws {
        let pool = world(1500, seed: 5)
        let sampler = try ConditionalSampler(pool: pool.scores, effectiveSamples: 150)
        var (cause, idle, far) = (0, 0, 0)
        for seed in 0..<50 {
            var test = SampleSKIT()
            test.seed = UInt64(seed)
            let scores = [2.0, 0.3, 2.1]
            cause +=
                try test.test(0, scores: scores, sampler: sampler, outputs: pool.outputs).isRejected ? 1 : 0
            idle +=
                try test.test(1, scores: scores, sampler: sampler, outputs: pool.outputs).isRejected ? 1 : 0
            far +=
                try test.test(1, given: [0], scores: scores, sampler: sampler, outputs: pool.outputs)
                .isRejected
                ? 1 : 0
        }
        print("x-SKIT: cause \(cause), idle \(idle), idle given the cause \(far) of 50")
        #expect(cause >= 48 && idle <= 5 && far <= 5)
    }

    @Test("discoveries are those whose wealth is large enough for their number")
    func discoveries() {
        #expect(BettingTest.discoveries([1, 100, 50, 2], level: 0.05) == [1, 2])
        #expect(BettingTest.discoveries([1, 79, 2, 2], level: 0.05).isEmpty)
        #expect(BettingTest.discoveries([]).isEmpty)
        #expect(BettingTest.discoveries([30, 30, 30], level: 0.05) == [0, 1, 2])
    }

    @Test("hostile input gives errors, and constant lists are no evidence")
    func hostile() throws {
        let numbers = (0..<40).map(Double.init)
        #expect(throws: EvidenceError.self) { try BettingTest(level: 1) }
        #expect(throws: EvidenceError.self) { try SKIT().test(outputs: numbers, scores: [1]) }
        #expect(throws: EvidenceError.self) { try SKIT().test(outputs: [], scores: []) }
        let broken = numbers.map { $0 == 3 ? .nan : $0 }
        #expect(throws: EvidenceError.self) { try SKIT().test(outputs: broken, scores: numbers) }
        let flat = [Double](repeating: 1, count: 40)
        #expect(try SKIT().test(outputs: flat, scores: flat).isRejected == false)
        #expect(throws: EvidenceError.self) { try ConditionalSampler(pool: [[1]]) }
        #expect(throws: EvidenceError.self) {
            try ConditionalSampler(pool: [[Double]](repeating: [1, 2], count: 60), effectiveSamples: 61)
        }
        let sampler = try ConditionalSampler(pool: [[Double]](repeating: [1, 2], count: 60))
        let rows = numbers.map { [$0, 1] }
        #expect(throws: EvidenceError.self) {
            try ConditionalSKIT().test(2, outputs: numbers, scores: rows, sampler: sampler)
        }
        #expect(throws: EvidenceError.self) {
            try ConditionalSKIT().test(0, outputs: numbers, scores: numbers.map { [$0] }, sampler: sampler)
        }
        #expect(throws: EvidenceError.self) {
            try SampleSKIT().test(0, given: [0], scores: [1, 1], sampler: sampler, outputs: flat)
        }
        #expect(throws: EvidenceError.self) {
            try SampleSKIT().test(0, scores: [1, 1], sampler: sampler, outputs: [1])
        }
        _ = try ConditionalSKIT().test(0, outputs: numbers, scores: rows, sampler: sampler)
    }
}
