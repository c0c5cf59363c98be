import Testing
import VaneTensors
import VaneTestSupport

@Suite("Seeded random numbers")
struct SeededGeneratorTests {
    @Test("the first numbers are SplitMix64's", .tags(.golden))
    func pinned() {
        // The reference implementation's output (Vigna, splitmix64.c) for the seeds 0 and 1234567.
        var zero = SeededGenerator(seed: 0)
        let first = (0..<5).map { _ in zero.next() }
        #expect(
            first == [
                0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC,
                0x1B39_896A_51A8_749B,
            ])
        var other = SeededGenerator(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in other.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test("uniform numbers fill 0 ..< 1 evenly")
    func uniform() {
        var generator = SeededGenerator(seed: 1)
        let values = (0..<20_000).map { _ in generator.uniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 && $0 * 0x1p53 == ($0 * 0x1p53).rounded() })
        // Four standard deviations of the estimates: √(1/12/n) and √(1/180/n).
        #expect(abs(moment(values, 1) - 0.5) < 4 * 0.00204)
        #expect(abs(moment(values.map { $0 - 0.5 }, 2) - 1.0 / 12) < 4 * 0.00053)
    }

    @Test("normal numbers have the moments 0, 1, 0, 3")
    func normal() {
        var generator = SeededGenerator(seed: 2)
        let values = (0..<20_000).map { _ in generator.normal() }
        // Four standard deviations: √(1/n), √(2/n), √(15/n), √(96/n).
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96)] {
            #expect(
                abs(moment(values, power) - expected) < 4 * (variance / 20_000).squareRoot(),
                "moment \(power)")
        }
        let pairs = zip(values, values.dropFirst()).map { $0 * $1 }
        #expect(abs(moment(pairs, 1)) < 4 * (1.0 / 20_000).squareRoot(), "neighbours are uncorrelated")
    }

    @Test("whole numbers below a bound come equally often", arguments: [1, 2, 7, 100])
    func integers(bound: Int) {
        var generator = SeededGenerator(seed: 3)
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<bound * 400 { counts[generator.integer(below: bound)] += 1 }
        let statistic = counts.reduce(0.0) { $0 + Double(($1 - 400) * ($1 - 400)) / 400 }
        // χ² with bound − 1 degrees of freedom: mean plus four standard deviations.
        #expect(statistic <= Double(bound - 1) + 4 * (2 * Double(bound - 1)).squareRoot())
    }

    @Test("shuffling gives a permutation, and each place to each element")
    func shuffled() {
        var generator = SeededGenerator(seed: 4)
        #expect(generator.shuffled([Int]()).isEmpty && generator.shuffled([7]) == [7])
        var counts = [Int](repeating: 0, count: 25)
        for _ in 0..<2000 {
            let order = generator.shuffled(0..<5)
            #expect(order.sorted() == [0, 1, 2, 3, 4])
            for (place, element) in order.enumerated() { counts[place * 5 + element] += 1 }
        }
        // 400 expected each, standard deviation √(2000 · 0.16) = 18.
        #expect(counts.allSatisfy { abs($0 - 400) < 90 }, "\(counts)")
    }

    @Test("a unit vector has length one; seeds and streams differ; equal seeds agree", .tags(.law))
    func independence() {
        var generator = SeededGenerator(seed: 5)
        for width in [1, 2, 100] {
            let vector = generator.unitVector(width: width)
            #expect(
                vector.count == width && abs(moment(vector.map(Double.init), 2) * Double(width) - 1) < 1e-6)
        }
        func first(_ generator: SeededGenerator) -> UInt64 {
            var copy = generator
            return copy.next()
        }
        let seeds = (0..<20).map { first(SeededGenerator(seed: $0)) }
        let streams = (0..<20).map { first(SeededGenerator(seed: 0, stream: $0)) }
        #expect(Set(seeds + streams).count == 40)
        #expect(first(SeededGenerator(seed: 0, stream: 3)) == streams[3])
    }

    private func moment(_ values: [Double], _ power: Int) -> Double {
        values.reduce(0.0) { sum, x in sum + (0..<power).reduce(1.0) { y, _ in y * x } }
            / Double(values.count)
    }
}
