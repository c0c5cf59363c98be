import Foundation
import VaneConcepts

/// A sequential test by betting, the core of row 53: Teneggi and Sulam, *I Bet You Did Not Mean That: Testing
/// Semantic Importance via Betting*, NeurIPS 2024.
///
/// The wealth starts at 1 and becomes `K (1 + v κ)` by each payoff `g`, `κ = tanh(g / s)`, `s` the range from
/// the 0.1 to the 0.9 quantile of the payoffs before. The stake `v` follows an online Newton step, `z = κ/(1
/// + v κ)`, `A ← A + z²`, `v ← v + 2/(2 - log 3) · z/A`, kept in `0...1/2`.
///
/// If, given all before, `g` and `-g` are equally likely under the hypothesis, the wealth is a martingale, so
/// it ever exceeds `1/level` with a chance of at most `level` (Ville): one may look after every step and stop
/// when one likes.
public struct BettingTest: Sendable, Hashable {
    /// The chance of rejecting a true hypothesis, ever.
    public let level: Double
    /// The wealth.
    public private(set) var wealth = 1.0
    /// Payoffs so far.
    public private(set) var steps = 0
    /// The step at which the wealth first exceeded `1/level`.
    public private(set) var rejectedAt: Int?
    /// The wealth after each step.
    public private(set) var wealths: [Double] = []

    private var stake = 0.0
    private var curvature = 1.0
    private var payoffs: [Double] = []

    /// A test at `level`.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption` unless the level is between 0 and 1.
    public init(level: Double = 0.05) throws {
        guard level > 0, level < 1 else {
            throw EvidenceError(.invalidOption, "the level \(level) should be between 0 and 1")
        }
        self.level = level
    }

    /// Bets on a payoff; one that is no finite number counts as 0.
    public mutating func bet(_ payoff: Double) {
        let payoff = payoff.isFinite ? payoff : 0
        steps += 1
        let count = payoffs.count
        if count >= 4 {
            let scale = payoffs[count * 9 / 10] - payoffs[count / 10]
            if scale > 0 {
                let share = tanh(payoff / scale)
                wealth *= 1 + stake * share
                let slope = share / (1 + stake * share)
                curvature += slope * slope
                stake = min(0.5, max(0, stake + 2 / (2 - log(3)) * slope / curvature))
            }
        }
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if payoffs[middle] < payoff { low = middle + 1 } else { high = middle }
        }
        payoffs.insert(payoff, at: low)
        wealths.append(wealth)
        if rejectedAt == nil, wealth > 1 / level { rejectedAt = steps }
    }

    /// Which of several tests to reject so that the expected share of false ones stays below `level`,
    /// whatever their dependence: those of the `k` largest wealths for the largest `k` whose `k`-th is at
    /// least `n / (level k)` (e-BH; Wang and Ramdas, 2022).
    ///
    /// - Parameters:
    ///   - wealths: of all tests, each at a time of its own choice.
    ///   - level: the false discovery rate.
    /// - Returns: indices, the largest wealth first.
    public static func discoveries(_ wealths: [Double], level: Double = 0.05) -> [Int] {
        let order = wealths.indices.sorted { (wealths[$0], $1) > (wealths[$1], $0) }
        let count = Double(order.count)
        let last = order.indices.last { wealths[order[$0]] * level * Double($0 + 1) >= count }
        return last.map { Array(order[0...$0]) } ?? []
    }
}

/// How a test by betting ended.
public struct BettingResult: Sendable, Hashable, Codable {
    /// The step at which the hypothesis "the concept does not matter" was rejected; nil if it was not.
    public let rejectedAt: Int?
    /// The wealth at the end.
    public let wealth: Double
    /// Steps taken.
    public let steps: Int
    /// The wealth after each step.
    public let wealths: [Double]
    /// Whether the concept matters.
    public var isRejected: Bool { rejectedAt != nil }

    init(_ test: BettingTest) {
        rejectedAt = test.rejectedAt
        wealth = test.wealth
        steps = test.steps
        wealths = test.wealths
    }

    /// The step at which the wealth first exceeded `1/level`, for a level above the one that the test stopped at; nil if it
    /// never did.
    public func rejection(at level: Double) -> Int? {
        wealths.firstIndex { $0 > 1 / level }.map { $0 + 1 }
    }
}
