import CVaneKernels

/// A weight matrix `[outputs, inputs]` laid out for the matrix kernel: panels of 32 outputs.
///
/// Packed once when a model is loaded. The numbers keep their type (float32, bfloat16 or float16) and are
/// widened in registers, so a product with half-width weights equals one with the widened weights bit for
/// bit.
public struct PackedMatrix: Sendable {
    /// The number of outputs (rows of the matrix).
    public let outputs: Int
    /// The number of inputs (columns of the matrix).
    public let inputs: Int
    /// The element type of the weights.
    public let dtype: DType
    let storage: Storage
    /// The numbers it was packed from: gradients need them the other way round.
    private(set) var source: Tensor
    private let layout: Layout

    /// How the numbers of the source tensor are laid out.
    public enum Layout: Sendable {
        /// `[outputs, inputs]`, as in a PyTorch linear layer.
        case outputsByInputs
        /// `[inputs, outputs]`, as in GPT-2's one-dimensional convolutions.
        case inputsByOutputs
    }

    /// Packs `matrix`.
    ///
    /// - Throws: `shapeMismatch` unless `matrix` has two dimensions.
    public init(_ matrix: Tensor, layout: Layout = .outputsByInputs) throws {
        try TensorError.expect(
            matrix.shape.rank == 2, in: "pack", "a matrix is needed, not shape \(matrix.shape)")
        let transposed = layout == .inputsByOutputs
        outputs = matrix.shape[transposed ? 1 : 0]
        inputs = matrix.shape[transposed ? 0 : 1]
        dtype = matrix.dtype
        source = matrix
        self.layout = layout
        storage = Storage(byteCount: vk_pack_bytes(dtype.kernelType, outputs, inputs))
        withExtendedLifetime(matrix.storage) {
            vk_pack(
                dtype.kernelType, storage.base, matrix.storage.base + matrix.offset, outputs, inputs,
                transposed ? 1 : matrix.rowStride, transposed ? matrix.rowStride : 1)
        }
    }

    /// The same matrix, its ``source`` recorded nowhere: what a pullback may keep. A recorded source would
    /// keep the tape alive that keeps the pullback.
    var detached: PackedMatrix {
        var copy = self
        copy.source = source.detached
        return copy
    }

    /// The transposed matrix, packed: what a gradient is multiplied by on its way back.
    func transposed() throws -> PackedMatrix {
        try PackedMatrix(
            source.detached, layout: layout == .outputsByInputs ? .inputsByOutputs : .outputsByInputs)
    }

    /// The matrix `[outputs, inputs]` as float32, recorded nowhere.
    package func unpacked() throws -> Tensor {
        let numbers = source.detached.dense
        return layout == .outputsByInputs ? numbers : try numbers.transposed()
    }

    /// The gradient with respect to ``source`` of a product whose input was `x` and whose result has the
    /// gradient `dy`.
    func gradient(_ x: Tensor, _ dy: Tensor) throws -> Tensor {
        switch layout {
        case .outputsByInputs: try PackedMatrix.product(dy, x)
        case .inputsByOutputs: try PackedMatrix.product(x, dy)
        }
    }

    /// `aᵀ·b`, `[rows, m]` and `[rows, n]` to `[m, n]`; sums run over the rows in ascending order.
    private static func product(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        let packed = try PackedMatrix(b, layout: .inputsByOutputs)
        let result = Tensor(uninitialised: Shape(rows: a.shape[1], columns: b.shape[1]))
        withExtendedLifetime(packed.storage) {
            a.read { x in
                result.write { y in
                    vk_linear_transposed(
                        y, b.shape[1], x, a.rowStride, packed.storage.base, a.shape[1], b.shape[1],
                        a.shape[0])
                }
            }
        }
        return result
    }
}

extension Tensor {
    /// `self · weightᵀ + bias`: `[rows, inputs]` to `[rows, outputs]`.
    ///
    /// One chain of fused multiply-adds per output, in the order of the inputs: a row gives the same bits
    /// alone and in any batch.
    ///
    /// - Throws: `shapeMismatch`, naming both shapes.
    public func linear(_ weight: PackedMatrix, bias: Tensor? = nil) throws -> Tensor {
        let bias = bias.map { $0.dtype == .float32 ? $0 : $0.copied() }
        try TensorError.expect(
            shape.rank == 2 && shape[1] == weight.inputs, in: "linear",
            "input \(shape) does not fit weight [\(weight.outputs), \(weight.inputs)]")
        if let bias {
            try TensorError.expect(
                bias.shape.count == weight.outputs, in: "linear",
                "bias \(bias.shape) does not fit weight [\(weight.outputs), \(weight.inputs)]")
        }
        let result = Tensor(uninitialised: Shape(rows: shape[0], columns: weight.outputs))
        withExtendedLifetime((weight.storage, bias)) {
            read { x in
                result.write { y in
                    vk_linear(
                        y, weight.outputs, x, rowStride, weight.dtype.kernelType, weight.storage.base,
                        bias?.read { $0 }, shape[0], weight.outputs, weight.inputs)
                }
            }
        }
        guard let tape = Tape.of(self, weight.source, bias) else { return result }
        let (x, needsInput, needsWeight, needsBias) = (
            detached, isRecorded, weight.source.isRecorded, bias?.isRecorded ?? false
        )
        let biasShape = bias?.shape
        let kept = weight.detached
        return tape.record(result, from: [self, weight.source, bias]) { dy in
            let dx = needsInput ? try dy.linear(kept.transposed()) : nil
            let dw = needsWeight ? try kept.gradient(x, dy) : nil
            var db: Tensor?
            if needsBias, let biasShape {
                let sums = Tensor(uninitialised: biasShape)
                dy.read { source in
                    sums.write { vk_column_sums($0, source, dy.shape[0], dy.shape[1], dy.rowStride) }
                }
                db = sums
            }
            return [dx, dw, db]
        }
    }

    /// The matrix product `self · other`: `[m, k]` by `[k, n]`. `other` is packed on the way, so for
    /// weights that are used again make a ``PackedMatrix`` once.
    ///
    /// - Throws: `shapeMismatch`, naming both shapes.
    public func matmul(_ other: Tensor) throws -> Tensor {
        try TensorError.expect(
            shape.rank == 2 && other.shape.rank == 2 && shape[1] == other.shape[0], in: "matmul",
            "\(shape) by \(other.shape)")
        return try linear(PackedMatrix(other, layout: .inputsByOutputs))
    }
}
