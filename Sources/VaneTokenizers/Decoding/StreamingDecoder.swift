/// Turns ids into text as they come, and gives out whole characters only.
///
/// The pieces, put together, are what `Tokenizer.decode` makes of all ids at once. One exception: a run of
/// `<0x..>` byte tokens that is not valid UTF-8. There, characters that were complete have already been given
/// out, where `decode` replaces every byte of the run by U+FFFD.
///
/// Get one from `Tokenizer.streamingDecoder(skippingSpecialTokens:)`; a new one for every text.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    /// Bytes of a character that is not complete.
    private var pending: [UInt8] = []
    private var isFirst = true
    private var stripsLeft: Int

    init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
        stripsLeft = tokenizer.decoding.strip.count
    }

    /// Takes one more id and returns the text that is now certain, often empty.
    ///
    /// Ids outside the vocabulary, and special tokens where they are skipped, give nothing.
    public mutating func append(_ id: Int) -> String {
        guard tokenizer.isDecoded(id, skippingSpecialTokens: skipsSpecialTokens) else { return "" }
        let plan = tokenizer.decoding
        let content = isFirst ? plan.first(id) : plan.content[id]
        let separator = isFirst ? [] : plan.separator
        isFirst = false
        if plan.kind == .byteLevel {
            pending += content
            return release(pending.count - Self.incompleteTail(pending))
        }
        if plan.isByte[id] { return appendByte(content[0]) }
        return text(replaced(pending.count) + separator + content)
    }

    /// Returns what is left: U+FFFD where the last character never became complete.
    public mutating func finish() -> String {
        tokenizer.decoding.kind == .byteLevel ? release(pending.count) : text(replaced(pending.count))
    }

    private mutating func release(_ count: Int) -> String {
        let ready = Array(pending[..<count])
        pending.removeFirst(count)
        return text(ready)
    }

    /// A byte token: gives out the character that it completes.
    private mutating func appendByte(_ byte: UInt8) -> String {
        var ready: [UInt8] = []
        if byte & 0xC0 != 0x80 { ready = replaced(pending.count) }
        pending.append(byte)
        if Self.incompleteTail(pending) == pending.count { return text(ready) }
        if String(decoding: pending, as: UTF8.self).utf8.elementsEqual(pending) {
            ready += pending
            pending.removeAll()
        } else {
            ready += replaced(pending.count)
        }
        return text(ready)
    }

    /// Drops the pending bytes and returns one U+FFFD for each.
    private mutating func replaced(_ count: Int) -> [UInt8] {
        pending.removeAll()
        return (0..<count).flatMap { _ in DecodingPlan.replacement }
    }

    /// Cuts what is to be stripped from the beginning, once there is something.
    private mutating func text(_ bytes: [UInt8]) -> String {
        let strip = tokenizer.decoding.strip.content
        var cut = 0
        while stripsLeft > 0, cut < bytes.count {
            if ByteReplacement.matches(strip, in: bytes, at: cut) {
                cut += strip.count
                stripsLeft -= 1
            } else {
                stripsLeft = 0
            }
        }
        return String(decoding: bytes[cut...], as: UTF8.self)
    }

    /// How many bytes at the end may be the beginning of a character: 0 to 3.
    private static func incompleteTail(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            return byte >= 0xC0 && byte < 0xF8 && UTF8Scalar.length(byte) > back ? back : 0
        }
        return 0
    }
}
