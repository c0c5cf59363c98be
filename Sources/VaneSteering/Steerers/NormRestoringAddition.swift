/// Adds along a direction and goes back to the old norm: `h′ = ‖h‖ · (h + distance · v)/‖h + distance · v‖`.
/// Rows 18 (concept guidance, arXiv 2402.14433) and 121 (in-context vectors, arXiv 2311.06668).
///
/// The larger the distance, the closer `h′` comes to the direction; it never goes beyond. A state that the
/// addition takes to zero has no direction to scale and is left alone.
struct NormRestoringAddition: Steerer {
    /// The unit direction `v`.
    let direction: [Float]
    /// Negative to go the other way.
    let distance: Double

    func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        let length = part * distance
        if length == 0 { return 0 }
        let old = row.norm
        var squares = 0.0
        for i in row.indices {
            let sum = Double(row[i]) + length * Double(direction[i])
            squares += sum * sum
        }
        guard squares > 0 else { return nil }
        let scale = old / squares.squareRoot()
        return row.rewrite { i, value in scale * (value + length * Double(direction[i])) }
    }
}
