/// An array of numbers with a shape, a view into a ``Storage``.
///
/// One non-generic type; the element type is a value (``dtype``). Copying a tensor copies the view, not the
/// numbers. Operations make new tensors and never change their operands. The elements of the last dimension
/// are always adjacent; rows may be further apart than their length (a view of some columns).
///
/// Gradients: every operation is one function in `Operations/`, which records itself on the operands'
/// ``Tape``, if they have one.
public struct Tensor: Sendable {
    package let storage: Storage
    /// Byte offset of the first element.
    package let offset: Int
    /// The dimensions, outermost first.
    public let shape: Shape
    /// Elements from one row (index of the last but one dimension) to the next.
    package let rowStride: Int
    /// The element type.
    public let dtype: DType
    /// Where the tensor stands on a tape, if it is recorded.
    package var recording: Recording?

    package init(storage: Storage, offset: Int, shape: Shape, rowStride: Int? = nil, dtype: DType) {
        self.storage = storage
        self.offset = offset
        self.shape = shape
        self.rowStride = rowStride ?? (shape.rank > 0 ? shape[shape.rank - 1] : 1)
        self.dtype = dtype
    }

    /// A float32 tensor whose elements are not set yet.
    package init(uninitialised shape: Shape) {
        self.init(
            storage: Storage(byteCount: shape.count * 4), offset: 0, shape: shape, dtype: .float32)
    }

    /// A float32 tensor of zeros.
    public init(zeros shape: Shape) {
        self.init(uninitialised: shape)
        write { $0.update(repeating: 0, count: shape.count) }
    }

    /// A float32 tensor with these elements, in row-major order.
    ///
    /// - Throws: `shapeMismatch` when the number of elements is not the shape's.
    public init(_ elements: some Collection<Float>, shape: Shape) throws {
        try TensorError.expect(
            elements.count == shape.count, in: "init", "\(elements.count) elements for shape \(shape)")
        self.init(uninitialised: shape)
        write { pointer in
            _ = UnsafeMutableBufferPointer(start: pointer, count: shape.count).update(from: elements)
        }
    }

    /// The elements in row-major order, widened to float32.
    public var elements: [Float] {
        let source = contiguous()
        return [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
            if let start = buffer.baseAddress { source.widen(into: start) }
            count = shape.count
        }
    }

    /// Whether rows follow each other without gaps.
    package var isContiguous: Bool {
        shape.rank < 2 || rowStride == shape[shape.rank - 1] || shape.count == shape[shape.rank - 1]
    }

    /// The number of rows when all but the last dimension are joined.
    package var rowCount: Int {
        var rows = 1
        for axis in 0..<max(0, shape.rank - 1) { rows *= shape[axis] }
        return rows
    }

    /// The length of the last dimension.
    package var width: Int { shape.rank == 0 ? 1 : shape[shape.rank - 1] }

    /// Calls `body` with the first float; the pointer is good until `body` returns.
    @inline(__always)
    package func read<R>(_ body: (UnsafePointer<Float>) throws -> R) rethrows -> R {
        precondition(dtype == .float32, "float32 elements asked of a \(dtype) tensor")
        return try withExtendedLifetime(storage) {
            try body(UnsafePointer((storage.base + offset).assumingMemoryBound(to: Float.self)))
        }
    }

    /// As ``read(_:)``, to set the elements. Only for tensors nobody else has seen yet.
    @inline(__always)
    package func write<R>(_ body: (UnsafeMutablePointer<Float>) throws -> R) rethrows -> R {
        precondition(dtype == .float32, "float32 elements asked of a \(dtype) tensor")
        return try withExtendedLifetime(storage) {
            try body((storage.base + offset).assumingMemoryBound(to: Float.self))
        }
    }

    /// Calls `body` with the bytes of a contiguous tensor of any element type.
    @inline(__always)
    package func readBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        precondition(isContiguous, "bytes asked of a tensor with gaps between its rows")
        return try withExtendedLifetime(storage) {
            try body(
                UnsafeRawBufferPointer(start: storage.base + offset, count: shape.count * dtype.byteCount))
        }
    }
}
