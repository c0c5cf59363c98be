/// Tokens by id and ids by token, as exact bytes in two flat tables.
///
/// Not a `[String: Int]`: `String` equality would merge tokens that differ only in normalisation form.
struct Vocabulary: Sendable {
    /// A file that asks for more is refused, as a table of the size of the highest id is made.
    static let highestID = (1 << 22) - 1

    /// One past the highest id.
    private(set) var size = 0
    private var text: [UInt8] = []
    /// Where in `text` the token of an id lies; `length` is -1 where an id is not used.
    private var start: [Int32] = []
    private var length: [Int32] = []
    /// Open addressing: ids at the hash of their bytes, -1 where free.
    private var slots: [Int32] = [Int32](repeating: -1, count: 1024)
    private var count = 0
    private(set) var longest = 0

    enum Insertion {
        case added
        case tokenAlreadyHasID(Int)
        case idAlreadyUsed
    }

    /// Adds a token; the first of two that contradict each other stays.
    mutating func insert(_ token: [UInt8], id: Int) -> Insertion {
        if let earlier = self.id(of: token) { return .tokenAlreadyHasID(earlier) }
        if id < size, length[id] >= 0 { return .idAlreadyUsed }
        while start.count <= id {
            start.append(0)
            length.append(-1)
        }
        size = max(size, id + 1)
        start[id] = Int32(text.count)
        length[id] = Int32(token.count)
        text += token
        longest = max(longest, token.count)
        count += 1
        if count * 2 > slots.count { grow() } else { place(id, hash: Self.hash(token[...])) }
        return .added
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for id in 0..<size where length[id] >= 0 { place(id, hash: Self.hash(bytes(id))) }
    }

    private mutating func place(_ id: Int, hash: Int) {
        var slot = hash & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(id)
    }

    private func bytes(_ id: Int) -> ArraySlice<UInt8> { text[Int(start[id])..<Int(start[id] + length[id])] }

    func token(_ id: Int) -> ArraySlice<UInt8>? {
        guard id >= 0, id < size, length[id] >= 0 else { return nil }
        return bytes(id)
    }

    /// All tokens by id, empty where an id is not used.
    var tokens: [[UInt8]] { (0..<size).map { token($0).map { Array($0) } ?? [] } }

    func id(of token: [UInt8]) -> Int? { id(of: token[...]) }

    func id(of token: ArraySlice<UInt8>) -> Int? {
        var slot = Self.hash(token) & (slots.count - 1)
        while slots[slot] >= 0 {
            let id = Int(slots[slot])
            if bytes(id).elementsEqual(token) { return id }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// FNV-1a, folded so that the low bits depend on all of it.
    static func hash(_ bytes: ArraySlice<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: (hash ^ (hash >> 29)) & 0x7FFF_FFFF_FFFF_FFFF)
    }
}
