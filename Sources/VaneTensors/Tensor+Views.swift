import CVaneKernels

extension Tensor {
    /// Rows `range` of a `[rows, width]` tensor, without copying.
    ///
    /// - Throws: `outOfRange`.
    package func rows(_ range: Range<Int>) throws -> Tensor {
        try TensorError.expect(shape.rank == 2, in: "rows", "a matrix is needed, not shape \(shape)")
        guard range.lowerBound >= 0, range.upperBound <= shape[0] else {
            throw TensorError(.outOfRange, in: "rows", "rows \(range) of shape \(shape)")
        }
        let view = Tensor(
            storage: storage, offset: offset + range.lowerBound * rowStride * dtype.byteCount,
            shape: Shape(rows: range.count, columns: shape[1]), rowStride: rowStride, dtype: dtype)
        let shape = self.shape
        guard let tape = Tape.of(self) else { return view }
        return tape.record(view, from: [self]) {
            [try $0.placed(in: shape, row: range.lowerBound, column: 0)]
        }
    }

    /// Columns `range` of a `[rows, width]` tensor, without copying: rows stay as far apart as they were.
    ///
    /// - Throws: `outOfRange`.
    package func columns(_ range: Range<Int>) throws -> Tensor {
        try TensorError.expect(shape.rank == 2, in: "columns", "a matrix is needed, not shape \(shape)")
        guard range.lowerBound >= 0, range.upperBound <= shape[1] else {
            throw TensorError(.outOfRange, in: "columns", "columns \(range) of shape \(shape)")
        }
        let view = Tensor(
            storage: storage, offset: offset + range.lowerBound * dtype.byteCount,
            shape: Shape(rows: shape[0], columns: range.count), rowStride: rowStride, dtype: dtype)
        let shape = self.shape
        guard let tape = Tape.of(self) else { return view }
        return tape.record(view, from: [self]) {
            [try $0.placed(in: shape, row: 0, column: range.lowerBound)]
        }
    }

    /// The same elements with rows adjacent: `self` when they are, else a copy.
    package func contiguous() -> Tensor {
        isContiguous ? self : copied()
    }

    /// A float32 copy with its own storage and adjacent rows.
    package func copied() -> Tensor {
        let result = Tensor(uninitialised: shape)
        let width = self.width
        let strideBytes = rowStride * dtype.byteCount
        withExtendedLifetime(storage) {
            result.write { destination in
                guard !isContiguous else {
                    return vk_widen(dtype.kernelType, destination, storage.base + offset, shape.count)
                }
                for row in 0..<rowCount {
                    vk_widen(
                        dtype.kernelType, destination + row * width,
                        storage.base + offset + row * strideBytes, width)
                }
            }
        }
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) { [$0] }
    }

    /// A tensor of zeros of `shape` with `self` from (`row`, `column`) on.
    private func placed(in shape: Shape, row: Int, column: Int) throws -> Tensor {
        let result = Tensor(zeros: shape)
        let source = contiguous()
        source.read { x in
            result.write { y in
                for i in 0..<source.rowCount {
                    (y + (row + i) * shape[1] + column).update(
                        from: x + i * source.width, count: source.width)
                }
            }
        }
        return result
    }

    /// A copy of a `[rows, columns]` tensor as `[columns, rows]`.
    ///
    /// - Throws: `shapeMismatch` unless the tensor has two dimensions.
    package func transposed() throws -> Tensor {
        try TensorError.expect(shape.rank == 2, in: "transpose", "a matrix is needed, not shape \(shape)")
        let (rows, columns) = (shape[0], shape[1])
        let result = Tensor(uninitialised: Shape(rows: columns, columns: rows))
        read { x in
            result.write { y in
                vk_transpose(y, x, rows, columns, rowStride)
            }
        }
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) { [try $0.transposed()] }
    }

    /// Writes the elements of a contiguous tensor, widened to float32.
    package func widen(into destination: UnsafeMutablePointer<Float>) {
        readBytes { bytes in
            guard let start = bytes.baseAddress, shape.count > 0 else { return }
            vk_widen(dtype.kernelType, destination, start, shape.count)
        }
    }
}

extension DType {
    /// The kernels' name of the type.
    var kernelType: vk_type {
        switch self {
        case .float32: VK_F32
        case .bfloat16: VK_BF16
        case .float16: VK_F16
        }
    }
}
