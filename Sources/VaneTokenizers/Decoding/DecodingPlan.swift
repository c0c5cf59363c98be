/// How ids become text, worked out once for every id.
struct DecodingPlan: Sendable {
    enum Kind: Sendable {
        /// All bytes in a row, decoded together.
        case byteLevel
        /// Text pieces; runs of byte tokens are decoded on their own.
        case pieces
    }

    let kind: Kind
    /// What an id stands for, by id; `isByte` where it is a single byte of a run.
    private(set) var content: [[UInt8]] = []
    private(set) var isByte: [Bool] = []
    /// Between tokens; empty unless the tokenizer has no decoder.
    var separator: [UInt8] = []
    /// Cut from the beginning of the whole text, at most so often.
    var strip: (content: [UInt8], count: Int) = ([], 0)
    /// What an id stands for at the beginning of a text, where that is different.
    var firstContent: [[UInt8]]?

    init(kind: Kind) { self.kind = kind }

    /// Sets what the next id stands for; nothing where the id is not used.
    mutating func append(_ bytes: [UInt8], isByte: Bool) {
        content.append(bytes)
        self.isByte.append(isByte)
    }

    /// The text of ids that are all in the vocabulary.
    func decode(_ ids: [Int]) -> String {
        var text: [UInt8] = []
        var run: [UInt8] = []
        for (place, id) in ids.enumerated() {
            if kind == .pieces, isByte[id] {
                run += content[id]
                continue
            }
            Self.flush(&run, into: &text)
            if place > 0 { text += separator }
            text += place == 0 ? first(id) : content[id]
        }
        Self.flush(&run, into: &text)
        return String(decoding: text.dropFirst(stripped(text)), as: UTF8.self)
    }

    /// What the first token of a text stands for.
    func first(_ id: Int) -> [UInt8] { firstContent?[id] ?? content[id] }

    /// How many bytes are cut from the beginning.
    private func stripped(_ text: [UInt8]) -> Int {
        var cut = 0
        for _ in 0..<strip.count where ByteReplacement.matches(strip.content, in: text, at: cut) {
            cut += strip.content.count
        }
        return cut
    }

    static let replacement = Array("\u{FFFD}".utf8)

    /// As the reference library does it: a run that is not valid as a whole becomes one U+FFFD per byte.
    private static func flush(_ run: inout [UInt8], into text: inout [UInt8]) {
        if run.isEmpty { return }
        if String(decoding: run, as: UTF8.self).utf8.elementsEqual(run) {
            text += run
        } else {
            for _ in run { text += replacement }
        }
        run.removeAll(keepingCapacity: true)
    }
}
