extension Tensor {
    /// The same elements in row-major order under another shape; without copying when rows are adjacent.
    ///
    /// - Throws: `shapeMismatch` unless both shapes have the same number of elements.
    public func reshaped(to shape: Shape) throws -> Tensor {
        try TensorError.expect(
            shape.count == self.shape.count, in: "reshape",
            "\(self.shape) has \(self.shape.count) elements, \(shape) has \(shape.count)")
        let source = contiguous()
        let view = Tensor(storage: source.storage, offset: source.offset, shape: shape, dtype: source.dtype)
        guard let tape = Tape.of(source) else { return view }
        let before = self.shape
        return tape.record(view, from: [source]) { [try $0.reshaped(to: before)] }
    }
}
