public import VaneConcepts
import VaneSites

/// Replaces the state at one position: `h′ = vector`. Row 23 (task vectors, arXiv 2410.22330); with a head's
/// mean
/// output at its site also the intervention of row 12 (function vectors, arXiv 2310.15213).
///
/// At the embedding or in early blocks later layers may rebuild what was there; patch where the state is
/// read.
public struct Replacement: Steerer, Hashable, Codable {
    /// What the state becomes, as wide as the site.
    public var vector: [Float]
    /// Where in the sequence, counted from 0; negative ones from the end of the prompt: -1 is its last token.
    public var position: Int

    /// A replacement by `vector` at `position`.
    public init(by vector: [Float], at position: Int) {
        self.vector = vector
        self.position = position
    }

    /// Replaces the row, or goes that part of the way.
    public func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        guard vector.count == row.count else { return nil }
        return row.rewrite { i, value in
            part == 1 ? Double(vector[i]) : value + part * (Double(vector[i]) - value)
        }
    }

    func requireFit(_ width: Int, at site: Site) throws {
        try SteeringError.require(
            vector.count == width && vector.allSatisfy(\.isFinite), site,
            "a replacement of \(width) finite numbers")
    }
}

extension Replacement {
    /// The paper's patch of a circle (row 109): `angle` in radians, and everything else its mean.
    public init(_ circle: CircularSubspace, to angle: Double, at position: Int) {
        self.init(by: circle.state(at: angle), at: position)
    }
}
