public import VaneConcepts
public import VaneSites
import VaneTensors

/// Edits that stand beside GCAV in every comparison.
public enum ControlEdits {
    /// Adds `strength` times the unit vector of `direction` to every state in `scope`: the plain difference
    /// of means when given that direction (rows 26 and 110).
    public static func addition(of direction: [Float], strength: Double, scope: TokenScope) -> any Edit {
        Addition(direction: unit(direction), strength: Float(strength), scope: scope)
    }

    /// Moves each state along `direction` by exactly the distance GCAV would have moved it: the control for
    /// "any push of this size does it".
    public static func matchedMove(
        along direction: [Float], insteadOf probe: LinearProbe, goal: SteeringPlan.Goal, target: Double,
        scope: TokenScope
    ) -> any Edit {
        let constraint = GCAVConstraint(concept: "", probe: probe, goal: goal, target: target, scope: scope)
        return MatchedMove(constraint: constraint, direction: unit(direction))
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        LinearProbe(weights: vector, bias: 0).direction
    }

    private struct Addition: Edit {
        let direction: [Float]
        let strength: Float
        let scope: TokenScope

        func apply(to activation: Activation) {
            for row in activation.rows(in: scope) { add(direction, strength, to: activation[row]) }
        }
    }

    private struct MatchedMove: Edit {
        let constraint: GCAVConstraint
        let direction: [Float]

        func apply(to activation: Activation) {
            for row in activation.rows(in: constraint.scope) {
                let deficit = constraint.deficit(activation[row])
                guard deficit > 0 else { continue }
                add(direction, Float(deficit / constraint.probe.norm), to: activation[row])
            }
        }
    }

    private static func add(_ direction: [Float], _ scale: Float, to row: UnsafeMutableBufferPointer<Float>) {
        guard let base = row.baseAddress else { return }
        direction.withUnsafeBufferPointer { source in
            if let source = source.baseAddress {
                Vectors.add(source, times: scale, to: base, count: row.count)
            }
        }
    }
}
