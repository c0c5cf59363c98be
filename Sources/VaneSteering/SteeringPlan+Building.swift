public import VaneConcepts
public import VaneSites

extension SteeringPlan.Entry {
    /// Raises `concept` to the probability `target`.
    public static func add(
        _ concept: Concept, to target: Double, at sites: [Site]? = nil, scope: TokenScope = .all
    ) -> Self {
        Self(concept: concept.name, goal: .add, target: target, sites: sites, scope: scope)
    }

    /// Lowers `concept` to the probability `target`.
    public static func remove(
        _ concept: Concept, to target: Double, at sites: [Site]? = nil, scope: TokenScope = .all
    ) -> Self {
        Self(concept: concept.name, goal: .remove, target: target, sites: sites, scope: scope)
    }
}
