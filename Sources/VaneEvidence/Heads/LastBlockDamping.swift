import Foundation
public import VaneConcepts
public import VaneSites
import VaneTensors

/// Whether the last block damps answers, and what undoing it gives (row 185, Lv et al., arXiv 2403.19521).
///
/// With `h` the state in front of the last block at the last token and `Δ` what the block adds, the answer is
/// read from
/// `h + λ Δ`: `λ = 0` is the logit lens before the block, 1 the network as it is, what lies between damps
/// less. One half of the
/// facts chooses `λ`, the other half says what it is worth, so that a gain is not the chance of the best of
/// many.
public struct LastBlockDamping: Sendable, Hashable, Codable {
    /// A point of the curve.
    public struct Point: Sendable, Hashable, Codable {
        /// How much of the last block's addition is kept.
        public let share: Double
        /// The answers' mean log-probability over all facts, nats, with a 95% bootstrap interval.
        public let logProbability: Estimate
        /// Part of the facts whose answer is the likeliest token.
        public let accuracy: Double
    }

    /// The curve.
    public let points: [Point]
    /// The share that the first half of the facts does best with.
    public let best: Double
    /// What that share gains on the other half over the network as it is, nats a fact, with a 95% bootstrap
    /// interval.
    public let gain: Estimate
    /// Facts whose answer is likelier without the last block.
    public let damped: Int
    /// All facts.
    public let facts: Int

    /// Reads facts at several shares.
    ///
    /// - Parameters:
    ///   - facts: prompts with answers, 4 or more.
    ///   - shares: the values of `λ`; 0 and 1 are read in any case.
    ///   - seed: seeds the halves and the intervals.
    ///   - network: a network with two blocks or more.
    /// - Throws: ``EvidenceError`` `unusableInputs` for fewer than 4 facts, `invalidOption` for shares or
    ///   answers that are none,
    ///   `unsupportedNetwork` for a single block; `SiteError`.
    public init(
        _ facts: [FactualRecall.Fact], shares: [Double] = [0, 0.25, 0.5, 0.75, 1, 1.25], seed: UInt64 = 0,
        in network: any InspectableNetwork
    ) throws {
        let layout = network.layout
        guard facts.count >= 4 else {
            throw EvidenceError(.unusableInputs, "damping is read on at least 4 facts, not \(facts.count)")
        }
        guard layout.depth > 1 else {
            throw EvidenceError(
                .unsupportedNetwork, "a network of one block has nothing in front of its last one")
        }
        guard shares.allSatisfy(\.isFinite), facts.allSatisfy({ (0..<layout.vocabulary).contains($0.answer) })
        else {
            throw EvidenceError(
                .invalidOption,
                "shares are finite numbers and answers tokens from 0 to \(layout.vocabulary - 1)")
        }
        let places = [Site.residual(layout.depth - 2), .residual(layout.depth - 1)]
        let all = Set(shares + [0, 1]).sorted()
        var scores = [[Double]](repeating: [], count: all.count)
        var hits = [Int](repeating: 0, count: all.count)
        for fact in facts {
            let read = try SiteRows(fact.prompt, at: places, in: network)
            let (before, after) = (read.last(places[0]), read.last(places[1]))
            let mixed = all.flatMap { share in
                zip(before, after).map { Float(Double($0) + share * (Double($1) - Double($0))) }
            }
            let logits = try network.readOut(Tensor(mixed, shape: [all.count, layout.width])).logSoftmax()
            let (values, width) = (logits.elements, logits.width)
            for number in all.indices {
                let row = values[number * width..<(number + 1) * width]
                let own = row[row.startIndex + fact.answer]
                scores[number].append(Double(own))
                if row.allSatisfy({ $0 <= own }) { hits[number] += 1 }
            }
        }
        var generator = SeededGenerator(seed: seed, stream: 760)
        let order = generator.shuffled(facts.indices)
        let (chosen, judged) = (order.prefix(facts.count / 2), order.dropFirst(facts.count / 2))
        let whole = all.firstIndex(of: 1) ?? 0
        func sum(_ number: Int) -> Double { chosen.reduce(0) { $0 + scores[number][$1] } }
        // Among equals the network as it is.
        let best =
            all.indices.max { (sum($0), $0 == whole ? 1 : 0) < (sum($1), $1 == whole ? 1 : 0) } ?? whole
        self.best = all[best]
        gain = Statistics.pairedBootstrap(
            judged.map { scores[best][$0] - scores[whole][$0] }, resamples: 1000, generator: &generator)
        points = all.indices.map { number in
            Point(
                share: all[number],
                logProbability: Statistics.pairedBootstrap(
                    scores[number], resamples: 1000, generator: &generator),
                accuracy: Double(hits[number]) / Double(facts.count))
        }
        damped = facts.indices.count { scores[all.firstIndex(of: 0) ?? 0][$0] > scores[whole][$0] }
        self.facts = facts.count
    }
}
