import Foundation
public import VaneSites
public import VaneTensors

/// Activations of a site in a file: one row a token, of float32, bfloat16 or float16, memory-mapped.
///
/// The file is `VANEROWS`, the length of what follows as 8 bytes, JSON padded with blanks to a multiple of 64 bytes,
/// then the rows, little-endian. It appears under its name only when it is whole; what is harvested so far stands
/// beside it as `NAME.part`, and a harvest that was killed goes on from there.
public struct ActivationStore: ActivationSource {
    /// What the file says of its rows.
    public struct Facts: Codable, Hashable, Sendable {
        /// Where the activations come from.
        public let site: Site
        /// Entries of a row.
        public let width: Int
        /// How many rows there are.
        public let count: Int
        /// The type of the numbers.
        public let dtype: DType
        /// Identifies model and texts, in words of who wrote the file.
        public let run: String
    }

    /// The file.
    public let path: String
    /// What the file says of its rows.
    public let facts: Facts
    private let matrix: Tensor

    static let magic = Array("VANEROWS".utf8)
    private static let longestHeader = 1 << 20

    /// Opens a file and checks its header and length.
    ///
    /// - Throws: ``EvidenceError`` `missingFile` or `malformedFile`, naming the file and what is wrong.
    public init(path: String) throws {
        self.path = path
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw EvidenceError(.missingFile, "cannot read the activations \(path)")
        }
        let storage: Storage
        do { storage = try Storage(mapping: path) } catch {
            throw EvidenceError(.malformedFile, "\(path) is not a file of activations: \(error)")
        }
        func malformed(_ what: String) -> EvidenceError {
            EvidenceError(.malformedFile, "\(path) is not a whole file of activations: \(what)")
        }
        let bytes = UnsafeRawBufferPointer(start: storage.base, count: storage.byteCount)
        guard bytes.count >= 16, bytes.prefix(8).elementsEqual(ActivationStore.magic) else {
            throw malformed("it does not begin with VANEROWS")
        }
        let length = Int(clamping: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian)
        guard length <= ActivationStore.longestHeader, 16 + length <= bytes.count,
            let facts = try? JSONDecoder().decode(Facts.self, from: Data(bytes[16..<16 + length]))
        else { throw malformed("its header cannot be read") }
        guard facts.width > 0 && facts.count > 0 && facts.width < 1 << 24 && facts.count < 1 << 31,
            (16 + length) % 64 == 0,
            bytes.count == 16 + length + facts.count * facts.width * facts.dtype.byteCount
        else { throw malformed("it has \(bytes.count) bytes, which do not fit its header") }
        self.facts = facts
        matrix = Tensor(
            storage: storage, offset: 16 + length, shape: [facts.count, facts.width], dtype: facts.dtype)
    }

    /// How many rows there are.
    public var count: Int { facts.count }
    /// Entries of a row.
    public var width: Int { facts.width }

    /// Some rows, widened to float32, `[numbers, width]`.
    public func rows(_ numbers: [Int]) throws -> Tensor {
        try matrix.gatherRows(numbers.map { Int32(clamping: $0) })
    }

    /// The bytes in front of the rows.
    static func header(_ facts: Facts) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var json = try encoder.encode(facts)
        while (16 + json.count) % 64 != 0 { json.append(0x20) }
        var header = Data(magic)
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { header.append(contentsOf: $0) }
        return header + json
    }
}
