import Foundation
import VaneTensors

/// Draws a concept's score, or a whole text, given the scores of other concepts: what row 53's conditional
/// tests compare with. Learnt from a pool of texts, which should be others than those tested.
///
/// A pool row is drawn with weight `exp(-‖z - zᵢ‖² / 2h²)` over the given concepts, each score in units of
/// its standard deviation, `h` such that rows count as about ``effectiveSamples`` on average. Published is
/// the pool row's score itself; by default the score is the prediction of a linear regression for `z` plus
/// the drawn row's residual, which stays exact with few rows where scores depend on each other linearly. The
/// tests are as good as this sampler: with a wide `h` and without regression they reject concepts that do not
/// matter.
public struct ConditionalSampler: Sendable {
    /// Rows that a draw chooses from, `(Σ w)² / Σ w²`.
    public let effectiveSamples: Double
    private let pool: [[Double]]
    private let scales: [Double]
    private let regresses: Bool

    /// Scores of concepts, `[texts][concepts]`.
    ///
    /// - Parameters:
    ///   - pool: scores of other texts than those tested, 50 at least.
    ///   - effectiveSamples: rows that a draw chooses from; a twentieth of the pool, at least 20 and at most
    ///     2000, if nil.
    ///   - regresses: whether a linear regression is taken out first.
    /// - Throws: ``EvidenceError`` `unusableInputs`, `invalidOption`.
    public init(pool: [[Double]], effectiveSamples: Double? = nil, regresses: Bool = true) throws {
        let width = pool.first?.count ?? 0
        guard pool.count >= 50, width > 0, pool.allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
        else {
            throw EvidenceError(
                .unusableInputs,
                "a pool of scores needs at least 50 texts, each with a finite score of every concept")
        }
        let effective = effectiveSamples ?? min(2000, max(20, Double(pool.count) / 20))
        guard effective >= 2, effective <= Double(pool.count) else {
            throw EvidenceError(
                .invalidOption, "effective samples should be from 2 to the pool's \(pool.count) texts")
        }
        self.effectiveSamples = effective
        self.pool = pool
        self.regresses = regresses
        scales = (0..<width).map { j in
            let mean = pool.reduce(0) { $0 + $1[j] } / Double(pool.count)
            let variance = pool.reduce(0) { $0 + ($1[j] - mean) * ($1[j] - mean) } / Double(pool.count)
            return variance > 0 ? 1 / variance.squareRoot() : 0
        }
    }

    /// Texts of the pool.
    public var texts: Int { pool.count }

    /// How many concepts the pool has scores of.
    public var concepts: Int { scales.count }

    /// What is drawn from given some concepts.
    struct Given {
        let concepts: [Int]
        let factor: Double
        /// Of the concept drawn: weights of the given ones and residual of each pool row.
        let weights: [Double]
        let residuals: [Double]
    }

    /// Prepares draws of `concept` given others, of whole texts if nil, with a factor of its own if none is
    /// given.
    func given(_ concepts: [Int], drawing concept: Int? = nil, factor: Double? = nil) throws -> Given {
        var (weights, residuals) = ([Double](repeating: 0, count: concepts.count), [Double]())
        if let concept {
            if regresses, !concepts.isEmpty {
                let rows = try Tensor(
                    pool.flatMap { row in concepts.map { Float(row[$0] * scales[$0]) } },
                    shape: [pool.count, concepts.count])
                weights = try RidgeRegression(rows, targets: pool.map { $0[concept] }).fit(lambda: 1e-6)
                    .weights
            }
            residuals = pool.map { row in
                row[concept] - zip(weights, concepts).reduce(0) { $0 + $1.0 * row[$1.1] * scales[$1.1] }
            }
        }
        return Given(
            concepts: concepts, factor: factor ?? self.factor(concepts), weights: weights,
            residuals: residuals)
    }

    /// A pool row given the scores of a text.
    func row(_ given: Given, like scores: [Double], generator: inout SeededGenerator) -> Int {
        guard !given.concepts.isEmpty else { return generator.integer(below: pool.count) }
        let distances = pool.indices.map { distance(pool[$0], scores, given.concepts) }
        // The nearest row counts 1, so that far from all rows one is still drawn.
        let nearest = distances.min() ?? 0
        var sums: [Double] = []
        sums.reserveCapacity(distances.count)
        for distance in distances {
            sums.append((sums.last ?? 0) + exp(-given.factor * (distance - nearest)))
        }
        let drawn = generator.uniform() * (sums.last ?? 0)
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] <= drawn { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A score of the concept given a text's other scores.
    func score(_ given: Given, like scores: [Double], generator: inout SeededGenerator) -> Double {
        let row = row(given, like: scores, generator: &generator)
        return zip(given.weights, given.concepts).reduce(given.residuals[row]) {
            $0 + $1.0 * scores[$1.1] * scales[$1.1]
        }
    }

    private func distance(_ a: [Double], _ b: [Double], _ concepts: [Int]) -> Double {
        var sum = 0.0
        for j in concepts {
            let difference = (a[j] - b[j]) * scales[j]
            sum += difference * difference
        }
        return sum
    }

    /// `1/2h²` for which the weights count as ``effectiveSamples`` on average over some pool rows.
    private func factor(_ concepts: [Int]) -> Double {
        guard !concepts.isEmpty else { return 0 }
        let probes = stride(from: 0, to: pool.count, by: max(1, pool.count / 20)).map { probe in
            pool.map { distance($0, pool[probe], concepts) }
        }
        var (low, high) = (1e-6, 1e8)
        for _ in 0..<40 {
            let middle = (low * high).squareRoot()
            let mean =
                probes.reduce(0.0) { sum, distances in
                    let weights = distances.map { exp(-middle * $0) }
                    let total = weights.reduce(0, +)
                    return sum + total * total / max(weights.reduce(0) { $0 + $1 * $1 }, 1e-300)
                } / Double(probes.count)
            if mean > effectiveSamples { low = middle } else { high = middle }
        }
        return (low * high).squareRoot()
    }
}
