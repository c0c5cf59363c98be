/// One value of a GGUF file's metadata.
public enum GGUFValue: Sendable, Hashable {
    /// An unsigned byte.
    case uint8(UInt8)
    /// A signed byte.
    case int8(Int8)
    /// An unsigned 16-bit number.
    case uint16(UInt16)
    /// A signed 16-bit number.
    case int16(Int16)
    /// An unsigned 32-bit number.
    case uint32(UInt32)
    /// A signed 32-bit number.
    case int32(Int32)
    /// A single-precision number.
    case float32(Float)
    /// One byte, 0 or 1.
    case bool(Bool)
    /// UTF-8 text.
    case string(String)
    /// Values that all have the given kind; an empty array has one too.
    case array(of: Kind, [GGUFValue])
    /// An unsigned 64-bit number.
    case uint64(UInt64)
    /// A signed 64-bit number.
    case int64(Int64)
    /// A double-precision number.
    case float64(Double)

    /// The type of a value, with the format's number for it.
    public enum Kind: UInt32, Sendable, Hashable, CaseIterable {
        /// The kinds, in the order of their numbers.
        case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// The least number of bytes that a value of this kind takes in a file.
        var minimumBytes: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64, .string: 8
            case .array: 12
            }
        }
    }

    /// The type of this value.
    public var kind: Kind {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .array: .array
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        }
    }

    /// The text; nil for any other kind.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The truth value; nil for any other kind.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The whole number, of whichever integer kind; nil for other kinds and for what an `Int` cannot hold.
    public var integer: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(value)
        default: nil
        }
    }

    /// The number, of whichever numeric kind; nil for other kinds.
    public var number: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .uint64(let value): Double(value)
        default: integer.map { Double($0) }
        }
    }

    /// A scalar as text; nil for an array.
    public var text: String? {
        switch self {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .float32(let value): "\(value)"
        case .float64(let value): "\(value)"
        case .uint64(let value): "\(value)"
        case .array: nil
        default: integer.map { "\($0)" }
        }
    }
}
