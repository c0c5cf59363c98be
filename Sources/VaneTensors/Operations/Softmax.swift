import CVaneKernels

extension Tensor {
    /// `exp(x) / Σ exp(x)` of each row.
    public func softmax() -> Tensor { rowwise(vk_softmax) }

    /// `x - log Σ exp(x)` of each row, the sum kept in double precision.
    public func logSoftmax() -> Tensor { rowwise(vk_log_softmax) }

    private func rowwise(
        _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
    ) -> Tensor {
        let source = contiguous()
        let result = Tensor(uninitialised: shape)
        source.read { x in result.write { y in kernel(y, x, rowCount, width) } }
        return result
    }
}
