import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Testing with concept activation vectors")
struct TCAVTests {
    private static let site = Site.residual(0)

    /// Rows of unit noise around `shift` times a unit vector.
    private func rows(
        _ count: Int, width: Int, shift: Double = 0, along axis: Int = 0, _ generator: inout SeededGenerator
    ) throws -> Tensor {
        var values: [Float] = []
        for _ in 0..<count {
            for j in 0..<width { values.append(Float(generator.normal() + (j == axis ? shift : 0))) }
        }
        return try Tensor(values, shape: [count, width])
    }

    /// Gradients of unit noise around 2 times the first axis, with nothing along the second.
    private func gradients(_ count: Int, width: Int, _ generator: inout SeededGenerator) throws -> Tensor {
        var values = try rows(count, width: width, shift: 2, along: 0, &generator).elements
        for row in 0..<count { values[row * width + 1] = 0 }
        return try Tensor(values, shape: [count, width])
    }

    private func test(
        seed: UInt64, shift: Double, along axis: Int, options: TCAV.Options, examples: Int = 20,
        width: Int = 12
    ) throws -> TCAV.Site {
        var generator = SeededGenerator(seed: seed, stream: 90)
        let result = try TCAV(
            gradients: [Self.site: gradients(20, width: width, &generator)],
            concept: [Self.site: rows(examples, width: width, shift: shift, along: axis, &generator)],
            random: [Self.site: rows(120, width: width, &generator)], options: options)
        return try #require(result.sites.first)
    }

    @Test("Student's tails are those of the tables")
    func student() {
        let cases: [(t: Double, degrees: Double, p: Double)] = [
            (2.228139, 10, 0.05), (12.706205, 1, 0.05), (1.959964, 1e7, 0.05), (0, 5, 1),
            (3.169273, 10, 0.01), (-2.085963, 20, 0.05), (1, 1, 0.5),
        ]
        for (t, degrees, p) in cases {
            #expect(abs(Statistics.studentTail(t, degrees: degrees) - p) < 1e-6, "\(t) \(degrees)")
        }
        // Closed forms: Cauchy's, and two degrees of freedom.
        for t in [0.1, 0.7, 3, 20, 1e4] {
            let one = 1 - 2 / Double.pi * atan(t)
            #expect(abs(Statistics.studentTail(t, degrees: 1) - one) < 1e-12)
            let two = 1 - t / (2 + t * t).squareRoot()
            #expect(abs(Statistics.studentTail(t, degrees: 2) - two) < 1e-12)
        }
        let test = Statistics.oneSampleT([1, 2, 3, 4, 5], mean: 2)
        #expect(abs((test?.t ?? 0) - 1.4142135) < 1e-6 && test?.degrees == 4)
        #expect(abs((test?.pValue ?? 0) - 0.2301996) < 1e-6)
        let pair = Statistics.twoSampleT([1, 2, 3], [2, 4, 6, 8])
        #expect(abs((pair?.t ?? 0) + 1.7320508 * 1.0206207) < 0.5 && pair?.degrees == 5)
        #expect(Statistics.oneSampleT([1], mean: 0) == nil)
        #expect(Statistics.oneSampleT([1, 1], mean: 0)?.pValue == 0)
        #expect(Statistics.oneSampleT([1, 1], mean: 1)?.pValue == 1)
    }

    @Test(
        "a concept along the gradients matters, one across them does not, though both can be read",
        .tags(.planted))
    func power() throws {
        let options = TCAV.Options(runs: 100, permutations: 499)
        for seed in 0..<10 {
            let real = try test(seed: UInt64(seed), shift: 4, along: 0, options: options, examples: 40)
            #expect(real.accuracy > 0.85 && real.permutation <= 0.05 && real.score.value > 0.8, "\(real)")
            // Most of the vector lies along the first axis, where the mean of 20 gradients is 2 ± 0.22.
            #expect(real.magnitude > 1.4 && real.magnitude < 2.7 && real.smooth > 0.75, "\(real)")
            let against = try test(
                seed: UInt64(seed), shift: -4, along: 0, options: options, examples: 40)
            #expect(against.permutation <= 0.05 && against.score.value < 0.2, "\(against)")
        }
        let across = try (0..<40).map {
            try test(seed: 100 + UInt64($0), shift: 4, along: 1, options: options, examples: 40)
        }
        #expect(across.allSatisfy { $0.accuracy > 0.85 })
        let wrong = across.count { $0.permutation <= 0.05 }
        #expect(wrong <= 4, "\(wrong) of 40")
    }

