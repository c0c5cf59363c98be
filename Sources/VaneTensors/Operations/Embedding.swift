import CVaneKernels

extension Tensor {
    /// Rows `indices` of a `[rows, width]` table of any element type, as float32 `[indices, width]`.
    ///
    /// - Throws: `outOfRange`, naming the index.
    public func gatherRows(_ indices: [Int32]) throws -> Tensor {
        try TensorError.expect(shape.rank == 2, in: "gatherRows", "a table is needed, not shape \(shape)")
        let width = shape[1]
        let entries = shape
        let strideBytes = rowStride * dtype.byteCount
        let result = Tensor(uninitialised: Shape(rows: indices.count, columns: width))
        try withExtendedLifetime(storage) {
            try result.write { y in
                for (row, index) in indices.enumerated() {
                    guard index >= 0, Int(index) < shape[0] else {
                        throw TensorError(.outOfRange, in: "gatherRows", "row \(index) of shape \(shape)")
                    }
                    vk_widen(
                        dtype.kernelType, y + row * width,
                        storage.base + offset + Int(index) * strideBytes, width)
                }
            }
        }
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) { gradient in
            let table = Tensor(zeros: entries)
            gradient.contiguous().read { dy in
                table.write { vk_scatter_add($0, dy, indices, indices.count, width) }
            }
            return [table]
        }
    }
}
