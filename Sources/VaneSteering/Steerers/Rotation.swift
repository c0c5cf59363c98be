import Foundation

/// Turns a state in the plane that it spans with a direction. The norm stays: the norm-preserving
/// counterpart of
/// rows 1 and 18.
///
/// With `h = r (cos φ · v + sin φ · u)`, `u` the unit vector at right angles to `v` in that plane:
/// `h′ = r (cos φ′ · v + sin φ′ · u)`. A positive part of the way is that part of the angle. `φ′` stays
/// within
/// 0...π: no state is turned past the direction. A state along `v` names no plane, and a probability that no
/// state
/// of the norm can read is out of reach: both are left alone.
struct Rotation: Steerer {
    enum Aim: Sendable, Hashable {
        /// `φ′ = φ - angle`, in radians: positive turns towards the direction.
        case by(Double)
        /// `φ′` itself, in radians.
        case to(Double)
        /// The probe's coordinate should be at least this: `φ′ = acos(c/r)`; states that satisfy it stay.
        case atLeast(Double)
        /// The probe's coordinate should be at most this.
        case atMost(Double)
    }

    /// The unit direction `v`.
    let direction: [Float]
    let aim: Aim

    func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        let r = row.norm
        let along = row.product(with: direction)
        var squares = 0.0
        for i in row.indices {
            let rest = Double(row[i]) - along * Double(direction[i])
            squares += rest * rest
        }
        let across = squares.squareRoot()
        let angle = atan2(across, along)
        let wanted: Double
        switch aim {
        case .by(let turn): wanted = angle - turn
        case .to(let target): wanted = target
        case .atLeast(let coordinate), .atMost(let coordinate):
            if case .atLeast = aim, along >= coordinate { return 0 }
            if case .atMost = aim, along <= coordinate { return 0 }
            guard abs(coordinate) <= r else { return nil }
            wanted = acos(coordinate / r)
        }
        let new = angle + part * (min(max(wanted, 0), .pi) - angle)
        if new == angle { return 0 }
        // The rounding of floats leaves about 1e-7 of a state along v across it, in no direction of its own.
        guard across > 1e-6 * r else { return nil }
        let (c, s) = (r * cos(new), r * sin(new) / across)
        return row.rewrite { i, value in
            let v = Double(direction[i])
            return c * v + s * (value - along * v)
        }
    }
}
