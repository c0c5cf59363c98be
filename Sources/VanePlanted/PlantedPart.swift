public import VaneTensors

/// One kind of thing that can be planted: what is drawn for each row, and what it adds to the activation.
///
/// A part asks for `basisCount` random unit vectors and makes its directions `d_k` of them. For each row it
/// draws a hidden value (its latent) and adds `Σ a_k d_k`, the coefficients `a_k` given by that value.
public protocol PlantedPart: Sendable {
    /// What is hidden in one row: labels, an angle, the number of a cluster, codes.
    associatedtype Latent: Sendable

    /// How many unit vectors of the world's width are needed.
    var basisCount: Int { get }

    /// Whether those vectors stand at right angles to each other and to all that was planted so before.
    /// Otherwise they are independent, and there may be more of them than the width.
    var isOrthogonal: Bool { get }

    /// Checks the parameters.
    ///
    /// - Throws: ``PlantedError`` `invalidParameter`.
    func validate(width: Int) throws(PlantedError)

    /// The unit directions `d_k`, from `basisCount` unit vectors; the vectors themselves by default.
    func directions(of basis: [[Double]]) -> [[Double]]

    /// The hidden value of a row, from the row's own generator.
    func draw(row: Int, _ generator: inout SeededGenerator) -> Latent

    /// Changes a row's activation, in place; adds `Σ a_k d_k` for most parts.
    func apply(
        _ latent: Latent, directions: [[Double]], to row: inout [Double],
        generator: inout SeededGenerator)
}

extension PlantedPart {
    /// The vectors themselves.
    public func directions(of basis: [[Double]]) -> [[Double]] { basis }
}

/// A part in its place in a world: its directions and, for any rows, what was hidden in them.
public struct Planted<Part: PlantedPart>: Sendable {
    /// The parameters.
    public let part: Part
    /// The unit directions `d_k` in double precision, `[k][width]`.
    let exact: [[Double]]
    let seed: UInt64
    let stream: UInt64

    /// The unit directions `d_k`, `[k][width]`.
    public var directions: [[Float]] { exact.map { $0.map(Float.init) } }

    /// What was hidden in these rows, in their order.
    ///
    /// Any rows may be asked for, in any pieces: each is drawn from a generator of its own.
    public func latents(_ rows: Range<Int>) -> [Part.Latent] {
        rows.map { row in
            var generator = generator(of: row)
            return part.draw(row: row, &generator)
        }
    }

    func generator(of row: Int) -> SeededGenerator {
        SeededGenerator(seed: seed, stream: stream << 40 | UInt64(row))
    }
}

/// A planted part of any kind, as the world needs it.
protocol RowChanging: Sendable {
    /// Draws row `row` and changes it.
    func change(_ row: Int, values: inout [Double])
}

extension Planted: RowChanging {
    func change(_ row: Int, values: inout [Double]) {
        var generator = generator(of: row)
        let latent = part.draw(row: row, &generator)
        part.apply(latent, directions: exact, to: &values, generator: &generator)
    }
}

/// `row += coefficient · direction`
@inline(__always)
func add(_ coefficient: Double, _ direction: [Double], to row: inout [Double]) {
    for j in row.indices { row[j] += coefficient * direction[j] }
}
