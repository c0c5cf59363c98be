public import VaneConcepts
public import VaneSites

extension TransportMap: Steerer {
    /// Moves the row with strength `part · λ`.
    public func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        move(row, part: part)
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

extension SteeringPlan {
    /// Entries that move the states by `maps`, as `ActivationTransport` and `AurA` fit them, one a site
    /// in the order of the forward pass.
    ///
    /// - Parameters:
    ///   - maps: a map a site.
    ///   - name: what reports call the entries.
    ///   - strength: λ of every map, 0...1; each map's own if nil.
    ///   - scope: which tokens' states.
    public static func transport(
        _ maps: [Site: TransportMap], named name: String, strength: Double? = nil, scope: TokenScope = .all
    ) -> [Entry] {
        maps.sorted { $0.key < $1.key }.map { site, map in
            let map = strength.map { map.with(strength: $0) } ?? map
            return .apply(.transport(map), named: name, at: [site], scope: scope)
        }
    }
}
