import Foundation
public import VaneSites
public import VaneTensors

/// Trains a ``SparseDictionary`` on activations.
///
/// The loss of a batch, with activations scaled so that an entry varies by 1 (the scale is taken out again at the end):
///
///     mean (x - x̂)² + a · Σ‖e - ê‖² / Σ‖e‖² + (JumpReLU) s · (L0 / k - 1)²
///
/// - top-k: the `k` largest latents of a row are active (Gao et al., arXiv 2406.04093).
/// - batch-top-k: the `k·rows` largest of a batch; afterwards those above one threshold, the running mean of the least
///   that was active (Bussmann et al., arXiv 2412.06410).
/// - JumpReLU: those above a learnt threshold each, whose gradient comes from the entries within `bandwidth` of it
///   (Rajamanoharan et al., arXiv 2407.14435); the sparsity term aims at `k` active latents. The thresholds begin where
///   the first batch has `k`, which is ours.
///
/// `ê` is the part of the residual `e = x - x̂` that the largest dead latents write, those that were not active for
/// `deadAfter` steps; the term brings them back to life (Gao et al.).
///
/// Only active latents are decoded and differentiated. Adam moves every parameter in every step, exactly. Decoder rows
/// stay unit vectors, and their gradient has no part along them. A latent's encoder begins as its decoder.
///
/// Same seed and data give the same bytes for any number of threads. A run that is killed and started again with its
/// checkpoint goes on to the same bytes.
public struct SparseTrainer: Sendable {
    /// How latents are selected.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The largest of a row.
        case topK = "topk"
        /// The largest of a batch.
        case batchTopK = "batchtopk"
        /// Those above learnt thresholds.
        case jumpReLU = "jumprelu"
    }

    /// How to train.
    public struct Options: Sendable, Hashable, Codable {
        /// How latents are selected.
        public var kind: Kind
        /// Directions of the dictionary.
        public var latents: Int
        /// Latents that are active in a row; on average, but for top-k.
        public var k: Int
        /// The rate of each step; its `steps` is the length of the run.
        public var rate: LearningRate
        /// Rows of a step.
        public var batch: Int
        /// The weight of the dead latents' loss; 0 leaves them dead.
        public var auxiliary = 1.0 / 32
        /// Dead latents that a row uses at most; half the width if nil.
        public var auxiliaryLatents: Int?
        /// Steps without being active after which a latent is dead.
        public var deadAfter = 100
        /// How far from its threshold an entry moves it (JumpReLU), in deviations of an entry.
        public var bandwidth = 0.5
        /// The weight of the sparsity term (JumpReLU).
        public var sparsity = 1.0
        /// Seeds the first directions and the order of the rows.
        public var seed: UInt64 = 0

        /// Options for a run; the rate rises over the first 5 % of the steps and falls to nothing in a straight line.
        public init(
            kind: Kind = .topK, latents: Int, k: Int, steps: Int, batch: Int = 4096, peak: Double = 1e-3,
            seed: UInt64 = 0
        ) {
            self.kind = kind
            self.latents = latents
            self.k = k
            self.batch = batch
            self.seed = seed
            rate = LearningRate(peak: peak, warmup: steps / 20, steps: steps, decay: .linear)
        }
    }

    /// What is known after a step.
    public struct Progress: Sendable {
        /// Steps taken, counted from the beginning of the run.
        public let step: Int
        /// Steps of the run.
        public let steps: Int
        /// The part of the batch's variance that is not explained.
        public let unexplained: Double
        /// Active latents of a row.
        public let active: Double
        /// Dead latents.
        public let dead: Int
    }

    /// The options.
    public let options: Options

    /// A trainer.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption`.
    public init(_ options: Options) throws {
        func require(_ condition: Bool, _ message: String) throws {
            if !condition { throw EvidenceError(.invalidOption, message) }
        }
        try require(
            (1...1 << 24).contains(options.latents),
            "a dictionary has 1 to 2²⁴ latents, not \(options.latents)")
        try require(
            (1...options.latents).contains(options.k),
            "k must lie between 1 and the \(options.latents) latents, not \(options.k)")
        try require((1...1 << 20).contains(options.batch), "a batch has 1 to 2²⁰ rows, not \(options.batch)")
        try require(
            (1..<1 << 24).contains(options.rate.steps), "a run has 1 to 2²⁴ steps, not \(options.rate.steps)")
        try require(
            options.rate.peak > 0 && options.rate.peak.isFinite,
            "the rate must be positive, not \(options.rate.peak)")
        try require(
            options.bandwidth > 0 && options.sparsity >= 0 && options.auxiliary >= 0 && options.deadAfter > 0
                && options.auxiliaryLatents ?? 1 > 0,
            "bandwidth, deadAfter and auxiliaryLatents must be positive, the weights of the losses at least 0"
        )
        self.options = options
    }

    /// Trains, or goes on from the checkpoint if there is one.
    ///
    /// - Parameters:
    ///   - source: the activations.
    ///   - site: where they come from, for the dictionary to say.
    ///   - model: the model they come from, for the dictionary to say.
    ///   - checkpoint: where the state is kept; nil keeps none.
    ///   - checkpointEvery: steps between checkpoints; one is written as well when `progress` throws.
    ///   - run: identifies the data in the checkpoint, in words of the caller.
    ///   - progress: called after each step; an error it throws stops the run.
    /// - Returns: the dictionary.
    /// - Throws: ``EvidenceError`` `unusableInputs` for activations that are not finite or do not vary, `malformedFile`
    ///   for a checkpoint that is damaged or of another run; `WeightsError`; whatever `source` and `progress` throw.
    public func train(
        on source: any ActivationSource, site: Site? = nil, model: String? = nil, checkpoint: String? = nil,
        checkpointEvery: Int = 200, run: String = "", progress: ((Progress) throws -> Void)? = nil
    ) throws -> SparseDictionary {
        var order = try ShuffledRows(count: source.count, seed: options.seed)
        let state: SparseTrainingState
        if let checkpoint, FileManager.default.fileExists(atPath: checkpoint) {
            state = try SparseTrainingState(contentsOf: checkpoint, options, width: source.width, run: run)
        } else {
            let first = try source.rows(order.numbers(step: 1, size: options.batch))
            state = try SparseTrainingState(first, options)
        }
        while state.step < options.rate.steps {
            let rows = try source.rows(order.numbers(step: state.step + 1, size: options.batch))
            let found = try state.step(rows)
            if let checkpoint, state.step % max(1, checkpointEvery) == 0 || state.step == options.rate.steps {
                try state.write(to: checkpoint, run: run)
            }
            do { try progress?(found) } catch {
                if let checkpoint { try state.write(to: checkpoint, run: run) }
                throw error
            }
        }
        return try state.dictionary(site: site, model: model)
    }
}
