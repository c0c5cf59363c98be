import CVaneKernels

extension Tensor {
    /// `exp(x) / Σ exp(x)` of each row.
    public func softmax() -> Tensor { rowwise(vk_softmax, vk_softmax_gradient) }

    /// `x - log Σ exp(x)` of each row, the sum kept in double precision.
    public func logSoftmax() -> Tensor { rowwise(vk_log_softmax, vk_log_softmax_gradient) }

    private func rowwise(
        _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void,
        _ slope:
            @escaping (
                UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int
            ) -> Void
    ) -> Tensor {
        let source = contiguous()
        let result = Tensor(uninitialised: shape)
        let (rows, width) = (rowCount, self.width)
        source.read { x in result.write { y in kernel(y, x, rows, width) } }
        guard let tape = Tape.of(source) else { return result }
        return tape.record(result, from: [source]) { gradient in
            let dx = Tensor(uninitialised: result.shape)
            gradient.contiguous().read { dy in
                result.read { y in dx.write { slope($0, dy, y, rows, width) } }
            }
            return [dx]
        }
    }
}
