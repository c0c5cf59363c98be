/// A line with named slots, `The capital of {s} is {o}.`: it writes lines and recognises them.
struct PlantedPattern: Sendable {
    private let literals: [[UInt8]]
    private let slots: [Character]

    init(_ text: some StringProtocol) {
        var literals: [[UInt8]] = []
        var slots: [Character] = []
        var current: [UInt8] = []
        var inside = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "{") {
                literals.append(current)
                (current, inside) = ([], true)
            } else if byte == UInt8(ascii: "}") {
                inside = false
            } else if inside {
                slots.append(Character(UnicodeScalar(byte)))
            } else {
                current.append(byte)
            }
        }
        self.literals = literals + [current]
        self.slots = slots
    }

    /// The line with each slot filled.
    func write(_ values: [Character: String]) -> String {
        var line = literals[0]
        for (slot, literal) in zip(slots, literals.dropFirst()) {
            guard let value = values[slot] else { preconditionFailure("slot \(slot) has no value") }
            line += Array(value.utf8) + literal
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// The fillings of the slots under which this pattern writes `line`; `accepts` says what a slot may hold.
    func match(_ line: [UInt8], accepts: (Character, String) -> Bool) -> [Character: String]? {
        guard line.starts(with: literals[0]) else { return nil }
        guard let last = literals.last, line.count >= last.count, line.suffix(last.count) == last[...] else {
            return nil
        }
        return rest(line, from: literals[0].count, slot: 0, accepts)
    }

    private func rest(
        _ line: [UInt8], from start: Int, slot: Int, _ accepts: (Character, String) -> Bool
    ) -> [Character: String]? {
        if slot == slots.count { return start == line.count ? [:] : nil }
        let literal = literals[slot + 1]
        let isLast = slot + 1 == slots.count
        guard start + 1 + literal.count <= line.count else { return nil }
        for end in (isLast ? line.count - literal.count : start + 1)...(line.count - literal.count) {
            guard end > start, line[end..<(end + literal.count)] == literal[...] else { continue }
            let value = String(decoding: line[start..<end], as: UTF8.self)
            guard accepts(slots[slot], value) else { continue }
            if var found = rest(line, from: end + literal.count, slot: slot + 1, accepts) {
                found[slots[slot]] = value
                return found
            }
        }
        return nil
    }
}

/// Tables of the planted world are lines of text, parsed once.
enum PlantedLines {
    /// The cells of each line, split at `separator` and freed of spaces around; empty lines are left out.
    static func rows(_ text: String, separator: Character = "|") -> [[String]] {
        text.split(separator: "\n").map { line in
            line.split(separator: separator).map { trimmed($0) }
        }
    }

    static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// FNV-1a with the halves folded: a number that is the same on every machine.
    static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        return hash ^ (hash >> 32)
    }

    /// As many of `keys` as are a fifth of `total` (their own number if nil), rounded to the nearest whole number and
    /// chosen by their hash.
    static func fifth(of keys: [String], salt: String, total: Int? = nil) -> Set<String> {
        let ranked = keys.sorted { (hash(salt + $0), $0) < (hash(salt + $1), $1) }
        return Set(ranked.prefix(((total ?? keys.count) + 2) / 5))
    }
}
