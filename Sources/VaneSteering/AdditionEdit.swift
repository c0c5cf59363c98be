import VaneConcepts
public import VaneSites
import VaneTensors

/// Adds a fixed distance along a direction to every state in a scope: `h′ = h + strength · d/‖d‖`.
///
/// With the difference of means (rows 26 and 110) or a random direction, at the mean distance GCAV moves a
/// state, it is the control that stands beside GCAV in every experiment.
public struct AdditionEdit: Edit {
    private let direction: [Float]
    private let strength: Float
    private let scope: TokenScope

    /// An addition along `direction`, whose own length does not matter; nothing if that is zero.
    public init(of direction: [Float], strength: Double, scope: TokenScope) {
        self.direction = LinearProbe(weights: direction, bias: 0).direction
        self.strength = Float(strength)
        self.scope = scope
    }

    /// Adds to the rows in scope.
    public func apply(to activation: Activation) {
        direction.withUnsafeBufferPointer { direction in
            guard let direction = direction.baseAddress else { return }
            for row in activation.rows(in: scope) {
                guard let values = activation[row].baseAddress else { continue }
                Vectors.add(direction, times: strength, to: values, count: activation.width)
            }
        }
    }
}
