import Testing
import VaneConcepts
import VaneTensors
import VaneTestSupport

@Suite("Statistics", .tags(.law))
struct StatisticsTests {
    /// Wilson's interval at 95% from textbooks and calculators, rounded to four digits.
    @Test(
        "Wilson's interval agrees with published numbers", .tags(.golden),
        arguments: [
            (8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055),
            (50, 100, 0.4038, 0.5962), (81, 263, 0.2553, 0.3662),
        ])
    func wilson(successes: Int, count: Int, low: Double, high: Double) {
        let estimate = Statistics.wilson(successes: successes, of: count)
        #expect(abs(estimate.value - Double(successes) / Double(count)) < 1e-15)
        #expect(abs(estimate.low - low) < 6e-5 && abs(estimate.high - high) < 6e-5, "\(estimate)")
    }

    @Test("Wilson's interval of nothing is everything")
    func wilsonOfNothing() {
        let estimate = Statistics.wilson(successes: 0, of: 0)
        #expect(estimate.low == 0 && estimate.high == 1)
    }

    @Test("the binomial tail agrees with counting", arguments: [0.5, 0.25, 0.9])
    func binomial(chance: Double) {
        for count in 1...12 {
            // Every outcome of `count` trials, by its number of successes.
            var chances = [Double](repeating: 0, count: count + 1)
            for outcome in 0..<(1 << count) {
                let successes = outcome.nonzeroBitCount
                var weight = 1.0
                for trial in 0..<count { weight *= outcome >> trial & 1 == 1 ? chance : 1 - chance }
                chances[successes] += weight
            }
            for successes in 0...count {
                let tail = Statistics.binomialTail(successes: successes, of: count, chance: chance)
                #expect(abs(tail - chances[successes...].reduce(0, +)) < 1e-12, "\(successes) of \(count)")
            }
        }
    }

    @Test("the binomial tail is right at its ends")
    func binomialEnds() {
        #expect(Statistics.binomialTail(successes: 0, of: 5, chance: 0.5) == 1)
        #expect(abs(Statistics.binomialTail(successes: 10, of: 10, chance: 0.5) * 1024 - 1) < 1e-9)
        #expect(Statistics.binomialTail(successes: 6, of: 5, chance: 0.5) == 0)
        #expect(Statistics.binomialTail(successes: 3, of: 5, chance: 1) == 1)
        #expect(Statistics.binomialTail(successes: 3, of: 5, chance: 0) == 0)
        // 0.5^1000 · C(1000, k): far tails neither overflow nor turn into NaN.
        let far = Statistics.binomialTail(successes: 900, of: 1000, chance: 0.5)
        #expect(far > 0 && far < 1e-150)
    }

