/// How often each word was seen; words are kept one after another, each once.
struct WordCounts: Sendable {
    private var bytes: [UInt8] = []
    /// Where word `i` ends; it begins where the one before it ends.
    private var ends: [Int] = []
    private var counts: [Int] = []
    private var hashes: [UInt64] = []
    /// An open table of word numbers, -1 where free; its size is a power of two.
    private var table = [Int32](repeating: -1, count: 1 << 12)

    /// The number of distinct words.
    var count: Int { ends.count }

    /// The bytes of all distinct words together.
    var byteCount: Int { bytes.count }

    /// A distinct word and how often it was seen; the order is that of their first use.
    subscript(word: Int) -> (bytes: ArraySlice<UInt8>, count: Int) {
        (bytes[start(word)..<ends[word]], counts[word])
    }

    private func start(_ word: Int) -> Int { word == 0 ? 0 : ends[word - 1] }

    /// Counts the word that a range of a text holds.
    mutating func add(_ text: [UInt8], _ range: Range<Int>) {
        let hash = Self.hash(text, range)
        var place = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[place] >= 0 {
            let word = Int(table[place])
            if hashes[word] == hash, matches(word, text, range) {
                counts[word] += 1
                return
            }
            place = (place + 1) & (table.count - 1)
        }
        table[place] = Int32(count)
        bytes += text[range]
        ends.append(bytes.count)
        counts.append(1)
        hashes.append(hash)
        if count * 2 > table.count { grow() }
    }

    private func matches(_ word: Int, _ text: [UInt8], _ range: Range<Int>) -> Bool {
        let start = start(word)
        if ends[word] - start != range.count { return false }
        for i in 0..<range.count where bytes[start + i] != text[range.lowerBound + i] { return false }
        return true
    }

    private mutating func grow() {
        table = [Int32](repeating: -1, count: table.count * 2)
        for (word, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & (table.count - 1)
            while table[place] >= 0 { place = (place + 1) & (table.count - 1) }
            table[place] = Int32(word)
        }
    }

    /// FNV-1a, its high bits folded in.
    private static func hash(_ text: [UInt8], _ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for at in range { hash = (hash ^ UInt64(text[at])) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }
}
