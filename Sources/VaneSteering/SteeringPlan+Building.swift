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

extension SteeringPlan.Entry {
    /// Steers towards `concept`, or away from it with the goal `.remove`.
    public static func steer(
        _ concept: Concept, _ operation: SteeringPlan.Operation, _ strength: Strength?,
        goal: SteeringPlan.Goal = .add, at sites: [Site]? = nil, scope: TokenScope = .all,
        schedule: Schedule = .constant, gate: Gate? = nil
    ) -> Self {
        Self(
            concept: concept.name, goal: goal, operation: operation, strength: strength, sites: sites,
            scope: scope, schedule: schedule, gate: gate)
    }

    /// Edits `sites` by an operation that carries its own data; `name` is for messages.
    public static func apply(
        _ operation: SteeringPlan.Operation, named name: String, at sites: [Site], scope: TokenScope = .all,
        schedule: Schedule = .constant, gate: Gate? = nil
    ) -> Self {
        Self(
            concept: name, goal: .add, operation: operation, strength: nil, sites: sites, scope: scope,
            schedule: schedule, gate: gate)
    }
}
