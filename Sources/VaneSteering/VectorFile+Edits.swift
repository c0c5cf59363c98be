public import VaneConcepts
public import VaneSites

extension VectorFile {
    /// The edits that the file asks for: `h + strength · v`, or the projection `h - strength · Σ_j α_j (h·d_j) d_j`.
    ///
    /// - Parameters:
    ///   - strength: a factor; 1 does what the file says, a negative one adds what it would remove.
    ///   - scope: which tokens' states.
    ///   - layout: the network to edit.
    /// - Returns: the edits with a ledger of what they do; the file's notes are its warnings.
    /// - Throws: ``SteeringError`` `invalidStrength` for a strength that is not finite; `SiteError` and `ConceptError` for a
    ///   file that does not fit the network.
    public func compile(strength: Double = 1, scope: TokenScope = .all, for layout: NetworkLayout) throws
        -> CompiledPlan
    {
        guard strength.isFinite else {
            throw SteeringError(.invalidStrength, "the strength of '\(name)' is \(strength)")
        }
        try requireFit(layout)
        let ledger = SteeringLedger()
        var hooks = Hooks()
        for site in sites {
            let edit = SteererEdit(
                steerer(at: site, strength: strength), Condition(scope: scope), ledger: ledger)
            hooks.add(edit, at: site)
        }
        return CompiledPlan(
            hooks: hooks, ledger: ledger, warnings: notes,
            scopes: Dictionary(sites.map { ($0, [scope]) }) { first, _ in first }, readsTokens: false)
    }

    private func steerer(at site: Site, strength: Double) -> any Steerer {
        switch kind {
        case .add:
            let vector = LinearProbe(weights: vectors[site] ?? [], bias: 0)
            return Addition(direction: vector.direction, distance: strength * vector.norm)
        case .project(let projection):
            return DirectionScaling(
                directions: directions(at: site).enumerated().map {
                    (vector: $1, factor: strength * Double(projection.strength(at: site, direction: $0)))
                })
        }
    }
}

/// `h - Σ_j α_j (h·d_j) d_j`, all products with the state as it was. GLP's operation: `α = 1` on unit directions at right angles
/// removes them, `α = 2` reflects.
struct DirectionScaling: Steerer {
    let directions: [(vector: [Float], factor: Double)]

    func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        let products = directions.map { part * $0.factor * row.product(with: $0.vector) }
        return row.rewrite { index, old in
            zip(directions, products).reduce(old) { $0 - $1.1 * Double($1.0.vector[index]) }
        }
    }
}
