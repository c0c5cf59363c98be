public import VaneSites
import VaneTensors

/// The tokens whose scores a direction raises and lowers most (VocabProj, row 51): `U·(g ∘ d)` for the unembedding
/// `U` and the factors `g` of the final normalisation.
///
/// The normalisation's division changes no order, so it is left out; so is the centring of a layer norm, which the
/// network does not tell. Speaks of directions of the residual stream, best of the last blocks.
public struct LatentWords: Sendable {
    /// A token and how much a unit of the direction adds to its score, before the normalisation's division.
    public struct Word: Hashable, Sendable, Codable {
        /// The token.
        public let token: Int
        /// What is added.
        public let score: Float
    }

    private let unembedding: PackedMatrix
    private let gain: [Float]?

    /// Prepares a network's unembedding.
    ///
    /// - Throws: ``EvidenceError`` `unsupportedNetwork` when the network shows none; `TensorError`.
    public init(_ network: any ReadableNetwork) throws {
        guard let matrix = try network.weights(of: .unembedding) else {
            throw EvidenceError(.unsupportedNetwork, "the network shows no unembedding")
        }
        unembedding = try PackedMatrix(matrix)
        gain = try network.weights(of: .finalNormGain)?.elements
    }

    /// The words that a direction raises most, then those that it lowers most, `count` of each.
    ///
    /// - Throws: ``EvidenceError`` `unusableSite` for a direction of another width than the residual stream.
    public func words(of direction: [Float], count: Int) throws -> (raised: [Word], lowered: [Word]) {
        guard direction.count == unembedding.inputs else {
            throw EvidenceError(
                .unusableSite,
                "words are of the residual stream, \(unembedding.inputs) entries; the direction has \(direction.count)"
            )
        }
        let folded = gain.map { zip(direction, $0).map { $0 * $1 } } ?? direction
        let scores = try Tensor(folded, shape: [1, direction.count]).linear(unembedding).elements
        let order = scores.indices.sorted {
            scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
        }
        func words(_ tokens: some Sequence<Int>) -> [Word] {
            tokens.map { Word(token: $0, score: scores[$0]) }
        }
        return (words(order.prefix(count)), words(order.suffix(count).reversed()))
    }
}
