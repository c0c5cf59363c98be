public import VaneTensors

/// Massive activations: a few fixed coordinates that take huge values at some positions, whatever the content
/// (Sun et al., *Massive Activations in Large Language Models*, 2024, arXiv 2402.17762).
///
/// At such a position the `coordinates` are *set* to `value · (1 + spread · ε)`, `ε` standard normal. Plant it
/// last: what is planted later adds to the values.
public struct MassiveActivations: PlantedPart, Hashable {
    /// Which rows have massive activations.
    public enum Positions: Sendable, Hashable {
        /// Each row with this probability, 0...1, whatever else it holds.
        case random(probability: Double)
        /// Rows 0, n, 2n, …: the first token of each sequence of n.
        case every(Int)
        /// These rows.
        case rows(Set<Int>)
    }

    /// The entries that become huge.
    public let coordinates: [Int]
    /// How huge, in units of the activations.
    public let value: Double
    /// The rows that have it.
    public let positions: Positions
    /// Relative standard deviation of the value.
    public let spread: Double

    /// Massive activations in these coordinates.
    public init(coordinates: [Int], value: Double, at positions: Positions, spread: Double = 0.1) {
        self.coordinates = coordinates
        self.value = value
        self.positions = positions
        self.spread = spread
    }

    /// None: the coordinates are the activation's own axes.
    public var basisCount: Int { 0 }

    /// There are no directions.
    public var isOrthogonal: Bool { false }

    /// Coordinates within the width, finite values, positions that can be.
    public func validate(width: Int) throws(PlantedError) {
        try PlantedError.expect(
            coordinates.allSatisfy { (0..<width).contains($0) },
            "coordinates must lie in 0 ..< \(width): \(coordinates)")
        try PlantedError.expect(
            value.isFinite && spread.isFinite && spread >= 0,
            "value and spread must be finite, the spread 0 or more")
        switch positions {
        case .random(let probability):
            try PlantedError.expect(
                (0...1).contains(probability), "the probability must lie in 0...1, not \(probability)")
        case .every(let step):
            try PlantedError.expect(step > 0, "rows are 1 or more apart, not \(step)")
        case .rows: break
        }
    }

    /// Whether one row has it.
    public func draw(row: Int, _ generator: inout SeededGenerator) -> Bool {
        switch positions {
        case .random(let probability): generator.uniform() < probability
        case .every(let step): row % step == 0
        case .rows(let rows): rows.contains(row)
        }
    }

    /// Sets the coordinates.
    public func apply(
        _ isMassive: Bool, directions: [[Double]], to row: inout [Double], generator: inout SeededGenerator
    ) {
        guard isMassive else { return }
        for j in coordinates { row[j] = value * (1 + spread * generator.normal()) }
    }
}
