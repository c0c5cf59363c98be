public import VaneTensors

/// Binary concepts, each with a direction; their labels may be correlated.
///
/// A row with labels `y_k = ±1` gets `Σ y_k · margin_k · d_k`. The class means of concept `k` are
/// `2 margin_k` apart along `d_k`, so alone in noise of deviation `s` the best possible probe gets
/// `Φ(margin_k / s)` of the rows right. Two of the directions have the given cosine (0: right angles).
///
/// Labels: with probability `√correlation` a concept copies a bit that all concepts share, otherwise it takes
/// a bit of its own; all bits are true with probability `rate`. Each pair then has Pearson correlation
/// `correlation`. For a negative one give a concept a negative margin and read its label the other way round.
public struct PlantedConcepts: PlantedPart, Hashable {
    /// Half the distance between the class means of each concept, in units of the activations.
    public let margins: [Double]
    /// Correlation of each two labels, 0...1.
    public let correlation: Double
    /// Cosine of each two directions, 0 ..< 1.
    public let cosine: Double
    /// How often a label is true, 0...1.
    public let rate: Double

    /// Concepts with these margins.
    public init(margins: [Double], correlation: Double = 0, cosine: Double = 0, rate: Double = 0.5) {
        self.margins = margins
        self.correlation = correlation
        self.cosine = cosine
        self.rate = rate
    }

    /// One more than there are concepts when directions share a part, so that all pairs are alike.
    public var basisCount: Int { margins.count + (cosine > 0 ? 1 : 0) }

    /// At right angles to whatever else is.
    public var isOrthogonal: Bool { true }

    /// Margins must be finite, the other parameters in their ranges.
    public func validate(width: Int) throws(PlantedError) {
        try PlantedError.expect(margins.allSatisfy(\.isFinite), "margins must be finite")
        try PlantedError.expect(
            (0...1).contains(correlation), "the correlation must lie in 0...1, not \(correlation)")
        try PlantedError.expect((0..<1).contains(cosine), "the cosine must lie in 0 ..< 1, not \(cosine)")
        try PlantedError.expect((0...1).contains(rate), "the rate must lie in 0...1, not \(rate)")
    }

    /// `d_k = √cosine · shared + √(1 - cosine) · own_k`
    public func directions(of basis: [[Double]]) -> [[Double]] {
        guard cosine > 0, let shared = basis.last else { return basis }
        return basis.dropLast().map { own in
            zip(shared, own).map { cosine.squareRoot() * $0 + (1 - cosine).squareRoot() * $1 }
        }
    }

    /// The labels of one row.
    public func draw(row: Int, _ generator: inout SeededGenerator) -> [Bool] {
        let shared = generator.uniform() < rate
        return margins.map { _ in
            let copies = generator.uniform() < correlation.squareRoot()
            let own = generator.uniform() < rate
            return copies ? shared : own
        }
    }

    /// Adds `Σ ±margin_k · d_k`.
    public func apply(
        _ labels: [Bool], directions: [[Double]], to row: inout [Double], generator: inout SeededGenerator
    ) {
        for (k, direction) in directions.enumerated() {
            add(labels[k] ? margins[k] : -margins[k], direction, to: &row)
        }
    }
}

extension Planted<PlantedConcepts> {
    /// Whether each row shows concept `index`.
    public func labels(_ index: Int, rows: Range<Int>) -> [Bool] { latents(rows).map { $0[index] } }
}
