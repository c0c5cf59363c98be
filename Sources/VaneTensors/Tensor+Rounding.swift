extension Tensor {
    /// The elements as bfloat16, each rounded to the nearest, ties to even; NaN stays NaN. Not recorded.
    package func roundedToBFloat16() -> Tensor {
        let source = elements
        let result = Tensor(
            storage: Storage(byteCount: source.count * 2), offset: 0, shape: shape, dtype: .bfloat16)
        withExtendedLifetime(result.storage) {
            let bits = result.storage.base.assumingMemoryBound(to: UInt16.self)
            for (i, value) in source.enumerated() {
                let pattern = value.bitPattern
                let rounded = pattern &+ 0x7FFF &+ ((pattern >> 16) & 1)
                bits[i] = value.isNaN ? UInt16(pattern >> 16) | 0x40 : UInt16(rounded >> 16)
            }
        }
        return result
    }
}
