import Foundation
public import VaneTensors

/// A GGUF file of version 2 or 3, memory-mapped: metadata, a table of tensors, aligned tensor bytes.
///
/// The header is checked in full before anything is used: every count and length against what is left of the
/// file, names, UTF-8, shapes, alignment, and that tensors neither leave the file nor share bytes. Float
/// tensors are views of the mapped file. Quantised tensors are listed, and refused when read.
public struct GGUFFile: Checkpoint {
    /// The path.
    public let name: String
    /// The version of the container, 2 or 3.
    public let version: Int
    /// The metadata.
    public let metadata: [String: GGUFValue]
    /// The keys of ``metadata`` in the order of the file.
    public let keys: [String]
    /// The names of all tensors in the order of the file.
    public let tensorNames: [String]
    private let entries: [String: Entry]
    private let storage: Storage

    private struct Entry {
        let type: UInt32
        /// Outermost dimension first; the file has it the other way round.
        let shape: [Int]
        /// The first byte in the file.
        let start: Int
        /// Bytes; nil when the element type is not known.
        let byteCount: Int?
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
        var cursor = GGUFCursor(
            UnsafeRawBufferPointer(start: storage.base, count: storage.byteCount), file: name)
        guard try cursor.number(UInt32.self, "the magic number") == 0x4655_4747 else {
            throw cursor.malformed("it does not begin with 'GGUF'")
        }
        let version = try cursor.number(UInt32.self, "the version")
        guard version == 2 || version == 3 else {
            throw cursor.malformed(
                version.byteSwapped == 3 || version.byteSwapped == 2
                    ? "its numbers are big-endian, little-endian ones are read"
                    : "it has version \(version), versions 2 and 3 are read")
        }
        let tensorCount = try cursor.count(of: "tensors", eachAtLeast: 24)
        let keyCount = try cursor.count(of: "keys", eachAtLeast: 13)
        var metadata: [String: GGUFValue] = [:]
        var keys: [String] = []
        for index in 0..<keyCount {
            let key = try cursor.string("key \(index)", limit: GGUFCursor.longestName)
            guard !key.isEmpty else { throw cursor.malformed("key \(index) is empty") }
            let value = try cursor.value(cursor.kind(key), key: key)
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw cursor.malformed("the key '\(key)' appears twice")
            }
            keys.append(key)
        }
        let alignment = try GGUFFile.alignment(metadata["general.alignment"]) { cursor.malformed($0) }
        var tensors: [(name: String, entry: Entry)] = []
        for index in 0..<tensorCount { tensors.append(try GGUFFile.entry(index, &cursor, alignment)) }
        // A file without tensors may end with its header.
        let dataStart = (cursor.position + alignment - 1) / alignment * alignment
        guard tensors.isEmpty || dataStart <= storage.byteCount else {
            throw cursor.malformed("it ends before its tensors begin")
        }
        self.name = name
        self.version = Int(version)
        self.metadata = metadata
        self.keys = keys
        self.storage = storage
        tensorNames = tensors.map(\.name)
        entries = try GGUFFile.placed(
            tensors, dataStart: dataStart, fileSize: storage.byteCount, cursor.malformed)
    }

    /// The alignment that the metadata ask for, 32 where they say nothing.
    static func alignment(_ value: GGUFValue?, _ failure: (String) -> WeightsError) throws -> Int {
        guard let value else { return 32 }
        guard case .uint32(let number) = value, number > 0, number.nonzeroBitCount == 1, number <= 1 << 20
        else {
            throw failure("general.alignment is \(value), a power of two up to 2^20 as uint32 is expected")
        }
        return Int(number)
    }

    /// The next row of the table of tensors; its start still counts from the first tensor byte.
    private static func entry(
        _ index: Int, _ cursor: inout GGUFCursor, _ alignment: Int
    ) throws -> (String, Entry) {
        let name = try cursor.string("the name of tensor \(index)", limit: GGUFCursor.longestName)
        let rank = try cursor.number(UInt32.self, "the rank of '\(name)'")
        guard rank <= 4 else { throw cursor.malformed("'\(name)' has \(rank) dimensions, 4 are allowed") }
        var shape: [Int] = []
        for _ in 0..<rank {
            let claimed = try cursor.number(UInt64.self, "the shape of '\(name)'")
            guard let dimension = Int(exactly: claimed) else {
                throw cursor.malformed("'\(name)' has a dimension of \(claimed)")
            }
            shape.insert(dimension, at: 0)
        }
        let type = try cursor.number(UInt32.self, "the type of '\(name)'")
        let offset = try cursor.number(UInt64.self, "the place of '\(name)'")
        guard let start = Int(exactly: offset), start % alignment == 0 else {
            throw cursor.malformed("'\(name)' begins at \(offset), a multiple of \(alignment) is expected")
        }
        guard let known = GGUFTensorType.numbered(type) else {
            return (name, Entry(type: type, shape: shape, start: start, byteCount: nil))
        }
        guard (shape.last ?? 1) % known.block == 0 else {
            throw cursor.malformed("'\(name)' is \(known.name)\(shape): its rows are not whole blocks")
        }
        var count = 1
        for dimension in shape {
            // A dimension of 0 empties the tensor, yet strides are products of the others.
            let (product, overflow) = count.multipliedReportingOverflow(by: max(dimension, 1))
            guard !overflow else { throw cursor.malformed("'\(name)' has shape \(shape)") }
            count = product
        }
        let (bytes, overflow) = (count / known.block).multipliedReportingOverflow(by: known.bytes)
        guard !overflow else { throw cursor.malformed("'\(name)' has shape \(shape)") }
        return (
            name, Entry(type: type, shape: shape, start: start, byteCount: shape.contains(0) ? 0 : bytes)
        )
    }

    /// The tensors by name, placed in the file; none may leave it, and no two may share a byte or a name.
    private static func placed(
        _ tensors: [(name: String, entry: Entry)], dataStart: Int, fileSize: Int,
        _ malformed: (String) -> WeightsError
    ) throws -> [String: Entry] {
        var entries: [String: Entry] = [:]
        var end = 0
        var last = ""
        for (name, entry) in tensors.sorted(by: { $0.entry.start < $1.entry.start }) {
            let length = entry.byteCount ?? 0
            guard entry.start <= fileSize - min(dataStart, fileSize),
                length <= fileSize - min(dataStart, fileSize) - entry.start
            else {
                throw malformed(
                    "'\(name)' takes \(length) bytes from \(entry.start) on, and the tensors have "
                        + "\(max(0, fileSize - dataStart))")
            }
            guard length == 0 || entry.start >= end else {
                throw malformed("'\(name)' and '\(last)' lie over each other")
            }
            if length > 0 { (end, last) = (entry.start + length, name) }
            let moved = Entry(
                type: entry.type, shape: entry.shape, start: dataStart + entry.start,
                byteCount: entry.byteCount)
            guard entries.updateValue(moved, forKey: name) == nil else {
                throw malformed("the tensor '\(name)' appears twice")
            }
        }
        return entries
    }

    /// The tensor called `name`, a view of the mapped file where alignment allows it; nil if there is none.
    ///
    /// The shape has the outermost dimension first, as everywhere in Vane; the file stores it reversed.
    ///
    /// - Throws: ``WeightsError`` `unexpectedTensor` for an element type other than F32, F16 and BF16.
    public func tensor(named name: String) throws -> Tensor? {
        guard let entry = entries[name] else { return nil }
        guard let dtype = GGUFTensorType.readable(entry.type), let byteCount = entry.byteCount else {
            throw WeightsError(
                .unexpectedTensor,
                "\(self.name): '\(name)' has element type \(elementType(of: name) ?? ""); F32, F16 and BF16 "
                    + "can be read, quantised weights cannot")
        }
        let shape = Shape(entry.shape)
        if entry.start % dtype.byteCount == 0 {
            return Tensor(storage: storage, offset: entry.start, shape: shape, dtype: dtype)
        }
        let copy = Storage.copy(
            of: UnsafeRawBufferPointer(start: storage.base + entry.start, count: byteCount))
        return Tensor(storage: copy, offset: 0, shape: shape, dtype: dtype)
    }

    /// The name of a tensor's element type, such as `F32` or `Q4_K`; nil if there is no such tensor.
    public func elementType(of name: String) -> String? {
        entries[name].map { GGUFTensorType.numbered($0.type)?.name ?? "number \($0.type), which is unknown" }
    }

    /// The dimensions of a tensor, outermost first; nil if there is no such tensor.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }
}
