/// Reads one JSON document (RFC 8259) from UTF-8 bytes.
struct JSONReader {
    private let bytes: [UInt8]
    private let name: String
    private var at = 0

    /// Deeper nesting is refused, so that a hostile file cannot exhaust the stack.
    private static let deepest = 64

    /// - Throws: `TokenizerError` with code `malformed`, naming the file and the byte.
    static func read(_ bytes: [UInt8], name: String) throws -> JSONValue {
        // Offsets into what is read are kept as Int32.
        guard bytes.count < 1 << 30 else {
            throw TokenizerError(.malformed, "\(name): larger than 1 GiB")
        }
        var reader = JSONReader(bytes: bytes, name: name)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.at = 3 }
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.at < bytes.count { throw reader.error("text after the end of the document") }
        return value
    }

    private init(bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
    }

    private func error(_ problem: String) -> TokenizerError {
        TokenizerError(.malformed, "\(name): not valid JSON: \(problem) at byte \(at)")
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    /// The next byte that is not white space, not consumed.
    private mutating func peek() throws -> UInt8 {
        skipSpace()
        guard at < bytes.count else { throw error("the document ends too early") }
        return bytes[at]
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        if depth > Self.deepest { throw error("more than \(Self.deepest) levels of nesting") }
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
        guard bytes[at...].starts(with: word.utf8) else { throw error("unknown word") }
        at += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        at += 1
        var members: [JSONValue.Member] = []
        if try peek() == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            guard try peek() == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
            let key = try string()
            guard try peek() == UInt8(ascii: ":") else { throw error("expected a colon") }
            at += 1
            members.append(.init(key: key, value: try value(depth: depth + 1)))
            if try ends(with: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        at += 1
        var values: [JSONValue] = []
        if try peek() == UInt8(ascii: "]") {
            at += 1
            return .array(values)
        }
        while true {
            values.append(try value(depth: depth + 1))
            if try ends(with: UInt8(ascii: "]")) { return .array(values) }
        }
    }

    /// Consumes a comma, or the end of the list.
    private mutating func ends(with close: UInt8) throws -> Bool {
        let byte = try peek()
        guard byte == close || byte == UInt8(ascii: ",") else {
            throw error("expected a comma or \"\(Character(Unicode.Scalar(close)))\"")
        }
        at += 1
        return byte == close
    }

    private mutating func number() throws -> Double {
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                at += 1
                continue
            default: break
            }
            break
        }
        let digits = bytes[start..<at]
        // Ids are short runs of digits; skip the general parser for them.
        if (1...15).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            return Double(digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })
        }
        guard let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
            at = start
            throw error("expected a value")
        }
        return value
    }

    /// The bytes of a string, its escapes resolved.
    private mutating func string() throws -> [UInt8] {
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
        var result = Array(bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") {
                // One byte per character is the common case, and is always valid.
                if result.allSatisfy({ $0 < 0x80 }) { return result }
                guard String(decoding: result, as: UTF8.self).utf8.elementsEqual(result) else {
                    throw error("a string that is not UTF-8")
                }
                return result
            }
            if byte == UInt8(ascii: "\\") {
                try escape(into: &result)
            } else {
                result.append(byte)
            }
        }
        throw error("a string that does not end")
    }

    private mutating func escape(into result: inout [UInt8]) throws {
        guard at < bytes.count else { throw error("a string that does not end") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): result.append(contentsOf: Array(String(try escapedScalar()).utf8))
        default: throw error("unknown escape")
        }
    }

    private mutating func escapedScalar() throws -> Character {
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), bytes[at...].starts(with: "\\u".utf8) {
            at += 2
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws -> UInt32 {
        let digits = bytes[at...].prefix(4)
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == 4, digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let code = UInt32(text, radix: 16)
        else { throw error("expected four hexadecimal digits") }
        at += 4
        return code
    }
}
