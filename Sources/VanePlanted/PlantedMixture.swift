public import VaneTensors

/// A mixture of clusters: each row stands around one of several centres.
///
/// A row of cluster `k` gets `distance · d_k`, the directions at right angles, so that each two centres are
/// `√2 · distance` apart. The clusters' spread is the world's noise plus `spread` in every entry.
public struct PlantedMixture: PlantedPart, Hashable {
    /// How often each cluster is drawn, relative to the others; as many clusters as weights.
    public let weights: [Double]
    /// The distance of the centres from the origin, in units of the activations.
    public let distance: Double
    /// Standard deviation in each entry around a centre, beside the world's noise.
    public let spread: Double

    /// Clusters with these weights.
    public init(weights: [Double], distance: Double, spread: Double = 0) {
        self.weights = weights
        self.distance = distance
        self.spread = spread
    }

    /// Equally likely clusters.
    public init(clusters: Int, distance: Double, spread: Double = 0) {
        self.init(
            weights: [Double](repeating: 1, count: max(0, clusters)), distance: distance, spread: spread)
    }

    /// One a cluster.
    public var basisCount: Int { weights.count }

    /// At right angles to whatever else is.
    public var isOrthogonal: Bool { true }

    /// Weights from 0 up with a positive sum, a finite distance, a spread from 0 up.
    public func validate(width: Int) throws(PlantedError) {
        try PlantedError.expect(
            weights.allSatisfy { $0 >= 0 && $0.isFinite } && weights.contains { $0 > 0 },
            "the clusters' weights must be 0 or more and not all 0")
        try PlantedError.expect(distance.isFinite, "the distance must be finite, not \(distance)")
        try PlantedError.expect(
            spread >= 0 && spread.isFinite, "the spread must be a number from 0 up, not \(spread)")
    }

    /// The cluster of one row.
    public func draw(row: Int, _ generator: inout SeededGenerator) -> Int {
        var left = generator.uniform() * weights.reduce(0, +)
        for (k, weight) in weights.enumerated() {
            if left < weight { return k }
            left -= weight
        }
        // Rounding may leave a trace above the sum.
        return weights.lastIndex { $0 > 0 } ?? 0
    }

    /// Adds `distance · d_k` and the spread.
    public func apply(
        _ cluster: Int, directions: [[Double]], to row: inout [Double], generator: inout SeededGenerator
    ) {
        add(distance, directions[cluster], to: &row)
        if spread > 0 { for j in row.indices { row[j] += spread * generator.normal() } }
    }
}

extension Planted<PlantedMixture> {
    /// The cluster of each row, `0 ..< weights.count`.
    public func clusters(_ rows: Range<Int>) -> [Int] { latents(rows) }
    /// The centres, `distance · d_k`, `[clusters][width]`.
    public var centres: [[Float]] { exact.map { $0.map { Float(part.distance * $0) } } }
}
