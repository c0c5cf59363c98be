import Foundation
public import VaneConcepts
import VaneTensors

/// Every learner on every made world: how near it comes to the planted direction, how well it reads, and what the same procedure
/// makes of labels that mean nothing.
///
/// A cell is the median over draws of a world. Intervals are those of the median by order statistics (no distribution is
/// assumed), at least 95% where there are six draws or more.
public struct LearnerTable: Sendable, Codable, Hashable {
    /// A world's place in the table.
    public struct World: Sendable, Codable, Hashable {
        /// Its id.
        public let id: String
        /// What was planted.
        public let summary: String
    }

    /// One learner in one world.
    public struct Cell: Sendable, Codable, Hashable {
        /// The world's id.
        public let world: String
        /// The learner's id.
        public let learner: String
        /// `|cosine|` with the planted direction; nil where none was planted.
        public let cosine: Estimate?
        /// The same after learning from shuffled labels.
        public let shuffledCosine: Estimate?
        /// The part of held-out texts that the probe has right.
        public let accuracy: Estimate
        /// The same after learning from shuffled labels.
        public let shuffledAccuracy: Estimate
        /// The part of the draws in which the verdict was that a direction is found.
        public let found: Double
        /// Why the learner gave nothing in some draw, which then counts as cosine 0 and accuracy ½; nil if it always did.
        public let failure: String?
    }

    /// The worlds, in order.
    public let worlds: [World]
    /// The learners, in order.
    public let learners: [LearningMethod]
    /// One cell a world and learner.
    public let cells: [Cell]
    /// Draws of each world.
    public let seeds: Int

    /// Runs all learners in all worlds; the same numbers on any number of threads.
    ///
    /// - Parameters:
    ///   - learners: what to compare.
    ///   - worlds: where.
    ///   - seeds: how often each world is drawn; the seeds are 1, 2, ….
    ///   - progress: called with a part of the work done, 0...1, and the world.
    /// - Throws: ``EvaluationError`` `unusableInput` for an empty table; `CancellationError`.
    public init(
        learners: [any Learner] = Learners.ofActivations, worlds: [LearnerWorld] = LearnerWorld.all,
        seeds: Int = 20,
        progress: (@Sendable (Double, String) -> Void)? = nil
    ) async throws {
        guard !learners.isEmpty, !worlds.isEmpty, (1...10_000).contains(seeds) else {
            throw EvaluationError(
                .unusableInput,
                "a table takes a learner, a world and 1 to 10000 seeds, not \(learners.count), \(worlds.count) and \(seeds)"
            )
        }
        var cells: [Cell] = []
        for (number, world) in worlds.enumerated() {
            let draws = try await Self.draws(of: world, learners, seeds) { done in
                progress?(
                    (Double(number) + Double(done) / Double(seeds)) / Double(worlds.count), world.id)
            }
            for (place, learner) in learners.enumerated() {
                cells.append(Self.cell(world.id, learner.method.id, draws.map { $0[place] }))
            }
        }
        self.worlds = worlds.map { World(id: $0.id, summary: $0.summary) }
        self.learners = learners.map(\.method)
        self.cells = cells
        self.seeds = seeds
    }

    /// The cell of a world and a learner; nil if the table has none.
    public func cell(_ world: String, _ learner: String) -> Cell? {
        cells.first { $0.world == world && $0.learner == learner }
    }

    /// What one learner did in one draw.
    private struct Reading: Sendable {
        var cosine: Double?
        var accuracy = 0.5
        var isFound = false
        var failure: String?

        init(_ sample: LearnerWorld.Sample, _ learner: any Learner) {
            do {
                let layer = try sample.learn(by: learner)
                guard let first = layer.layers.first else { return }
                accuracy = first.result.accuracy.value
                isFound = layer.verdict.isFound
                cosine = sample.truth.map { truth in
                    abs(zip(first.probe.direction, truth).reduce(0) { $0 + Double($1.0) * Double($1.1) })
                }
            } catch {
                failure = "\(error)"
                cosine = sample.truth.map { _ in 0 }
            }
        }
    }

    private typealias Draw = [(real: Reading, shuffled: Reading)]

    private static func draws(
        of world: LearnerWorld, _ learners: [any Learner], _ seeds: Int, progress: @Sendable (Int) -> Void
    ) async throws -> [Draw] {
        try await withThrowingTaskGroup(of: (Int, Draw).self) { group in
            for seed in 0..<seeds {
                group.addTask {
                    let sample = world.sample(UInt64(seed + 1))
                    var generator = SeededGenerator(seed: UInt64(seed + 1), stream: 8000)
                    let shuffled = sample.shuffled(&generator)
                    var draw: Draw = []
                    for learner in learners {
                        try Task.checkCancellation()
                        draw.append((Reading(sample, learner), Reading(shuffled, learner)))
                    }
                    return (seed, draw)
                }
            }
            var draws: [Int: Draw] = [:]
            for try await (seed, draw) in group {
                draws[seed] = draw
                progress(draws.count)
            }
            return draws.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private static func cell(_ world: String, _ learner: String, _ draws: Draw) -> Cell {
        func median(_ values: [Double?]) -> Estimate? {
            let known = values.compactMap { $0 }
            return known.isEmpty ? nil : MedianInterval.estimate(known)
        }
        return Cell(
            world: world, learner: learner, cosine: median(draws.map(\.real.cosine)),
            shuffledCosine: median(draws.map(\.shuffled.cosine)),
            accuracy: MedianInterval.estimate(draws.map(\.real.accuracy)),
            shuffledAccuracy: MedianInterval.estimate(draws.map(\.shuffled.accuracy)),
            found: Double(draws.count { $0.real.isFound }) / Double(max(draws.count, 1)),
            failure: draws.compactMap(\.real.failure).first)
    }
}

/// The median with its distribution-free interval.
enum MedianInterval {
    /// The interval from the k-th smallest to the k-th largest value, k the largest with `P(Bin(n, ½) < k) ≤ 0.025`; the
    /// whole range where there are fewer than six values, which cannot give 95%.
    static func estimate(_ values: [Double]) -> Estimate {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else {
            return Estimate(value: .nan, low: .nan, high: .nan)
        }
        let count = sorted.count
        var k = 0
        // P(X ≤ k) = P(X ≥ n - k) for a fair coin.
        while k < count / 2,
            Statistics.binomialTail(successes: count - k, of: count, chance: 0.5) <= 0.025
        {
            k += 1
        }
        return Estimate(
            value: Statistics.quantile(sorted, 0.5), low: k == 0 ? first : sorted[k - 1],
            high: k == 0 ? last : sorted[count - k])
    }
}