    @Test(
        "without a concept the permutation rejects at its rate; both published tests do so far more often",
        .tags(.planted))
    func calibration() throws {
        let options = TCAV.Options(runs: 20, permutations: 199)
        let worlds = 500
        var rejected = (paper: 0, reference: 0, permutation: 0)
        for seed in 0..<worlds {
            let null = try test(
                seed: 1000 + UInt64(seed), shift: 0, along: 0, options: options, examples: 10, width: 8)
            rejected.paper += null.paper <= 0.05 ? 1 : 0
            rejected.reference += null.reference <= 0.05 ? 1 : 0
            rejected.permutation += null.permutation <= 0.05 ? 1 : 0
        }
        let rates = [rejected.paper, rejected.reference, rejected.permutation].map {
            Statistics.wilson(successes: $0, of: worlds)
        }
        print("rejected in \(worlds) null worlds: paper, reference, permutation \(rates)")
        #expect(rates[2].low <= 0.05, "the permutation: \(rates[2])")
        #expect(rates[0].low > 0.2 && rates[1].low > 0.2, "\(rates)")
    }

    @Test("narrow rows and the same rows widened by zeros give the same numbers", .tags(.law))
    func forms() throws {
        var generator = SeededGenerator(seed: 6)
        let options = TCAV.Options(runs: 12, permutations: 19)
        let tensors = [
            try gradients(9, width: 7, &generator), try rows(20, width: 7, &generator),
            try rows(60, width: 7, &generator),
        ]
        /// 20 + 20 rows, a third of each held out, are wider than 7 entries and narrower than 40.
        func run(_ width: Int) throws -> TCAV.Site {
            let zeros = [Float](repeating: 0, count: width - 7)
            let wide = try tensors.map { tensor in
                let elements = tensor.elements
                var rows: [Float] = []
                for row in 0..<tensor.rowCount { rows += elements[row * 7..<(row + 1) * 7] + zeros }
                return try Tensor(rows, shape: [tensor.rowCount, width])
            }
            let test = try TCAV(
                gradients: [Self.site: wide[0]], concept: [Self.site: wide[1]], random: [Self.site: wide[2]],
                options: options)
            return test.sites[0]
        }
        let (narrow, wide) = (try run(7), try run(40))
        #expect(narrow.score == wide.score && narrow.accuracy == wide.accuracy)
        for (a, b) in [
            (narrow.magnitude, wide.magnitude), (narrow.smooth, wide.smooth), (narrow.effect, wide.effect),
            (narrow.reference, wide.reference),
        ] { #expect(abs(a - b) < 1e-5 * max(1, abs(b)), "\(a) \(b)") }
    }

    @Test("the same again, whatever the order of sites; hostile input is refused")
    func refused() throws {
        var generator = SeededGenerator(seed: 5)
        let options = TCAV.Options(runs: 4, permutations: 9)
        let (slopes, shown, others) = (
            try gradients(5, width: 6, &generator), try rows(8, width: 6, &generator),
            try rows(40, width: 6, &generator)
        )
        func run(_ g: Tensor, _ c: Tensor, _ r: Tensor, _ options: TCAV.Options) throws -> TCAV {
            try TCAV(
                gradients: [Self.site: g], concept: [Self.site: c], random: [Self.site: r], options: options)
        }
        #expect(try run(slopes, shown, others, options) == run(slopes, shown, others, options))
        let narrow = try rows(40, width: 5, &generator)
        #expect(throws: EvidenceError.self) { try run(slopes, shown, narrow, options) }
        #expect(throws: EvidenceError.self) { try run(slopes, shown, shown, options) }
        #expect(throws: EvidenceError.self) {
            try run(slopes, rows(3, width: 6, &generator), others, options)
        }
        let flat = Tensor(zeros: [40, 6])
        #expect(throws: (any Error).self) { try run(slopes, Tensor(zeros: [8, 6]), flat, options) }
        var bad = shown.elements
        bad[3] = .nan
        #expect(throws: EvidenceError.self) {
            try run(slopes, Tensor(bad, shape: [8, 6]), others, options)
        }
        #expect(throws: EvidenceError.self) { try run(slopes, shown, Tensor(zeros: [10_000, 6]), options) }
        #expect(throws: EvidenceError.self) { try run(slopes, shown, others, TCAV.Options(runs: 1)) }
        #expect(throws: EvidenceError.self) { try TCAV(gradients: [:], concept: [:], random: [:]) }
    }
}
