import VaneTensors

/// `x · Wᵀ + b`.
struct Linear: Sendable {
    let weight: PackedMatrix
    let bias: Tensor?

    func callAsFunction(_ x: Tensor) throws -> Tensor { try x.linear(weight, bias: bias) }
}
