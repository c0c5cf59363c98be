/// Search and replacement of byte strings.
enum ByteReplacement {
    static func find(_ wanted: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        var at = start
        while at + wanted.count <= text.count {
            if text[at] == wanted[0], matches(wanted, in: text, at: at) { return at }
            at += 1
        }
        return nil
    }

    static func matches(_ wanted: [UInt8], in text: [UInt8], at start: Int) -> Bool {
        guard start + wanted.count <= text.count else { return false }
        for i in 0..<wanted.count where text[start + i] != wanted[i] { return false }
        return true
    }

    /// All occurrences, left to right, without overlaps.
    static func replace(_ wanted: [UInt8], with content: [UInt8], in text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 4)
        var from = 0
        while let at = find(wanted, in: text, from: from) {
            result += text[from..<at]
            result += content
            from = at + wanted.count
        }
        result += text[from...]
        return result
    }
}
