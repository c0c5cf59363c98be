import Testing
import VaneConcepts
import VaneEvidence
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Tests of given directions", .tags(.planted))
struct DirectionTestTests {
    private static let site = Site.residual(1)
    private static let width = 12

    private func rows(_ count: Int, shift: Float = 0, _ generator: inout SeededGenerator) throws -> Tensor {
        try Tensor(
            (0..<count).flatMap { _ in
                (0..<Self.width).map { Float(generator.normal()) + ($0 == 0 ? shift : 0) }
            }, shape: [count, Self.width])
    }

    /// A direction along one entry with some noise, tested where gradients lie along the first.
    private func test(along entry: Int?, seed: Int, solver: TCAV.Solver = .meanDifference) throws
        -> DirectionTest
    {
        var generator = SeededGenerator(seed: UInt64(seed), stream: 3)
        let noise = generator.unitVector(width: Self.width)
        let direction = (0..<Self.width).map {
            $0 == entry ? 1 + 0.3 * noise[$0] : (entry == nil ? 1 : 0.3) * noise[$0]
        }
        let results = try DirectionTest.run(
            [Self.site: direction], gradients: [Self.site: rows(15, shift: 2, &generator)],
            random: [Self.site: rows(60, &generator)], options: TCAV.Options(runs: 59, solver: solver))
        return try #require(results.first)
    }

    @Test("along the gradients it matters, across them or anywhere it does not")
    func planted() throws {
        let along = try (0..<40).map { try test(along: 0, seed: $0) }
        let across = try (0..<40).map { try test(along: 1, seed: $0) }
        // The control: a random direction, which is what those between random sets are here.
        let worlds = 300
        let null = try (0..<worlds).map { try test(along: nil, seed: 100 + $0) }.count { $0.pValue <= 0.05 }
        print(
            "directions: along \(along.count { $0.pValue <= 0.05 }), across \(across.count { $0.pValue <= 0.05 })",
            "of 40; null \(Statistics.wilson(successes: null, of: worlds))")
        #expect(along.count { $0.pValue <= 0.05 && $0.magnitude > 1 && $0.score.value > 0.7 } >= 38)
        #expect(across.count { $0.pValue <= 0.05 } <= 4)
        #expect(Double(null) / Double(worlds) <= 0.05 + 2 * (0.05 * 0.95 / Double(worlds)).squareRoot())
    }

    @Test("hostile input gives errors")
    func hostile() throws {
        var generator = SeededGenerator(seed: 1)
        let (slopes, pool) = (try rows(4, &generator), try rows(30, &generator))
        let good = [Float](repeating: 1, count: Self.width)
        func fails(
            _ direction: [Float], _ gradients: [Site: Tensor], _ random: [Site: Tensor],
            _ options: TCAV.Options = TCAV.Options(runs: 9)
        ) {
            #expect(throws: EvidenceError.self) {
                try DirectionTest.run(
                    [Self.site: direction], gradients: gradients, random: random, options: options)
            }
        }
        fails([1], [Self.site: slopes], [Self.site: pool])
        fails([Float](repeating: 0, count: Self.width), [Self.site: slopes], [Self.site: pool])
        fails(good, [.residual(0): slopes], [Self.site: pool])
        fails(good, [Self.site: slopes], [:])
        fails(good, [Self.site: slopes], [Self.site: try rows(11, &generator)])
        fails(good, [Self.site: Tensor(zeros: [0, Self.width])], [Self.site: pool])
        fails(good, [Self.site: slopes], [Self.site: Tensor(zeros: [30, 3])])
        fails(good, [Self.site: slopes], [Self.site: Tensor(zeros: [30, Self.width])])
        fails(good, [Self.site: slopes], [Self.site: pool], TCAV.Options(runs: 1))
        fails(good, [Self.site: slopes], [Self.site: pool], TCAV.Options(runs: 9, randomSize: 16))
    }
}
