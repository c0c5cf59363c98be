import VaneConcepts
public import VaneSites

/// Adds a fixed distance along a direction to every state in a scope: `h′ = h + strength · d/‖d‖`.
///
/// With the difference of means (rows 26 and 110) or a random direction, at the mean distance GCAV moves a
/// state, it is the control that stands beside GCAV in every experiment.
public struct AdditionEdit: Edit {
    private let edit: SteererEdit

    /// An addition along `direction`, whose own length does not matter; nothing if that is zero.
    public init(of direction: [Float], strength: Double, scope: TokenScope) {
        let unit = LinearProbe(weights: direction, bias: 0).direction
        edit = SteererEdit(Addition(direction: unit, distance: strength), scope: scope)
    }

    /// Adds to the rows in scope.
    public func apply(to activation: Activation) { edit.apply(to: activation) }
}
