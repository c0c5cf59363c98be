import VaneTensors

/// The normalisation in front of a sublayer.
enum Normalisation: Sendable {
    case layer(gain: Tensor, bias: Tensor, epsilon: Float)
    case rootMeanSquare(gain: Tensor, epsilon: Float)

    func callAsFunction(_ x: Tensor) throws -> Tensor {
        switch self {
        case .layer(let gain, let bias, let epsilon):
            try x.layerNorm(gain: gain, bias: bias, epsilon: epsilon)
        case .rootMeanSquare(let gain, let epsilon): try x.rmsNorm(gain: gain, epsilon: epsilon)
        }
    }
}
