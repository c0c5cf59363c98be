/// A value in a document, with the path that leads to it, so that errors can name it.
struct JSONPlace {
    let value: JSONValue
    /// The file, then the keys, as in `tokenizer.json: model.vocab`.
    let path: String
    private let isRoot: Bool

    init(document: JSONValue, name: String) {
        value = document
        path = name
        isRoot = true
    }

    private init(value: JSONValue, path: String) {
        self.value = value
        self.path = path
        isRoot = false
    }

    /// An error that names this place.
    func error(_ code: TokenizerError.Code, _ message: String) -> TokenizerError {
        TokenizerError(code, "\(path): \(message)")
    }

    private func expected(_ what: String) -> TokenizerError {
        error(.invalidValue, "expected \(what), found \(value.kind)")
    }

    /// The value of a key, or nil where the key is missing or null.
    func optional(_ key: StaticString) throws -> JSONPlace? {
        guard case .object(let members) = value else { throw expected("an object") }
        let wanted = key.withUTF8Buffer { Array($0) }
        guard let member = members.last(where: { $0.key == wanted }) else { return nil }
        if case .null = member.value { return nil }
        return JSONPlace(value: member.value, path: path + (isRoot ? ": " : ".") + "\(key)")
    }

    func required(_ key: StaticString) throws -> JSONPlace {
        guard let place = try optional(key) else { throw error(.invalidValue, "\"\(key)\" is missing") }
        return place
    }

    func members() throws -> [JSONValue.Member] {
        guard case .object(let members) = value else { throw expected("an object") }
        return members
    }

    func elements() throws -> [JSONPlace] {
        guard case .array(let values) = value else { throw expected("an array") }
        return values.enumerated().map { JSONPlace(value: $1, path: "\(path)[\($0)]") }
    }

    func bytes() throws -> [UInt8] {
        guard case .string(let bytes) = value else { throw expected("a string") }
        return bytes
    }

    func string() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

    func bool() throws -> Bool {
        guard case .bool(let bool) = value else { throw expected("true or false") }
        return bool
    }

    /// A whole number from 0 to `limit`.
    func integer(upTo limit: Int) throws -> Int {
        guard case .number(let number) = value, let integer = Int(exactly: number),
            (0...limit).contains(integer)
        else { throw expected("a whole number from 0 to \(limit)") }
        return integer
    }

    /// A flag that is `otherwise` where it is missing.
    func flag(_ key: StaticString, otherwise: Bool) throws -> Bool {
        try optional(key)?.bool() ?? otherwise
    }
}
