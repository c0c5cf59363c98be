public import VaneTensors

/// The element type of a PyTorch storage.
enum TorchElement: String, Sendable, CaseIterable {
    case float = "FloatStorage"
    case half = "HalfStorage"
    case bfloat16 = "BFloat16Storage"
    case double = "DoubleStorage"
    case int64 = "LongStorage"
    case int32 = "IntStorage"
    case int16 = "ShortStorage"
    case int8 = "CharStorage"
    case uint8 = "ByteStorage"
    case bool = "BoolStorage"

    init?(storage: String) { self.init(rawValue: storage) }

    /// Bytes of one element.
    var byteCount: Int {
        switch self {
        case .double, .int64: 8
        case .float, .int32: 4
        case .half, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// The type of tensors with these elements; nil for those that have to be converted or refused.
    var dtype: DType? {
        switch self {
        case .float: .float32
        case .half: .float16
        case .bfloat16: .bfloat16
        default: nil
        }
    }
}

/// A tensor in a PyTorch file: where it lies. Nothing is read until ``load()``.
public struct TorchTensor: Sendable {
    /// The dimensions, outermost first.
    public let shape: [Int]
    let element: TorchElement
    /// Elements from one index of a dimension to the next.
    let strides: [Int]
    /// The first byte in the file.
    let start: Int
    let storage: Storage
    let file: String

    /// The numbers: a view of the mapped file if they lie in row-major order, else a copy.
    ///
    /// - Throws: ``WeightsError`` `unexpectedTensor` for integers and truth values; F32, F16, BF16 and F64
    ///   can be read, F64 as F32.
    public func load() throws -> Tensor {
        guard element.dtype != nil || element == .double else {
            throw WeightsError(
                .unexpectedTensor,
                "\(file): a tensor of shape \(shape) has the element type \(element.rawValue); F32, F16, BF16 "
                    + "and F64 can be read")
        }
        let size = element.byteCount
        if let dtype = element.dtype, isRowMajor, start % size == 0 {
            return Tensor(storage: storage, offset: start, shape: Shape(shape), dtype: dtype)
        }
        let count = shape.reduce(1, *)
        let copy = Storage(byteCount: count * size)
        gather(into: copy.base, size: size)
        guard let dtype = element.dtype else {
            let doubles = copy.base.assumingMemoryBound(to: UInt64.self)
            return try Tensor(
                (0..<count).map { Float(Double(bitPattern: UInt64(littleEndian: doubles[$0]))) },
                shape: Shape(shape))
        }
        return Tensor(storage: copy, offset: 0, shape: Shape(shape), dtype: dtype)
    }

    private var isRowMajor: Bool {
        var expected = 1
        for (dimension, stride) in zip(shape, strides).reversed() {
            if dimension != 1 && stride != expected { return false }
            expected *= max(dimension, 1)
        }
        return true
    }

    /// Copies the elements in row-major order.
    private func gather(into target: UnsafeMutableRawPointer, size: Int) {
        guard !shape.contains(0) else { return }
        var index = [Int](repeating: 0, count: shape.count)
        var place = start
        var done = 0
        while true {
            (target + done * size).copyMemory(from: storage.base + place, byteCount: size)
            done += 1
            var axis = shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                place += strides[axis] * size
                if index[axis] < shape[axis] { break }
                place -= strides[axis] * size * shape[axis]
                index[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}

/// What a PyTorch file holds: plain data.
public indirect enum TorchValue: Sendable {
    /// Python's `None`.
    case none
    /// A truth value.
    case bool(Bool)
    /// A whole number that fits 64 bits.
    case integer(Int)
    /// A floating-point number.
    case number(Double)
    /// Text.
    case string(String)
    /// A tensor.
    case tensor(TorchTensor)
    /// A list or tuple.
    case list([TorchValue])
    /// A dictionary, in its order.
    case dictionary([(key: TorchValue, value: TorchValue)])
}
