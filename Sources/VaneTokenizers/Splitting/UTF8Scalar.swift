/// Scalars read straight from bytes that are known to be valid UTF-8.
enum UTF8Scalar {
    /// How many bytes a scalar takes that begins with this one.
    static func length(_ first: UInt8) -> Int {
        first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }

    /// The scalar at a position, and where the next one begins.
    static func read(_ text: [UInt8], _ at: Int) -> (value: UInt32, next: Int) {
        let first = text[at]
        if first < 0x80 { return (UInt32(first), at + 1) }
        let length = length(first)
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for i in 1..<length { value = value << 6 | UInt32(text[at + i] & 0x3F) }
        return (value, at + length)
    }

    /// Where the scalar begins that ends before a position.
    static func start(_ text: [UInt8], before end: Int) -> Int {
        var at = end - 1
        while at > 0, text[at] & 0xC0 == 0x80 { at -= 1 }
        return at
    }
}
