/// Sets a state's coordinate along a direction: `h′ = h - (v·h) v + c v`. With `c = 0` it is the projection
/// that
/// takes the direction out; the option "onto the complement" of row 110 (contrastive activation addition,
/// arXiv
/// 2312.06681), and the clamping of row 51.
///
/// A part of it goes that part of the way. What is at right angles to `v` stays, and so the norm changes.
struct CoordinateClamp: Steerer {
    /// The unit direction `v`.
    let direction: [Float]
    /// The coordinate `c`, in the activation's own unit.
    let coordinate: Double

    func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        let change = part * (coordinate - row.product(with: direction))
        if change == 0 { return 0 }
        return row.rewrite { i, value in value + change * Double(direction[i]) }
    }
}