    @Test("AUROC counts pairs, ties half")
    func auroc() {
        for seed in 0..<50 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let count = 2 + generator.integer(below: 30)
            let scores = (0..<count).map { _ in Double(generator.integer(below: seed % 2 == 0 ? 5 : 1000)) }
            let labels = (0..<count).map { $0 == 0 || ($0 > 1 && generator.uniform() < 0.4) }
            var (wins, pairs) = (0.0, 0.0)
            for i in 0..<count where labels[i] {
                for j in 0..<count where !labels[j] {
                    pairs += 1
                    wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
                }
            }
            let estimate = Statistics.auroc(
                scores: scores, positive: labels, resamples: 20, generator: &generator)
            #expect(abs(estimate.value - wins / pairs) < 1e-12, "seed \(seed)")
            #expect(estimate.low <= estimate.high && estimate.low >= 0 && estimate.high <= 1)
        }
    }

    @Test("AUROC of one class alone is unknown")
    func oneClass() {
        var generator = SeededGenerator(seed: 1)
        let estimate = Statistics.auroc(
            scores: [1, 2], positive: [true, true], resamples: 9, generator: &generator)
        #expect(estimate.low == 0 && estimate.high == 1)
    }

    @Test("quantiles interpolate")
    func quantile() {
        #expect(Statistics.quantile([3, 1, 2], 0.5) == 2)
        #expect(Statistics.quantile([0, 10], 0.25) == 2.5)
        #expect(
            Statistics.quantile([5, 1, 4, 2, 3], 0) == 1 && Statistics.quantile([5, 1, 4, 2, 3], 1) == 5)
        #expect(abs(Statistics.quantile((0...100).map(Double.init), 0.975) - 97.5) < 1e-12)
        #expect(Statistics.quantile([7], 0.3) == 7 && Statistics.quantile([], 0.5).isNaN)
    }

    @Test("bootstrap intervals cover the truth about 95 times of 100", .tags(.planted))
    func coverage() {
        var (mean, area) = (0, 0)
        for seed in 0..<200 {
            var generator = SeededGenerator(seed: UInt64(seed), stream: 3)
            let differences = (0..<40).map { _ in 0.3 + generator.normal() }
            let estimate = Statistics.pairedBootstrap(differences, resamples: 300, generator: &generator)
            mean += estimate.low <= 0.3 && 0.3 <= estimate.high ? 1 : 0
            // Positives one standard deviation above: AUROC = Φ(1/√2) = 0.76025.
            let labels = (0..<80).map { $0 < 40 }
            let scores = labels.map { ($0 ? 1 : 0) + generator.normal() }
            let roc = Statistics.auroc(
                scores: scores, positive: labels, resamples: 300, generator: &generator)
            area += roc.low <= 0.76025 && 0.76025 <= roc.high ? 1 : 0
        }
        // 95% of 200 has a standard deviation of 3; percentile intervals of 40 pairs run a little short. All
        // of 200 would mean intervals too wide to say anything.
        for covered in [mean, area] { #expect(covered >= 176 && covered < 200, "\(covered) of 200") }
    }

    @Test("average precision weighs the classes alike: repeating the negatives changes nothing")
    func averagePrecision() {
        let scores = [5.0, 4, 3, 2, 1]
        let labels = [true, false, true, false, false]
        // At the first positive 1/(1 + 0) of what is above is positive, at the second (2/2)/(2/2 + 1/3).
        let expected = 0.5 * 1 + 0.5 * (1 / (1 + 1.0 / 3))
        #expect(abs(Statistics.averagePrecision(scores: scores, positive: labels) - expected) < 1e-12)
        let more = Statistics.averagePrecision(
            scores: scores + [4, 2, 1, 4, 2, 1], positive: labels + [Bool](repeating: false, count: 6))
        #expect(abs(more - expected) < 1e-12)
        #expect(
            Statistics.averagePrecision(scores: [1, 1, 1, 1], positive: [true, false, false, false]) == 0.5)
        #expect(Statistics.averagePrecision(scores: [1, 2], positive: [true, true]) == 0.5)
    }

    @Test("Benjamini and Hochberg's values of their definition", .tags(.golden))
    func benjaminiHochberg() {
        // By hand: 0.01·4/1, 0.02·4/2, 0.03·4/3, 0.5·4/4, made monotone from the right.
        let q = Statistics.benjaminiHochberg([0.5, 0.01, 0.03, 0.02])
        for (found, expected) in zip(q, [0.5, 0.04, 0.04, 0.04]) { #expect(abs(found - expected) < 1e-12) }
        #expect(
            Statistics.benjaminiHochberg([]).isEmpty && Statistics.benjaminiHochberg([0.9, 1]) == [1, 1])
    }

    @Test(
        "the maximum over lists: noise gives uniform values, one list with a signal a small one",
        .tags(.planted))
    func maximum() {
        var generator = SeededGenerator(seed: 4)
        let labels = (0..<60).map { $0 % 2 == 0 }
        var small = 0
        for _ in 0..<100 {
            let scores = (0..<5).map { _ in labels.map { _ in generator.normal() } }
            let p = Statistics.maximumPValue(
                scores: scores, positive: labels, permutations: 99, generator: &generator)
            small += p <= 0.05 ? 1 : 0
        }
        // 5 of 100 are expected; twice three standard deviations are 13.
        #expect(small <= 13, "\(small) of 100")
        let signal = labels.map { ($0 ? 1 : -1) + generator.normal() }
        let noise = labels.map { _ in generator.normal() }
        #expect(
            Statistics.maximumPValue(
                scores: [noise, signal], positive: labels, permutations: 199, generator: &generator) <= 0.01)
    }
}
