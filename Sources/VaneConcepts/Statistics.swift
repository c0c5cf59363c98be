import Foundation
public import VaneTensors

/// A number with a 95% interval.
public struct Estimate: Sendable, Hashable, Codable {
    /// The point estimate.
    public let value: Double
    /// The interval's lower end.
    public let low: Double
    /// The interval's upper end.
    public let high: Double

    /// An estimate.
    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }
}

/// The statistics behind results and verdicts.
public enum Statistics {
    /// A proportion with its 95% Wilson score interval (Wilson, 1927).
    public static func wilson(successes: Int, of count: Int) -> Estimate {
        guard count > 0 else { return Estimate(value: 0, low: 0, high: 1) }
        let z = 1.959963984540054
        let n = Double(count)
        let p = Double(successes) / n
        let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return Estimate(value: p, low: max(0, centre - half), high: min(1, centre + half))
    }

    /// The probability of at least `successes` in `count` trials of chance `chance`: exact binomial,
    /// one-sided.
    public static func binomialTail(successes: Int, of count: Int, chance: Double) -> Double {
        guard successes > 0 else { return 1 }
        guard chance < 1 else { return 1 }
        var total = 0.0
        for k in successes...max(successes, count) where k <= count {
            let ways = lgamma(Double(count + 1)) - lgamma(Double(k + 1)) - lgamma(Double(count - k + 1))
            total += exp(ways + Double(k) * log(chance) + Double(count - k) * log(1 - chance))
        }
        return min(1, total)
    }

    /// Area under the ROC curve: the chance that a positive scores above a negative, ties counted half; with
    /// a 95% percentile interval from `resamples` stratified bootstrap samples.
    public static func auroc(
        scores: [Double], positive: [Bool], resamples: Int, generator: inout SeededGenerator
    ) -> Estimate {
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        let positives = positive.indices.filter { positive[$0] }
        let negatives = positive.indices.filter { !positive[$0] }
        guard !positives.isEmpty, !negatives.isEmpty else { return Estimate(value: 0.5, low: 0, high: 1) }
        var weights = [Int](repeating: 1, count: scores.count)
        let value = area(scores, positive, order, weights)
        var samples: [Double] = []
        samples.reserveCapacity(resamples)
        for _ in 0..<resamples {
            for i in weights.indices { weights[i] = 0 }
            for _ in positives { weights[positives[generator.integer(below: positives.count)]] += 1 }
            for _ in negatives { weights[negatives[generator.integer(below: negatives.count)]] += 1 }
            samples.append(area(scores, positive, order, weights))
        }
        return Estimate(value: value, low: quantile(samples, 0.025), high: quantile(samples, 0.975))
    }

    /// Area under the ROC curve without an interval.
    public static func auroc(scores: [Double], positive: [Bool]) -> Double {
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        return area(scores, positive, order, [Int](repeating: 1, count: scores.count))
    }

    /// Average precision of the ranking by `scores` with both classes weighing the same: the mean, over the positives, of the
    /// weighted share of positives among what scores at least as high. 0.5 by guessing, whatever the numbers of each.
    public static func averagePrecision(scores: [Double], positive: [Bool]) -> Double {
        let positives = Double(positive.count { $0 })
        let negatives = Double(positive.count) - positives
        guard positives > 0 && negatives > 0 else { return 0.5 }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var (above, below, sum) = (0.0, 0.0, 0.0)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let tied = Double(order[start..<end].count { positive[$0] })
            above += tied / positives
            below += (Double(end - start) - tied) / negatives
            if tied > 0 { sum += tied / positives * above / (above + below) }
            start = end
        }
        return sum
    }

    /// Benjamini and Hochberg's (1995) corrected values: `q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎ · n / j`, at most 1.
    public static func benjaminiHochberg(_ pValues: [Double]) -> [Double] {
        let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
        var result = pValues
        var smallest = 1.0
        for (rank, index) in order.enumerated().reversed() {
            smallest = min(smallest, pValues[index] * Double(order.count) / Double(rank + 1))
            result[index] = smallest
        }
        return result
    }

    /// The chance that the largest AUROC of several score lists is as large as it is when the labels mean nothing: labels are
    /// permuted `permutations` times, and the observed order counts as one of them (Phipson and Smyth, 2010).
    public static func maximumPValue(
        scores: [[Double]], positive: [Bool], permutations: Int, generator: inout SeededGenerator
    ) -> Double {
        let orders = scores.map { list in list.indices.sorted { (list[$0], $0) < (list[$1], $1) } }
        let weights = [Int](repeating: 1, count: positive.count)
        func largest(_ labels: [Bool]) -> Double {
            zip(scores, orders).map { area($0, labels, $1, weights) }.max() ?? 0.5
        }
        let observed = largest(positive)
        var reached = 1
        for _ in 0..<permutations where largest(generator.shuffled(positive)) >= observed { reached += 1 }
        return Double(reached) / Double(permutations + 1)
    }

    /// The `q`-quantile of `values` with linear interpolation; NaN when there are none.
    public static func quantile(_ values: [Double], _ q: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        let place = q * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }

    /// The mean of paired differences with a 95% percentile bootstrap interval over the pairs.
    public static func pairedBootstrap(
        _ differences: [Double], resamples: Int, generator: inout SeededGenerator
    ) -> Estimate {
        guard !differences.isEmpty else { return Estimate(value: 0, low: 0, high: 0) }
        let count = differences.count
        let samples = (0..<resamples).map { _ in
            (0..<count).reduce(0.0) { sum, _ in sum + differences[generator.integer(below: count)] }
                / Double(count)
        }
        return Estimate(
            value: differences.reduce(0, +) / Double(count), low: quantile(samples, 0.025),
            high: quantile(samples, 0.975))
    }

    /// The weighted Mann–Whitney statistic over `order`, ascending in score.
    private static func area(_ scores: [Double], _ positive: [Bool], _ order: [Int], _ weights: [Int])
        -> Double
    {
        var below = 0
        var wins = 0.0
        var (positives, negatives) = (0, 0)
        var start = 0
        while start < order.count {
            var end = start
            var (tiedPositives, tiedNegatives) = (0, 0)
            while end < order.count, scores[order[end]] == scores[order[start]] {
                if positive[order[end]] {
                    tiedPositives += weights[order[end]]
                } else {
                    tiedNegatives += weights[order[end]]
                }
                end += 1
            }
            wins += Double(tiedPositives) * (Double(below) + Double(tiedNegatives) / 2)
            below += tiedNegatives
            positives += tiedPositives
            negatives += tiedNegatives
            start = end
        }
        return positives == 0 || negatives == 0 ? 0.5 : wins / (Double(positives) * Double(negatives))
    }
}
