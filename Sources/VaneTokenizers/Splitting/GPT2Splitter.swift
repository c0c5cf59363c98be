/// The splitting of GPT-2 (Radford et al. 2019), whose pattern is
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// by hand, as no regular expression engine with these classes is at hand on every platform.
enum GPT2Splitter {
    /// Where the word ends that begins at `start`; `start < end`, and `text` is valid UTF-8.
    static func wordEnd(_ text: [UInt8], from start: Int, to end: Int) -> Int {
        if text[start] == UInt8(ascii: "'") {
            let length = contraction(text, from: start + 1, to: end)
            if length > 0 { return start + 1 + length }
        }
        let (first, next) = UTF8Scalar.read(text, start)
        var kind = CharacterClass(first)
        if kind != .space { return run(text, of: kind, from: next, to: end) }
        // A single space belongs to the word after it.
        if first == 0x20, next < end {
            let (second, after) = UTF8Scalar.read(text, next)
            kind = CharacterClass(second)
            if kind != .space { return run(text, of: kind, from: after, to: end) }
        }
        let spaceEnd = run(text, of: .space, from: next, to: end)
        // `\s+(?!\S)`: white space before a word leaves its last character to that word, if it has two.
        if spaceEnd == end { return end }
        let last = UTF8Scalar.start(text, before: spaceEnd)
        return last > start ? last : spaceEnd
    }

    private static func run(_ text: [UInt8], of kind: CharacterClass, from start: Int, to end: Int) -> Int {
        var at = start
        while at < end {
            let (scalar, next) = UTF8Scalar.read(text, at)
            if CharacterClass(scalar) != kind { break }
            at = next
        }
        return at
    }

    /// The length of the contraction after an apostrophe, or 0.
    private static func contraction(_ text: [UInt8], from start: Int, to end: Int) -> Int {
        guard start < end else { return 0 }
        let second = start + 1 < end ? text[start + 1] : 0
        switch (text[start], second) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return 1
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return 2
        default: return 0
        }
    }
}
