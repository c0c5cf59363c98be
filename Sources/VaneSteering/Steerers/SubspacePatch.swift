public import VaneConcepts
import VaneSites

/// Replaces a state's coordinates in a subspace and keeps the rest: `h′ = h + Σᵢ (cᵢ - bᵢ·h) bᵢ`. Row 109
/// (not all
/// language model features are linear, arXiv 2405.14860): a point of a circle put into its plane.
///
/// The paper replaces the rest by its mean, which takes more away than the feature; here the rest stays.
public struct SubspacePatch: Steerer, Hashable, Codable {
    /// Orthonormal rows `bᵢ`, `[dimensions][width]`.
    public var basis: [[Float]]
    /// The coordinates `cᵢ`, one a row.
    public var coordinates: [Float]

    /// A patch that sets the coordinates in `basis`.
    public init(basis: [[Float]], coordinates: [Float]) {
        self.basis = basis
        self.coordinates = coordinates
    }

    /// Moves the row to the coordinates, or that part of the way.
    public func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        guard basis.count == coordinates.count, basis.allSatisfy({ $0.count == row.count }) else {
            return nil
        }
        let changes = zip(basis, coordinates).map { part * (Double($1) - row.product(with: $0)) }
        return row.rewrite { i, value in
            zip(basis, changes).reduce(value) { $0 + $1.1 * Double($1.0[i]) }
        }
    }

    func requireFit(_ width: Int, at site: Site) throws {
        try SteeringError.require(
            !basis.isEmpty && basis.count <= width && basis.count == coordinates.count
                && basis.allSatisfy { $0.count == width && $0.allSatisfy(\.isFinite) }
                && coordinates.allSatisfy(\.isFinite), site,
            "a basis of 1 to \(width) rows of \(width) finite numbers with one coordinate a row")
        for (i, a) in basis.enumerated() {
            for (j, b) in basis[...i].enumerated() {
                let product = Numbers.dot(a, b)
                try SteeringError.require(
                    abs(product - (i == j ? 1 : 0)) < 1e-4, site,
                    "an orthonormal basis; rows \(j) and \(i) have the product \(product)")
            }
        }
    }
}

extension SubspacePatch {
    /// A patch that turns states to `angle` on a circle, in radians, and keeps the rest.
    public init(_ circle: CircularSubspace, to angle: Double) {
        self.init(basis: circle.basis, coordinates: circle.coordinates(at: angle))
    }
}
