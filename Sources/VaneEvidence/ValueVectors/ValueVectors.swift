import Foundation
public import VaneSites
import VaneTensors

/// What each MLP neuron writes, in words: the columns of the MLPs' output matrices, seen through the unembedding (row 6:
/// Intrinsic Evaluation of Unlearning Using Parametric Knowledge Traces, arXiv 2406.11614; the view is Geva et al.'s,
/// arXiv 2203.14680).
///
///     s_j = W_U (g ∘ v_j),   v_j of [width] the j-th column, g the final norm's factors
///
/// Scores are given in standard deviations over the vocabulary, since the softmax's scale says nothing here. A column that
/// promotes the words of a concept is only a candidate: ``ValueVectorTest`` says whether the model's words hang on it.
public struct ValueVectors: Sendable {
    /// A column that promotes some tokens.
    public struct Candidate: Sendable, Hashable, Codable {
        /// The block, counted from 0.
        public let layer: Int
        /// The neuron, an entry of `Site` `.mlpHidden`.
        public let neuron: Int
        /// The mean of the tokens' scores, standard deviations over the vocabulary.
        public let score: Double
        /// The tokens' part of its twenty highest tokens, as a share of what could be there.
        public let share: Double
    }

    /// How many of the highest tokens ``Candidate/share`` looks at.
    public static let looked = 20

    private let unembedding: PackedMatrix
    private let network: any ReadableNetwork

    /// Prepares the network's unembedding.
    ///
    /// - Throws: ``EvidenceError`` `unsupportedNetwork` when the network shows none; `TensorError`.
    public init(_ network: any ReadableNetwork) throws {
        self.network = network
        let parts = try Unembedding(network)
        let width = parts.rows.width
        var numbers = parts.rows.elements
        for i in numbers.indices { numbers[i] *= parts.gain[i % width] }
        unembedding = try PackedMatrix(Tensor(numbers, shape: parts.rows.shape))
    }

    /// The columns of a block, `[neurons, width]`.
    ///
    /// - Throws: ``EvidenceError`` `unsupportedNetwork` when the network shows none; `SiteError`.
    private func columns(_ layer: Int) throws -> Tensor {
        guard let matrix = try network.weights(of: .mlpOutput(layer)) else {
            throw EvidenceError(
                .unsupportedNetwork, "the network shows no MLP output weights of block \(layer)")
        }
        return try matrix.transposed().contiguous()
    }

    /// A neuron's column, `[width]`.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption` for a neuron the block lacks; `unsupportedNetwork`; `SiteError`.
    public func column(layer: Int, neuron: Int) throws -> [Float] {
        let columns = try columns(layer)
        guard neuron >= 0, neuron < columns.rowCount else {
            throw EvidenceError(
                .invalidOption, "block \(layer) has neurons 0 to \(columns.rowCount - 1), not \(neuron)")
        }
        return Array(columns.elements[neuron * columns.width..<(neuron + 1) * columns.width])
    }

    /// The tokens that a column raises most, scores in standard deviations; if `reversed`, those that it raises where the
    /// neuron is below 0.
    ///
    /// - Throws: as ``column(layer:neuron:)``.
    public func top(_ count: Int, layer: Int, neuron: Int, reversed: Bool = false) throws -> [ScoredToken] {
        let column = try column(layer: layer, neuron: neuron).map { reversed ? -$0 : $0 }
        let scores = try Tensor(column, shape: [1, column.count]).linear(unembedding).elements
        return ScoredToken.top(ValueVectors.standardised(scores[...]), count)
    }

    /// The columns that raise some tokens most on average, the highest first.
    ///
    /// - Parameters:
    ///   - tokens: the concept's tokens.
    ///   - count: how many columns to give.
    ///   - layers: the blocks to look at; all if nil.
    /// - Throws: ``EvidenceError`` `invalidOption` for no tokens, or one outside the vocabulary; `unsupportedNetwork`;
    ///   `SiteError`.
    public func promoting(_ tokens: [Int], count: Int, layers: ClosedRange<Int>? = nil) throws -> [Candidate]
    {
        let vocabulary = network.layout.vocabulary
        let wanted = Set(tokens)
        guard !wanted.isEmpty, wanted.allSatisfy({ $0 >= 0 && $0 < vocabulary }) else {
            throw EvidenceError(
                .invalidOption, "value vectors are looked up by tokens, each below \(vocabulary)")
        }
        var found: [Candidate] = []
        for layer in layers.map(Array.init) ?? Array(0..<network.layout.depth) {
            let scores = try columns(layer).linear(unembedding)
            let numbers = scores.elements
            for neuron in 0..<scores.rowCount {
                let row = ValueVectors.standardised(
                    numbers[neuron * vocabulary..<(neuron + 1) * vocabulary])
                let mean = wanted.reduce(0.0) { $0 + Double(row[$1]) } / Double(wanted.count)
                found.append(Candidate(layer: layer, neuron: neuron, score: mean, share: 0))
            }
            // Only what can still be among the best is looked at more closely.
            found.sort { ($1.score, $0.layer, $0.neuron) < ($0.score, $1.layer, $1.neuron) }
            found.removeLast(max(0, found.count - count))
        }
        return try found.map { candidate in
            let top = try top(ValueVectors.looked, layer: candidate.layer, neuron: candidate.neuron)
            let hits = top.count { wanted.contains($0.token) }
            return Candidate(
                layer: candidate.layer, neuron: candidate.neuron, score: candidate.score,
                share: Double(hits) / Double(min(ValueVectors.looked, wanted.count)))
        }
    }

    /// Scores less their mean, in standard deviations.
    private static func standardised(_ scores: ArraySlice<Float>) -> [Float] {
        let count = Double(max(scores.count, 1))
        let mean = scores.reduce(0.0) { $0 + Double($1) } / count
        let variance = scores.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        let deviation = max(variance.squareRoot(), 1e-30)
        return scores.map { Float((Double($0) - mean) / deviation) }
    }
}
