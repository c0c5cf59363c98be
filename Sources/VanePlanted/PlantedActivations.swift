public import VaneTensors

/// A world of activations in which the truth is known (rig R1): in row `r`
///
///     h(r) = noise · ε(r) + Σ over planted parts of Σ_k a_k(r) d_k,   ε standard normal in every entry
///
/// with known unit directions `d_k` and known coefficients `a_k`. Parts are ``PlantedConcepts``,
/// ``PlantedCodes``, ``PlantedCircle``, ``PlantedMixture`` and ``MassiveActivations``, or your own
/// ``PlantedPart``; they act in the order in which they were planted.
///
///     var world = try PlantedActivations(width: 64, seed: 7)
///     let mood = try world.plant(PlantedConcepts(margins: [2]))
///     let h = world.activations(0..<1000)            // [1000, 64]
///     let labels = mood.labels(0, rows: 0..<1000)    // [Bool]
///     let truth = mood.directions[0]                 // 64 numbers, a unit vector
///
/// Seed and row decide a row, byte for byte: asking for other rows too, or planting more afterwards, leaves
/// every draw as it was. Rows are independent; for sequences of tokens use a planted language instead.
public struct PlantedActivations: Sendable {
    /// Entries of an activation.
    public let width: Int
    /// Standard deviation of the noise in each entry.
    public let noise: Double
    /// What all draws start from.
    public let seed: UInt64
    /// The seed of all rows and directions: others who use the same seed draw other numbers.
    private let root: UInt64
    private var parts: [any RowChanging] = []
    private var basis: [[Double]] = []

    /// A world with nothing but noise.
    ///
    /// - Throws: ``PlantedError`` `invalidParameter` when there are no entries or the deviation is negative.
    public init(width: Int, noise: Double = 1, seed: UInt64) throws(PlantedError) {
        try PlantedError.expect(width > 0, "the width must be positive, not \(width)")
        try PlantedError.expect(
            noise >= 0 && noise.isFinite, "the noise must be a number from 0 up, not \(noise)")
        self.width = width
        self.noise = noise
        self.seed = seed
        var generator = SeededGenerator(seed: seed, stream: 0x506C_616E_7465_6421)
        root = generator.next()
    }

    /// Plants a part and returns it in its place: its directions, and its latents for any rows.
    ///
    /// - Throws: ``PlantedError`` `invalidParameter`, or `tooManyDirections` when the directions planted at
    ///   right angles would outnumber the width.
    @discardableResult
    public mutating func plant<Part: PlantedPart>(_ part: Part) throws(PlantedError) -> Planted<Part> {
        try part.validate(width: width)
        let stream = UInt64(parts.count + 1)
        // Rows stay below 2³⁹, so the directions have a stream of their own.
        var generator = SeededGenerator(seed: root, stream: stream << 40 | 1 << 39)
        var vectors: [[Double]] = []
        if part.isOrthogonal {
            guard basis.count + part.basisCount <= width else {
                throw PlantedError(
                    .tooManyDirections,
                    "\(basis.count) directions are planted and \(part.basisCount) more asked for, at right angles "
                        + "in width \(width); plant fewer or make the world wider")
            }
            for _ in 0..<part.basisCount {
                let next = UnitVectors.random(width: width, orthogonalTo: basis, &generator)
                basis.append(next)
                vectors.append(next)
            }
        } else {
            vectors = (0..<part.basisCount).map { _ in
                UnitVectors.random(width: width, orthogonalTo: [], &generator)
            }
        }
        let planted = Planted(part: part, exact: part.directions(of: vectors), seed: root, stream: stream)
        parts.append(planted)
        return planted
    }

    /// The activations of these rows, `[rows, width]`, float32.
    public func activations(_ rows: Range<Int>) -> Tensor {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= 1 << 39, "rows count from 0")
        let result = Tensor(zeros: [rows.count, width])
        result.write { base in
            for (i, row) in rows.enumerated() {
                var generator = SeededGenerator(seed: root, stream: UInt64(row))
                var values = (0..<width).map { _ in noise * generator.normal() }
                for part in parts { part.change(row, values: &values) }
                for j in 0..<width { base[i * width + j] = Float(values[j]) }
            }
        }
        return result
    }
}

enum UnitVectors {
    /// A random unit vector at right angles to the unit vectors `others`, themselves at right angles.
    static func random(
        width: Int, orthogonalTo others: [[Double]], _ generator: inout SeededGenerator
    ) -> [Double] {
        while true {
            var vector = (0..<width).map { _ in generator.normal() }
            // Twice: one pass of Gram–Schmidt leaves rounding errors where little of the vector is left.
            for _ in 0..<2 {
                for other in others {
                    let dot = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
                    add(-dot, other, to: &vector)
                }
            }
            let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 1e-6 { return vector.map { $0 / norm } }
        }
    }
}
