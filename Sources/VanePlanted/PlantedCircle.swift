import Foundation
public import VaneTensors

/// A circle: an angle `θ` laid out in a plane, as days or months are in language models.
///
/// A row gets `radius · (cos θ · d_0 + sin θ · d_1)`, the two directions at right angles. `θ` is uniform in
/// `0 ..< 2π`, or one of `points` equally spaced angles `2π i / points`.
public struct PlantedCircle: PlantedPart, Hashable {
    /// The radius, in units of the activations.
    public let radius: Double
    /// The number of equally spaced angles; any angle if nil.
    public let points: Int?

    /// A circle.
    public init(radius: Double, points: Int? = nil) {
        self.radius = radius
        self.points = points
    }

    /// The plane's two axes.
    public var basisCount: Int { 2 }

    /// At right angles to whatever else is.
    public var isOrthogonal: Bool { true }

    /// A finite radius, at least one point.
    public func validate(width: Int) throws(PlantedError) {
        try PlantedError.expect(radius.isFinite, "the radius must be finite, not \(radius)")
        try PlantedError.expect((points ?? 1) > 0, "a circle needs points, not \(points ?? 0)")
    }

    /// The angle of one row, in radians.
    public func draw(row: Int, _ generator: inout SeededGenerator) -> Double {
        let turn = points.map { Double(generator.integer(below: $0)) / Double($0) } ?? generator.uniform()
        return 2 * Double.pi * turn
    }

    /// Adds `radius · (cos θ · d_0 + sin θ · d_1)`.
    public func apply(
        _ angle: Double, directions: [[Double]], to row: inout [Double], generator: inout SeededGenerator
    ) {
        add(radius * cos(angle), directions[0], to: &row)
        add(radius * sin(angle), directions[1], to: &row)
    }
}

extension Planted<PlantedCircle> {
    /// The angle of each row, in radians, `0 ..< 2π`.
    public func angles(_ rows: Range<Int>) -> [Double] { latents(rows) }
}
