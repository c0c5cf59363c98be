import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Tests of several concepts together, and the wealth of a bet")
struct TogetherTests {
    private static let width = 12

    /// Rows around 0, moved along the first axis.
    private func rows(_ count: Int, moved: Double, _ generator: inout SeededGenerator) throws -> Tensor {
        try Tensor(
            (0..<count * Self.width).map {
                Float(generator.normal()) + Float($0 % Self.width == 0 ? moved : 0)
            }, shape: [count, Self.width])
    }

    /// One concept that the gradient reads and nineteen that nothing depends on.
    private func tests(real: Double, seed: UInt64) throws -> [TCAV] {
        var generator = SeededGenerator(seed: seed)
        let site = Site.residual(0)
        let slopes = try Tensor(
            (0..<10 * Self.width).map {
                Float($0 % Self.width == 0 ? 1 : 0.1 * Double(generator.normal()))
            }, shape: [10, Self.width])
        let options = TCAV.Options(runs: 4, permutations: 999, seed: seed)
        return try (0..<20).map { number in
            try TCAV(
                gradients: [site: slopes],
                concept: [site: rows(12, moved: number == 0 ? real : 0, &generator)],
                random: [site: rows(40, moved: 0, &generator)], options: options)
        }
    }

    @Test(
        "of twenty concepts the one that matters stays; those that chance lets through alone hardly do",
        .tags(.planted))
    func several() throws {
        var (alone, together, found) = (0, 0, 0)
        for seed in 0..<6 as Range<UInt64> {
            let tests = try tests(real: 3, seed: seed)
            let corrected = TCAV.corrected(together: tests)
            #expect(
                corrected.map { $0.sites.map(\.permutation) } == tests.map { $0.sites.map(\.permutation) })
            let expected = Statistics.benjaminiHochberg(tests.map { $0.sites[0].permutation })
            #expect(corrected.map { $0.sites[0].qValue } == expected)
            found += corrected[0].significant.count
            alone += tests.dropFirst().count { !$0.significant.isEmpty }
            together += corrected.dropFirst().count { !$0.significant.isEmpty }
        }
        print("null concepts of 114 called certain alone: \(alone), together: \(together)")
        #expect(found == 6)
        #expect(together <= 2 && together <= alone, "\(together) of \(alone)")
        // The control: without an effect none is found.
        let none = TCAV.corrected(together: try tests(real: 0, seed: 40))
        #expect(none.allSatisfy { $0.significant.isEmpty }, "\(none.map { $0.sites[0].qValue })")
    }

    @Test(
        "what a concept shares with another one counts against random texts, not against the other one",
        .tags(.planted))
    func relative() throws {
        var generator = SeededGenerator(seed: 21)
        let site = Site.residual(0)
        // Both are moved along the first axis, which the objective reads; only the first along the second.
        func rows(_ count: Int, _ moves: [Double]) throws -> Tensor {
            try Tensor(
                (0..<count * Self.width).map { entry in
                    let axis = entry % Self.width
                    return Float(generator.normal()) + Float(axis < moves.count ? moves[axis] : 0)
                }, shape: [count, Self.width])
        }
        func slopes(_ axis: Int) throws -> Tensor {
            try Tensor(
                (0..<8 * Self.width).map { $0 % Self.width == axis ? 1 : 0 }, shape: [8, Self.width])
        }
        let concept = try rows(40, [2, 2])
        let (random, other) = (try rows(100, []), try rows(100, [2, 0]))
        func q(_ axis: Int, against others: Tensor) throws -> Double {
            try TCAV(
                gradients: [site: slopes(axis)], concept: [site: concept], random: [site: others],
                options: TCAV.Options(runs: 10, permutations: 999, solver: .meanDifference)
            ).sites[0].qValue
        }
        #expect(try q(0, against: random) <= 0.01)
        #expect(try q(0, against: other) > 0.05)
        // What is its own counts either way.
        #expect(try q(1, against: random) <= 0.01 && q(1, against: other) <= 0.01)
    }

    @Test("a bet's wealth is kept step by step and says when any level was passed", .tags(.law))
    func wealth() throws {
        var generator = SeededGenerator(seed: 3)
        let outputs = (0..<200).map { _ in Double(generator.normal()) }
        let scores = outputs.map { $0 + 0.3 * Double(generator.normal()) }
        var test = SKIT()
        test.level = 0.001
        let bet = try test.test(outputs: outputs, scores: scores)
        #expect(bet.wealths.count == bet.steps && bet.wealths.last == bet.wealth && bet.isRejected)
        #expect(bet.rejection(at: 0.001) == bet.rejectedAt)
        let early = try SKIT().test(outputs: outputs, scores: scores)
        #expect(bet.rejection(at: 0.05) == early.rejectedAt && early.rejectedAt ?? 0 < bet.rejectedAt ?? 0)
        #expect(early.wealths == Array(bet.wealths.prefix(early.steps)))
        let null = try SKIT().test(outputs: outputs, scores: generator.shuffled(scores))
        #expect(null.rejection(at: 0.05) == null.rejectedAt)
    }
}
