/// Reads a GGUF header front to back and never past its end.
struct GGUFCursor {
    /// The longest key or tensor name, in bytes; the format's own limit for keys.
    static let longestName = 65_535
    /// Arrays may lie in arrays this deep. Files in use have no more than one level.
    static let deepestArray = 4

    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private(set) var position = 0

    /// A cursor at the first of `bytes`, which must outlive it.
    init(_ bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Bytes that are left.
    var remaining: Int { bytes.count - position }

    /// The error that says what is wrong with the file.
    func malformed(_ what: String) -> WeightsError {
        WeightsError(.malformed, "\(file) is not a GGUF file that can be read: \(what)")
    }

    /// The next little-endian number; `place` is what it is.
    mutating func number<T: FixedWidthInteger>(_ type: T.Type, _ place: @autoclosure () -> String) throws -> T
    {
        let size = MemoryLayout<T>.size
        guard remaining >= size else { throw malformed("it ends inside \(place())") }
        defer { position += size }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
    }

    /// The next count of things that take at least `size` bytes each.
    mutating func count(of what: String, eachAtLeast size: Int) throws -> Int {
        let claimed = try number(UInt64.self, "the number of \(what)")
        guard let count = Int(exactly: claimed), count <= remaining / size else {
            throw malformed("it claims \(claimed) \(what) and has \(remaining) bytes left")
        }
        return count
    }

    /// The next text: 8 bytes length, then UTF-8.
    mutating func string(_ place: @autoclosure () -> String, limit: Int = .max) throws -> String {
        let claimed = try number(UInt64.self, "the length of \(place())")
        guard let length = Int(exactly: claimed), length <= remaining else {
            throw malformed("\(place()) claims \(claimed) bytes and \(remaining) are left")
        }
        guard length <= limit else {
            throw malformed("\(place()) has \(length) bytes, \(limit) are allowed")
        }
        let part = UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
        guard let text = String(validating: part, as: UTF8.self) else {
            throw malformed("\(place()) is not UTF-8")
        }
        position += length
        return text
    }

    /// The next kind of a value.
    mutating func kind(_ key: String) throws -> GGUFValue.Kind {
        let number = try number(UInt32.self, "the type of '\(key)'")
        guard let kind = GGUFValue.Kind(rawValue: number) else {
            throw malformed("'\(key)' has value type \(number), types 0 to 12 are known")
        }
        return kind
    }

    /// The next value of a kind, which belongs to `key`.
    mutating func value(_ kind: GGUFValue.Kind, key: String, depth: Int = 0) throws -> GGUFValue {
        switch kind {
        case .uint8: return .uint8(try number(UInt8.self, "'\(key)'"))
        case .int8: return .int8(try number(Int8.self, "'\(key)'"))
        case .uint16: return .uint16(try number(UInt16.self, "'\(key)'"))
        case .int16: return .int16(try number(Int16.self, "'\(key)'"))
        case .uint32: return .uint32(try number(UInt32.self, "'\(key)'"))
        case .int32: return .int32(try number(Int32.self, "'\(key)'"))
        case .uint64: return .uint64(try number(UInt64.self, "'\(key)'"))
        case .int64: return .int64(try number(Int64.self, "'\(key)'"))
        case .float32: return .float32(Float(bitPattern: try number(UInt32.self, "'\(key)'")))
        case .float64: return .float64(Double(bitPattern: try number(UInt64.self, "'\(key)'")))
        case .string: return .string(try string("'\(key)'"))
        case .bool:
            let byte = try number(UInt8.self, "'\(key)'")
            guard byte <= 1 else { throw malformed("'\(key)' is a truth value of \(byte), not 0 or 1") }
            return .bool(byte == 1)
        case .array:
            guard depth < GGUFCursor.deepestArray else {
                throw malformed("'\(key)' nests arrays more than \(GGUFCursor.deepestArray) deep")
            }
            let element = try self.kind(key)
            let count = try count(of: "values of '\(key)'", eachAtLeast: element.minimumBytes)
            var values: [GGUFValue] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(try value(element, key: key, depth: depth + 1)) }
            return .array(of: element, values)
        }
    }
}
