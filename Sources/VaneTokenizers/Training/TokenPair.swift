/// Two tokens side by side; ordered by the left id, then by the right one.
struct TokenPair: Hashable, Comparable, Sendable {
    private let both: UInt64

    init(_ left: Int32, _ right: Int32) { both = UInt64(left) << 32 | UInt64(right) }

    var left: Int32 { Int32(both >> 32) }
    var right: Int32 { Int32(both & 0xFFFF_FFFF) }

    /// For open tables, whose size is a power of two (the multiplier is Fibonacci hashing's).
    var hash: Int {
        let product = both &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product ^ product >> 32)
    }

    static func < (a: TokenPair, b: TokenPair) -> Bool { a.both < b.both }
}
