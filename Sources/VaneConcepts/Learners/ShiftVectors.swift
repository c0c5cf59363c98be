public import VaneSites
import VaneTensors

/// What fine-tuning does to the activations of a concept: the mean difference between two checkpoints on the
/// same texts (row 17: Analyzing Fine-tuning Representation Shift, arXiv 2501.03012).
///
///     Δ_k = mean over the texts of group k of (h_tuned - h_original)
///
/// Groups are what the caller makes them: labels, or the strongest entry of a dictionary. `u_k + Δ_k` is
/// where the original concept should be found again in the tuned network, and adding `Δ_k` to the original
/// imitates the tuning.
public struct ShiftVectors: Sendable {
    /// How activations stand for a text.
    public var pooling: Pooling
    /// Tokens a pass takes at most (a longer text goes alone).
    public var batchTokens: Int

    /// A learner.
    public init(pooling: Pooling = .mean, batchTokens: Int = 1024) {
        self.pooling = pooling
        self.batchTokens = batchTokens
    }

    /// The shift of one group at one site.
    public struct Shift: Sendable, Hashable {
        /// `Δ`, `[width]`.
        public let vector: [Float]
        /// The length of the mean shift over the mean length of the single shifts: 1 when all texts move
        /// alike, near `1/√texts` when they move at random.
        public let agreement: Double
    }

    /// The shifts of each group at each site.
    ///
    /// - Parameters:
    ///   - groups: the tokens of the texts of each group.
    ///   - sites: where to read.
    ///   - original: the network before.
    ///   - tuned: the network after; of the same layout.
    /// - Throws: ``ConceptError`` `wrongModel` for networks of different layouts, `unusableExamples` for an
    ///   empty group; `SiteError`.
    public func shifts(
        of groups: [String: [[Int]]], at sites: [Site], from original: any SteerableNetwork,
        to tuned: any SteerableNetwork
    ) throws -> [String: [Site: Shift]] {
        guard original.layout == tuned.layout else {
            throw ConceptError(
                .wrongModel,
                "shifts need two checkpoints of one layout, not \(original.layout) and \(tuned.layout)")
        }
        var result: [String: [Site: Shift]] = [:]
        for (name, texts) in groups.sorted(by: { $0.key < $1.key }) {
            guard !texts.isEmpty else {
                throw ConceptError(.unusableExamples, "the group '\(name)' has no text")
            }
            let pair = try [original, tuned].map {
                try Harvest(texts, at: sites, in: $0, pooling: pooling, batchTokens: batchTokens)
            }
            for site in sites {
                guard let before = pair[0].activations[site], let after = pair[1].activations[site] else {
                    continue
                }
                let moves = try after.subtracting(before)
                let rows = moves.rowCount
                let mean = Numbers.sum(moves, 0..<rows).map { $0 / Double(rows) }
                let lengths = (0..<rows).reduce(0.0) { $0 + Numbers.norm(Numbers.sum(moves, $1..<$1 + 1)) }
                let typical = lengths / Double(rows)
                result[name, default: [:]][site] = Shift(
                    vector: mean.map { Float($0) },
                    agreement: typical > 0 ? Numbers.norm(mean) / typical : 0)
            }
        }
        return result
    }
}
