import VaneSites

/// Sets single entries of a state to a value: `h′ᵢ = value` for i in `indices`. Row 139 (decoding specialised
/// feature neurons with the LM head), at `blocks[k].mlpHidden`.
public struct NeuronClamp: Steerer, Hashable, Codable {
    /// Which entries, counted from 0, each once.
    public var indices: [Int]
    /// What they are set to, in the activation's own unit.
    public var value: Float

    /// A clamp of `indices` to `value`.
    public init(_ indices: [Int], to value: Float) {
        self.indices = indices
        self.value = value
    }

    /// Sets the entries; those outside the row are passed over (a plan refuses them).
    public func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        var squares = 0.0
        for i in indices where row.indices.contains(i) {
            let old = Double(row[i])
            let new = part == 1 ? value : Float(old + part * (Double(value) - old))
            row[i] = new
            squares += (Double(new) - old) * (Double(new) - old)
        }
        return squares.squareRoot()
    }

    func requireFit(_ width: Int, at site: Site) throws {
        try SteeringError.require(!indices.isEmpty && value.isFinite, site, "neurons and a finite value")
        try SteeringError.require(
            Set(indices).count == indices.count && indices.allSatisfy { (0..<width).contains($0) }, site,
            "neurons from 0 to \(width - 1), each once")
    }
}
