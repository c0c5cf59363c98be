import VaneSites

/// Moves each entry along its own line: `h′ᵢ = (1 - λ) hᵢ + λ (ωᵢ hᵢ + βᵢ)`. Row 150 (activation transport,
/// arXiv 2410.23054). Strength 0 leaves every bit; with ω = 1 it is a shift by λβ.
///
/// With limits an entry moves only if it lies within them, the range the map was fitted on. A token's value
/// is
/// compared: limits of pooled values would leave many tokens out.
public struct TransportMap: Steerer, Hashable, Codable {
    /// The slopes ω, one an entry.
    public var scale: [Float]
    /// The offsets β, one an entry.
    public var offset: [Float]
    /// λ, in 0...1.
    public var strength: Double
    /// Entries below are not moved; no limit if nil.
    public var low: [Float]?
    /// Entries above are not moved; no limit if nil.
    public var high: [Float]?

    /// A map of these parameters.
    public init(
        scale: [Float], offset: [Float], strength: Double = 1, low: [Float]? = nil, high: [Float]? = nil
    ) {
        self.scale = scale
        self.offset = offset
        self.strength = strength
        self.low = low
        self.high = high
    }

    /// Moves the row with strength `part · λ`.
    public func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        let lambda = part * strength
        if lambda == 0 { return 0 }
        let lengths = [scale.count, offset.count, low?.count ?? row.count, high?.count ?? row.count]
        guard lengths.allSatisfy({ $0 == row.count }) else { return nil }
        return row.rewrite { i, value in
            if let low, value < Double(low[i]) { return value }
            if let high, value > Double(high[i]) { return value }
            return (1 - lambda) * value + lambda * (Double(scale[i]) * value + Double(offset[i]))
        }
    }

    func requireFit(_ width: Int, at site: Site) throws {
        for values in [scale, offset, low, high].compactMap({ $0 }) {
            try SteeringError.require(
                values.count == width && values.allSatisfy(\.isFinite), site,
                "transport parameters of \(width) finite numbers each")
        }
        try SteeringError.require(
            strength >= 0 && strength <= 1, site, "a transport strength between 0 and 1, not \(strength)")
        if let low, let high {
            try SteeringError.require(
                zip(low, high).allSatisfy { $0 <= $1 }, site, "lower limits that are not above the upper ones"
            )
        }
    }
}
