/// What one call of `encode` builds up: the ids so far, and the words it has already seen.
struct EncodeScratch {
    var ids: [Int] = []
    var merge = MergeScratch()

    /// Words seen, at the hash of their bytes; -1 where free. Empty where the text is too short to gain.
    private var slots: [Int32] = []
    private var words: [Word] = []
    private var keys: [UInt8] = []
    private var wordIDs: [Int32] = []

    private struct Word {
        let key: Range<Int32>
        let ids: Range<Int32>
    }

    private static let longestWord = 48
    private static let mostWords = 1 << 15
    private static let worthwhile = 2048

    init(textLength: Int) {
        ids.reserveCapacity(textLength / 3 + 8)
        if textLength >= Self.worthwhile {
            slots = [Int32](repeating: -1, count: Self.mostWords * 2)
        }
    }

    /// Appends the ids of a word that was seen before.
    mutating func recall(_ text: [UInt8], _ start: Int, _ end: Int) -> Bool {
        if slots.isEmpty || end - start > Self.longestWord { return false }
        let index = Int(slots[slot(text, start, end)])
        if index < 0 { return false }
        let range = words[index].ids
        for i in Int(range.lowerBound)..<Int(range.upperBound) { ids.append(Int(wordIDs[i])) }
        return true
    }

    /// Appends the symbols that `merge` has arrived at, and remembers them for the word.
    mutating func takeWord(_ text: [UInt8], _ start: Int, _ end: Int) {
        for symbol in merge.symbols { ids.append(Int(symbol)) }
        if slots.isEmpty || end - start > Self.longestWord || words.count >= Self.mostWords { return }
        slots[slot(text, start, end)] = Int32(words.count)
        let key = Int32(keys.count)..<Int32(keys.count + end - start)
        keys += text[start..<end]
        words.append(Word(key: key, ids: Int32(wordIDs.count)..<Int32(wordIDs.count + merge.symbols.count)))
        wordIDs += merge.symbols
    }

    /// Where the word is, or where it would go.
    private func slot(_ text: [UInt8], _ start: Int, _ end: Int) -> Int {
        var slot = Vocabulary.hash(text[start..<end]) & (slots.count - 1)
        while slots[slot] >= 0 {
            let key = words[Int(slots[slot])].key
            if key.count == end - start {
                var same = 0
                while same < key.count, keys[Int(key.lowerBound) + same] == text[start + same] { same += 1 }
                if same == key.count { break }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }
}
