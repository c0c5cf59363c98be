import Foundation
public import VaneConcepts
public import VaneSites
import VaneTensors

/// What a block's MLP does with what the block's heads write towards answers (row 185, Lv et al., arXiv
/// 2403.19521): the
/// regression of the MLP's output on the heads' outputs.
///
/// For each fact and each candidate answer `t` every part of the last token's state adds `d_t · y` to the
/// logit of `t`. Per block
/// the MLP's additions are regressed on those of its heads,
///
///     mlp(t) = Σ_h β_h head_h(t) + rest(t)
///
/// each centred over the candidates of a fact. `β_h > 0`: the MLP amplifies what head `h` writes, `β_h < 0`:
/// it erases it. The
/// share explained is on facts that took no part in the fit; beside it the same with the heads' candidates
/// shuffled, which is
/// about 0. The mean of `rest` at the answer, over its spread, is what the MLP adds on its own account.
public struct RecallRegression: Sendable, Hashable {
    /// One block.
    public struct Block: Sendable, Hashable, Codable {
        /// The block.
        public let layer: Int
        /// One coefficient a head.
        public let coefficients: [Double]
        /// The part of the MLP's variance over candidates that the heads explain on other facts; below 0 for
        /// a fit that
        /// misleads.
        public let explained: Double
        /// The same with shuffled candidates.
        public let shuffled: Double
        /// What the MLP adds to the answer's logit over the candidates' mean, mean over the facts, 95%
        /// bootstrap interval.
        public let answer: Estimate
        /// What it adds beyond the regression, likewise.
        public let own: Estimate
    }

    /// Every block, from the first.
    public let blocks: [Block]
    /// Facts used.
    public let facts: Int
    /// Candidate answers.
    public let candidates: Int

    /// Regresses.
    ///
    /// - Parameters:
    ///   - facts: prompts with answers, 6 or more.
    ///   - candidates: tokens that could be answers, besides the facts' own; 3 or more different ones in all.
    ///   - seed: seeds halves, shuffles and intervals.
    ///   - network: a network that shows its weights.
    ///   - progress: called with the number of facts read.
    /// - Throws: ``EvidenceError`` `unusableInputs`, `invalidOption`, `unsupportedNetwork`; `SiteError`.
    public init(
        _ facts: [FactualRecall.Fact], candidates: [Int] = [], seed: UInt64 = 0,
        in network: any ReadableNetwork, progress: ((Int) -> Void)? = nil
    ) throws {
        let layout = network.layout
        let tokens = Set(candidates + facts.map(\.answer)).sorted()
        guard facts.count >= 6, tokens.count >= 3, layout.heads > 0 else {
            throw EvidenceError(
                .unusableInputs,
                "the regression takes at least 6 facts and 3 different answers, not \(facts.count) and \(tokens.count)"
            )
        }
        guard tokens.allSatisfy({ (0..<layout.vocabulary).contains($0) }) else {
            throw EvidenceError(
                .invalidOption, "answers are tokens numbered from 0 to \(layout.vocabulary - 1)")
        }
        // [facts][layers] -> parts x candidates, the heads first, then the MLP.
        var parts: [[[[Double]]]] = []
        for (number, fact) in facts.enumerated() {
            var sums = [[[Double]]](
                repeating: [[Double]](repeating: [], count: layout.heads + 1), count: layout.depth)
            for token in tokens {
                let run = try DirectLogitAttribution(of: .logit(token), fact.prompt, in: network)
                for entry in run.contributions {
                    switch entry.part {
                    case .head(let layer, let head): sums[layer][head].append(entry.value)
                    case .mlp(let layer): sums[layer][layout.heads].append(entry.value)
                    default: break
                    }
                }
            }
            parts.append(sums)
            progress?(number + 1)
        }
        let answers = facts.map { fact in tokens.firstIndex(of: fact.answer) ?? 0 }
        blocks = try (0..<layout.depth).map { layer in
            try RecallRegression.block(
                layer, parts.map { $0[layer] }, answers: answers, seed: seed &+ UInt64(layer))
        }
        self.facts = facts.count
        self.candidates = tokens.count
    }

    /// The regression of one block.
    ///
    /// - Parameters:
    ///   - layer: the block's number.
    ///   - parts: `[facts][heads + 1][candidates]`, what each head and, last, the MLP adds to each
    ///     candidate's logit.
    ///   - answers: which candidate answers each fact.
    ///   - seed: seeds halves, shuffles and intervals.
    /// - Throws: `TensorError` for numbers that are not finite.
    package static func block(_ layer: Int, _ parts: [[[Double]]], answers: [Int], seed: UInt64) throws
        -> Block
    {
        var generator = SeededGenerator(seed: seed, stream: 770)
        let parts = parts.map { $0.map(centred) }
        let order = generator.shuffled(parts.indices)
        let (fitted, judged) = (Array(order.prefix(parts.count / 2)), Array(order.dropFirst(parts.count / 2)))
        let orders = parts.map { generator.shuffled(($0.last ?? []).indices) }
        func rows(_ facts: [Int], shuffled: Bool) -> (x: [[Double]], y: [Double]) {
            var (x, y): ([[Double]], [Double]) = ([], [])
            for fact in facts {
                let (heads, mlp) = (parts[fact].dropLast(), parts[fact].last ?? [])
                for candidate in mlp.indices {
                    let place = shuffled ? orders[fact][candidate] : candidate
                    x.append(heads.map { $0[place] })
                    y.append(mlp[candidate])
                }
            }
            return (x, y)
        }
        func explained(_ weights: [Double], _ rows: (x: [[Double]], y: [Double])) -> Double {
            let total = rows.y.reduce(0) { $0 + $1 * $1 }
            guard total > 0 else { return 0 }
            let rest = zip(rows.x, rows.y).reduce(0.0) { sum, row in
                let rest = row.1 - product(weights, row.0)
                return sum + rest * rest
            }
            return 1 - rest / total
        }
        let weights = try fit(rows(fitted, shuffled: false))
        let shuffledWeights = try fit(rows(fitted, shuffled: true))
        let additions = zip(parts, answers).map { fact, answer in
            let own = (fact.last ?? [])[answer]
            return (all: own, rest: own - product(weights, fact.dropLast().map { $0[answer] }))
        }
        return Block(
            layer: layer, coefficients: weights,
            explained: explained(weights, rows(judged, shuffled: false)),
            shuffled: explained(shuffledWeights, rows(judged, shuffled: true)),
            answer: Statistics.pairedBootstrap(additions.map(\.all), resamples: 1000, generator: &generator),
            own: Statistics.pairedBootstrap(
                judged.map { additions[$0].rest }, resamples: 1000, generator: &generator))
    }

    private static func centred(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(max(values.count, 1))
        return values.map { $0 - mean }
    }

    private static func product(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Least squares through the origin with a trace of a ridge, so that idle heads get 0.
    private static func fit(_ rows: (x: [[Double]], y: [Double])) throws -> [Double] {
        let count = rows.x.first?.count ?? 0
        var matrix = [Double](repeating: 0, count: count * count)
        var right = [Double](repeating: 0, count: count)
        for (x, y) in zip(rows.x, rows.y) {
            for i in 0..<count {
                right[i] += x[i] * y
                for j in 0..<count { matrix[i * count + j] += x[i] * x[j] }
            }
        }
        let trace = (0..<count).reduce(0.0) { $0 + matrix[$1 * count + $1] }
        for i in 0..<count { matrix[i * count + i] += max(trace / Double(count) * 1e-6, 1e-12) }
        return try PositiveDefinite.solve(matrix, right)
    }
}
