public import VaneSites

/// What is left of a concept's value vector after a model was changed (the intrinsic metrics of row 6, arXiv 2406.11614).
///
/// A model that no longer speaks of a concept may still hold it. If its value vector has the direction it had (`cosine`
/// near 1) and promotes the tokens it promoted (`jaccard` near 1), the knowledge was covered and not erased. Look at what the
/// model says as well: neither number alone is erasure.
public struct ErasureMetrics: Sendable, Hashable, Codable {
    /// How many of the highest tokens are compared, as in the paper.
    public static let tokens = 200

    /// `|A ∩ B| / |A ∪ B|` of the highest tokens before and after, 0 … 1.
    public let jaccard: Double
    /// The cosine of the vector before and after.
    public let cosine: Double
    /// The Euclidean length of the change, as a part of the vector's length before.
    public let change: Double

    /// Compares one column of two networks.
    ///
    /// - Parameters:
    ///   - layer: the block, counted from 0.
    ///   - neuron: the entry of `.mlpHidden`.
    ///   - before: the network before the change.
    ///   - after: the changed network, of the same dimensions.
    ///   - tokens: how many of the highest tokens to compare; at most half of the vocabulary is.
    /// - Throws: ``EvidenceError`` `unsupportedNetwork` for networks of different dimensions; as ``ValueVectors``.
    public init(
        layer: Int, neuron: Int, before: any ReadableNetwork, after: any ReadableNetwork,
        tokens: Int = ErasureMetrics.tokens
    ) throws {
        guard before.layout == after.layout else {
            throw EvidenceError(
                .unsupportedNetwork, "models before and after a change have the same dimensions; these differ"
            )
        }
        let vectors = try (ValueVectors(before), ValueVectors(after))
        let columns = try (
            vectors.0.column(layer: layer, neuron: neuron), vectors.1.column(layer: layer, neuron: neuron)
        )
        let count = max(1, min(tokens, before.layout.vocabulary / 2))
        let top = try (
            Set(vectors.0.top(count, layer: layer, neuron: neuron).map(\.token)),
            Set(vectors.1.top(count, layer: layer, neuron: neuron).map(\.token))
        )
        jaccard = Double(top.0.intersection(top.1).count) / Double(max(top.0.union(top.1).count, 1))
        var (product, first, second, distance) = (0.0, 0.0, 0.0, 0.0)
        for (a, b) in zip(columns.0, columns.1) {
            let (a, b) = (Double(a), Double(b))
            product += a * b
            first += a * a
            second += b * b
            distance += (a - b) * (a - b)
        }
        cosine = first > 0 && second > 0 ? product / (first * second).squareRoot() : 0
        change = first > 0 ? (distance / first).squareRoot() : 0
    }
}
