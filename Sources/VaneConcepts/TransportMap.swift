package import VaneSites

/// Moves each entry along its own line: `h′ᵢ = (1 - λ) hᵢ + λ (ωᵢ hᵢ + βᵢ)`. Row 150 (activation transport,
/// arXiv 2410.23054). Strength 0 leaves every bit; with ω = 1 it is a shift by λβ.
///
/// ``ActivationTransport`` and ``AurA`` fit it; a plan steers by it. With limits an entry moves only if it
/// lies within them. A token's value is compared: limits of pooled values leave many tokens out.
public struct TransportMap: Sendable, Hashable, Codable {
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

    /// The same map with λ = `strength`.
    public func with(strength: Double) -> TransportMap {
        var map = self
        map.strength = strength
        return map
    }

    /// Moves the row with strength `part · λ`.
    ///
    /// - Returns: the distance moved; nil for a row that is not as wide as the map, which stays.
    package func move(_ row: UnsafeMutableBufferPointer<Float>, part: Double = 1) -> Double? {
        let lambda = part * strength
        if lambda == 0 { return 0 }
        let lengths = [scale.count, offset.count, low?.count ?? row.count, high?.count ?? row.count]
        guard lengths.allSatisfy({ $0 == row.count }) else { return nil }
        var squares = 0.0
        for i in row.indices {
            let value = Double(row[i])
            if let low, value < Double(low[i]) { continue }
            if let high, value > Double(high[i]) { continue }
            let new = Float((1 - lambda) * value + lambda * (Double(scale[i]) * value + Double(offset[i])))
            row[i] = new
            squares += (Double(new) - value) * (Double(new) - value)
        }
        return squares.squareRoot()
    }
}

/// Moves every state by a map.
package struct TransportEdit: Edit {
    private let map: TransportMap

    /// An edit by `map`.
    package init(_ map: TransportMap) { self.map = map }

    /// Moves every row; none if the map is not as wide as the activation.
    package func apply(to activation: Activation) {
        for row in 0..<activation.rows { _ = map.move(activation[row]) }
    }
}
