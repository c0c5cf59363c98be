import CVaneKernels

extension Tensor {
    /// Layer normalisation of each row: `(x - mean) / √(variance + ε) · gain + bias`, biased variance.
    ///
    /// - Throws: `shapeMismatch` when `gain` or `bias` is not as long as a row.
    public func layerNorm(gain: Tensor, bias: Tensor?, epsilon: Float) throws -> Tensor {
        try expectRowParameter(gain, bias, in: "layerNorm")
        let source = contiguous()
        let result = Tensor(uninitialised: shape)
        withExtendedLifetime(bias) {
            source.read { x in
                result.write { y in
                    gain.read { g in
                        vk_layer_norm(y, x, g, bias?.read { $0 }, rowCount, width, epsilon)
                    }
                }
            }
        }
        return result
    }

    /// Root-mean-square normalisation of each row: `x / √(mean(x²) + ε) · gain`.
    ///
    /// - Throws: `shapeMismatch` when `gain` is not as long as a row.
    public func rmsNorm(gain: Tensor, epsilon: Float) throws -> Tensor {
        try expectRowParameter(gain, nil, in: "rmsNorm")
        let source = contiguous()
        let result = Tensor(uninitialised: shape)
        source.read { x in
            result.write { y in gain.read { g in vk_rms_norm(y, x, g, rowCount, width, epsilon) } }
        }
        return result
    }

    private func expectRowParameter(_ gain: Tensor, _ bias: Tensor?, in operation: String) throws {
        try TensorError.expect(
            gain.shape.count == width && (bias?.shape.count ?? width) == width, in: operation,
            "rows of \(shape) with gain \(gain.shape) and bias \(bias?.shape ?? gain.shape)")
    }
}
