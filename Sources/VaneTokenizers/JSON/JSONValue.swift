/// A JSON document that keeps strings as their exact bytes.
///
/// Swift compares strings by canonical equivalence, so a dictionary keyed by `String` would merge the two
/// spellings of "é" that vocabularies list as different tokens. Here keys stay bytes, in file order.
enum JSONValue {
    case null
    case bool(Bool)
    case number(Double)
    case string([UInt8])
    case array([JSONValue])
    case object([Member])

    struct Member {
        let key: [UInt8]
        let value: JSONValue
    }

    /// What an error message calls it.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): Int(exactly: value).map { "the number \($0)" } ?? "the number \(value)"
        case .string(let bytes): "the string \"\(String(decoding: bytes.prefix(40), as: UTF8.self))\""
        case .array: "an array"
        case .object: "an object"
        }
    }
}
