import VaneTensors

/// The MLP of a block: `down(f(up(x)))`, or `down(f(gate(x)) · up(x))` when there is a gate.
struct FeedForward: Sendable {
    let gate: Linear?
    let up: Linear
    let down: Linear
    let activation: ActivationFunction

    /// The activations that enter `down`, `[rows, mlpWidth]`.
    func hidden(_ x: Tensor) throws -> Tensor {
        guard let gate else { return try up(x).applying(activation) }
        return try gate(x).applying(activation).multiplying(up(x))
    }
}
