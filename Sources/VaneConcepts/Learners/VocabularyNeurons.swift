public import VaneSites
import VaneTensors

/// MLP neurons named by the unembedding, and directions made of words by it (row 139: Decoding specialised
/// feature neurons with the LM-head, arXiv 2501.02688).
///
/// A neuron's reading weights (a row of the MLP's input matrix) or its writing weights (a column of its
/// output matrix) are multiplied by the unembedding; the token with the largest score names the neuron. The
/// final norm's factors are folded into the unembedding. The weights say nothing of the scale of the softmax,
/// so neurons are compared by how many standard deviations the best score stands above the mean over the
/// vocabulary.
public struct VocabularyNeurons: Sendable {
    /// Which weights name a neuron.
    public enum Weights: String, Sendable, Codable, CaseIterable {
        /// What the neuron reads: a row of the input matrix (the paper's).
        case reading
        /// What the neuron writes: a column of the output matrix.
        case writing
    }

    /// A neuron with its name.
    public struct Neuron: Sendable, Hashable {
        /// The block, counted from 0.
        public let layer: Int
        /// The entry of `Site` `.mlpHidden`.
        public let index: Int
        /// The token that names it.
        public let token: Int
        /// Standard deviations of the token's score above the mean over the vocabulary.
        public let margin: Double
        /// Whether the token stands at the other end: the neuron's positive values lower it.
        public let isNegative: Bool
    }

    private let unembedding: PackedMatrix
    private let network: any ReadableNetwork

    /// Prepares the network's unembedding.
    ///
    /// - Throws: ``ConceptError`` `unknownSite` when the network shows none; `TensorError`.
    public init(_ network: any ReadableNetwork) throws {
        self.network = network
        unembedding = try PackedMatrix(VocabularyNeurons.folded(network))
    }

    /// The unembedding times the final norm's factors, `[vocabulary, width]`.
    static func folded(_ network: any ReadableNetwork) throws -> Tensor {
        guard let rows = try network.weights(of: .unembedding) else {
            throw ConceptError(.unknownSite, "the network shows no unembedding")
        }
        guard let gain = try network.weights(of: .finalNormGain)?.elements else { return rows }
        let width = rows.width
        var numbers = rows.elements
        for i in numbers.indices { numbers[i] *= gain[i % width] }
        return try Tensor(numbers, shape: rows.shape)
    }

    /// Every neuron of block `layer`, in order.
    ///
    /// - Throws: ``ConceptError`` `unknownSite` when the network shows no such weights; `SiteError`.
    public func neurons(inLayer layer: Int, by weights: Weights) throws -> [Neuron] {
        let matrix =
            switch weights {
            case .reading: try network.weights(of: .mlpInput(layer))
            case .writing: try network.weights(of: .mlpOutput(layer))?.transposed()
            }
        guard let matrix else {
            throw ConceptError(.unknownSite, "the network shows no MLP weights of block \(layer)")
        }
        let scores = try matrix.contiguous().linear(unembedding)
        let vocabulary = scores.width
        return scores.read { base in
            (0..<scores.rowCount).map { index in
                let row = UnsafeBufferPointer(start: base + index * vocabulary, count: vocabulary)
                var (sum, squares) = (0.0, 0.0)
                var (high, low) = (0, 0)
                for (token, score) in row.enumerated() {
                    sum += Double(score)
                    squares += Double(score) * Double(score)
                    if score > row[high] { high = token }
                    if score < row[low] { low = token }
                }
                let mean = sum / Double(vocabulary)
                let deviation = max(squares / Double(vocabulary) - mean * mean, 1e-30).squareRoot()
                let up = (Double(row[high]) - mean) / deviation
                let down = (mean - Double(row[low])) / deviation
                return Neuron(
                    layer: layer, index: index, token: up >= down ? high : low, margin: max(up, down),
                    isNegative: down > up)
            }
        }
    }

    /// A unit direction for the residual stream in front of the final norm: the mean of the tokens' rows less
    /// the mean of `others`, or of the whole vocabulary if nil.
    ///
    /// It raises what is said, and says nothing of what earlier layers mean by these directions: use late
    /// layers.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for no token, one outside the vocabulary, or tokens that
    ///   cancel.
    public func direction(of tokens: [Int], against others: [Int]? = nil) throws -> [Float] {
        let rows = try unembedding.unpacked()
        let vocabulary = rows.rowCount
        let lists = [tokens, others ?? []]
        guard !tokens.isEmpty, others?.isEmpty != true,
            lists.allSatisfy({ $0.allSatisfy { $0 >= 0 && $0 < vocabulary } })
        else {
            throw ConceptError(.unusableExamples, "words need tokens, each below \(vocabulary)")
        }
        let mean = Numbers.mean(of: tokens, in: rows)
        let base = others.map { Numbers.mean(of: $0, in: rows) } ?? Numbers.mean(of: 0..<vocabulary, in: rows)
        guard let unit = Numbers.unit(zip(mean, base).map { $0 - $1 }) else {
            throw ConceptError(.unusableExamples, "the words' vectors cancel")
        }
        return unit
    }
}
