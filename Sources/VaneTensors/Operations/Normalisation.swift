import CVaneKernels

extension Tensor {
    /// Layer normalisation of each row: `(x - mean) / √(variance + ε) · gain + bias`, biased variance.
    ///
    /// - Throws: `shapeMismatch` when `gain` or `bias` is not as long as a row.
    public func layerNorm(gain: Tensor, bias: Tensor?, epsilon: Float) throws -> Tensor {
        try expectRowParameter(gain, bias, in: "layerNorm")
        let source = contiguous()
        let result = Tensor(uninitialised: shape)
        let (rows, width) = (rowCount, self.width)
        withExtendedLifetime(bias) {
            source.read { x in
                result.write { y in
                    gain.read { g in vk_layer_norm(y, x, g, bias?.read { $0 }, rows, width, epsilon) }
                }
            }
        }
        let (operand, factor) = (source.detached, gain.detached)
        guard let tape = Tape.of(source, gain, bias) else { return result }
        return tape.record(result, from: [source, gain, bias]) { gradient in
            let dx = Tensor(uninitialised: operand.shape)
            let (dgain, dbias) = (Tensor(uninitialised: factor.shape), Tensor(uninitialised: factor.shape))
            let upper = gradient.contiguous()
            withExtendedLifetime((operand, factor, upper, dx, dgain, dbias)) {
                vk_layer_norm_gradient(
                    dx.write { $0 }, dgain.write { $0 }, dbias.write { $0 }, upper.read { $0 },
                    operand.read { $0 }, factor.read { $0 }, rows, width, epsilon)
            }
            return [dx, dgain, dbias]
        }
    }

    /// Root-mean-square normalisation of each row: `x / √(mean(x²) + ε) · gain`.
    ///
    /// - Throws: `shapeMismatch` when `gain` is not as long as a row.
    public func rmsNorm(gain: Tensor, epsilon: Float) throws -> Tensor {
        try expectRowParameter(gain, nil, in: "rmsNorm")
        let source = contiguous()
        let result = Tensor(uninitialised: shape)
        let (rows, width) = (rowCount, self.width)
        source.read { x in
            result.write { y in gain.read { g in vk_rms_norm(y, x, g, rows, width, epsilon) } }
        }
        let (operand, factor) = (source.detached, gain.detached)
        guard let tape = Tape.of(source, gain) else { return result }
        return tape.record(result, from: [source, gain]) { gradient in
            let (dx, dgain) = (Tensor(uninitialised: operand.shape), Tensor(uninitialised: factor.shape))
            let upper = gradient.contiguous()
            withExtendedLifetime((operand, factor, upper, dx, dgain)) {
                vk_rms_norm_gradient(
                    dx.write { $0 }, dgain.write { $0 }, upper.read { $0 }, operand.read { $0 },
                    factor.read { $0 }, rows, width, epsilon)
            }
            return [dx, dgain]
        }
    }

    private func expectRowParameter(_ gain: Tensor, _ bias: Tensor?, in operation: String) throws {
        try TensorError.expect(
            gain.shape.count == width && (bias?.shape.count ?? width) == width, in: operation,
            "rows of \(shape) with gain \(gain.shape) and bias \(bias?.shape ?? gain.shape)")
    }
}
