import VaneTensors

/// Adds a distance along a direction: `h′ = h + distance · v`. Rows 26 and 110 (style vectors, arXiv
/// 2402.01618; contrastive activation addition, arXiv 2312.06681), along the concept's steering direction.
///
/// The norm of the states grows with depth, so equal distances in different blocks are not equal changes; a
/// plan states them in multiples of the typical norm.
struct Addition: Steerer {
    /// The unit direction `v`.
    let direction: [Float]
    /// Negative to go the other way.
    let distance: Double

    func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        direction.withUnsafeBufferPointer { direction in
            guard let v = direction.baseAddress, let h = row.baseAddress else { return 0 }
            Vectors.add(v, times: Float(part * distance), to: h, count: min(row.count, direction.count))
            return abs(part * distance)
        }
    }
}
