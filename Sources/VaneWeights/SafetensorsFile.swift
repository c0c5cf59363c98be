import Foundation
public import VaneTensors

/// A safetensors file, memory-mapped: 8 bytes header length, JSON header, tensor bytes.
///
/// The header is checked in full before anything is used: lengths, element types, shapes against byte ranges,
/// and that no range leaves the file.
public struct SafetensorsFile: Checkpoint {
    /// The largest header read, in bytes.
    public static let maximumHeader = 100_000_000

    /// The path.
    public let name: String
    /// The strings under `__metadata__`.
    public let metadata: [String: String]
    private let entries: [String: Entry]
    private let storage: Storage
    private let dataStart: Int

    private struct Entry {
        let type: String
        let shape: [Int]
        let range: Range<Int>
    }

    /// Maps the file at `path` and checks its header.
    ///
    /// - Throws: ``WeightsError`` `unreadable` or `malformed`, naming the file and what is wrong.
    public init(path: String) throws { try self.init(storage: .file(path), name: path) }

    /// Reads a file's contents that are in memory already; `name` is what errors call them.
    ///
    /// - Throws: ``WeightsError`` `malformed`.
    package init(bytes: UnsafeRawBufferPointer, name: String) throws {
        try self.init(storage: .copy(of: bytes), name: name)
    }

    private init(storage: Storage, name: String) throws {
        func malformed(_ what: String) -> WeightsError {
            WeightsError(.malformed, "\(name) is not a safetensors file: \(what)")
        }
        let size = storage.byteCount
        guard size >= 8 else { throw malformed("it has \(size) bytes, the header length alone takes 8") }
        let length = UInt64(littleEndian: storage.base.loadUnaligned(as: UInt64.self))
        guard length <= SafetensorsFile.maximumHeader, Int(length) <= size - 8 else {
            throw malformed("its header claims \(length) bytes and the file has \(size)")
        }
        let header = Data(bytes: storage.base + 8, count: Int(length))
        let parsed: Any
        do { parsed = try JSONSerialization.jsonObject(with: header) } catch {
            throw malformed("its header is not JSON")
        }
        guard let object = parsed as? [String: Any] else {
            throw malformed("its header is not a JSON object")
        }
        let dataBytes = size - 8 - Int(length)
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for (key, value) in object {
            if key == "__metadata__" {
                guard let strings = value as? [String: String] else {
                    throw malformed("__metadata__ holds something else than strings")
                }
                metadata = strings
                continue
            }
            guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
                let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int]
            else { throw malformed("'\(key)' lacks dtype, shape or data_offsets") }
            guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= dataBytes
            else {
                throw malformed("'\(key)' lies at bytes \(offsets) of \(dataBytes)")
            }
            guard shape.count <= Shape.maximumRank, shape.allSatisfy({ $0 >= 0 }) else {
                throw malformed("'\(key)' has shape \(shape)")
            }
            var bytes = SafetensorsFile.byteCount(ofType: type) ?? 0
            for dimension in shape {
                // A dimension of 0 empties the tensor, yet strides are products of the others.
                let (product, overflow) = bytes.multipliedReportingOverflow(by: max(dimension, 1))
                guard !overflow else { throw malformed("'\(key)' has shape \(shape)") }
                bytes = product
            }
            if shape.contains(0) { bytes = 0 }
            guard SafetensorsFile.byteCount(ofType: type) == nil || bytes == offsets[1] - offsets[0] else {
                throw malformed(
                    "'\(key)' has \(offsets[1] - offsets[0]) bytes where \(type)\(shape) needs \(bytes)")
            }
            entries[key] = Entry(type: type, shape: shape, range: offsets[0]..<offsets[1])
        }
        self.name = name
        self.storage = storage
        self.metadata = metadata
        self.entries = entries
        dataStart = 8 + Int(length)
    }

    /// The names of all tensors.
    public var tensorNames: [String] { entries.keys.sorted() }

    /// The tensor called `name`, a view of the mapped file where alignment allows it; nil if there is none.
    ///
    /// - Throws: `unexpectedTensor` for an element type other than F32, F16, BF16 and F64 (F64 is converted).
    public func tensor(named name: String) throws -> Tensor? {
        guard let entry = entries[name] else { return nil }
        let shape = Shape(entry.shape)
        let start = dataStart + entry.range.lowerBound
        if entry.type == "F64" {
            let values = (0..<shape.count).map {
                Float(
                    Double(
                        bitPattern: UInt64(
                            littleEndian: storage.base.loadUnaligned(
                                fromByteOffset: start + 8 * $0, as: UInt64.self))))
            }
            return try Tensor(values, shape: shape)
        }
        guard let dtype = SafetensorsFile.types[entry.type] else {
            throw WeightsError(
                .unexpectedTensor,
                "\(self.name): '\(name)' has element type \(entry.type); F64, F32, F16 and BF16 can be read")
        }
        if start % dtype.byteCount == 0 {
            return Tensor(storage: storage, offset: start, shape: shape, dtype: dtype)
        }
        let copy = Storage.copy(
            of: UnsafeRawBufferPointer(start: storage.base + start, count: entry.range.count))
        return Tensor(storage: copy, offset: 0, shape: shape, dtype: dtype)
    }

    /// Samples of a tensor's bytes for a fingerprint: the first, middle and last `length` bytes, which for a
    /// small tensor are all of them.
    package func sample(of name: String, length: Int) -> [UInt8] {
        guard let entry = entries[name] else { return [] }
        let range = entry.range
        let starts =
            range.count <= 3 * length
            ? [(0, range.count)]
            : [(0, length), ((range.count - length) / 2, length), (range.count - length, length)]
        return withExtendedLifetime(storage) {
            starts.flatMap { start, count in
                [UInt8](
                    UnsafeRawBufferPointer(
                        start: storage.base + dataStart + range.lowerBound + start, count: count))
            }
        }
    }

    /// Element type and shape of a tensor as the header states them, such as `F32[2, 3]`.
    package func signature(of name: String) -> String {
        entries[name].map { "\($0.type)\($0.shape)" } ?? ""
    }

    private static let types: [String: DType] = ["F32": .float32, "F16": .float16, "BF16": .bfloat16]

    /// The format's name of an element type.
    static func name(of type: DType) -> String { types.first { $0.value == type }?.key ?? "" }

    private static func byteCount(ofType type: String) -> Int? {
        switch type {
        case "F64", "I64", "U64": 8
        case "F32", "I32", "U32": 4
        case "F16", "BF16", "I16", "U16": 2
        case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2": 1
        default: nil
        }
    }
}
