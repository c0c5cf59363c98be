/// The addition of the released in-context vectors: more where a state points against the direction, in
/// units of the state's own norm, which is restored. Row 121 (Liu et al., arXiv 2311.06668, the code).
///
///     g = 1 + max(0, cos(h, -v))
///     h′ = ‖h‖ · unit(h/‖h‖ + λ g v)
///
/// λ is the strength in norms, here of the state itself; the released code takes 0.1 to 0.12 at every MLP
/// output. Several vectors one after another come close to the mean that the code takes of them. With λ below
/// 0 the gate looks at the opposite direction. A state without length, or one that is taken to zero, is left
/// alone.
struct GatedAddition: Steerer {
    /// The unit direction `v`.
    let direction: [Float]
    /// λ; negative to go the other way.
    let share: Double

    func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        let share = part * share
        if share == 0 { return 0 }
        let norm = row.norm
        guard norm > 0 && norm.isFinite else { return nil }
        let cosine = row.product(with: direction) / norm * (share > 0 ? 1 : -1)
        let step = share * (1 + max(0, -cosine)) * norm
        var squares = 0.0
        for i in row.indices {
            let sum = Double(row[i]) + step * Double(direction[i])
            squares += sum * sum
        }
        guard squares > 0 else { return nil }
        let scale = norm / squares.squareRoot()
        return row.rewrite { i, value in scale * (value + step * Double(direction[i])) }
    }
}
