/// Which pairs of tokens join, and in which order of precedence.
struct MergeTable: Sendable {
    /// By rank (0 joins first): the pair and what it becomes.
    private(set) var left: [Int32] = []
    private(set) var right: [Int32] = []
    private(set) var joined: [Int32] = []
    /// Open addressing: ranks at the hash of their pair, -1 where free.
    private var slots: [Int32]

    init(expecting count: Int) {
        var size = 16
        while size < count * 4 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
    }

    /// Adds a merge with the next rank; a pair given twice takes the later one, as in the reference library.
    mutating func append(_ first: Int32, _ second: Int32, becoming whole: Int32) {
        let rank = Int32(left.count)
        left.append(first)
        right.append(second)
        joined.append(whole)
        var slot = Self.hash(first, second) & (slots.count - 1)
        while slots[slot] >= 0 {
            let other = Int(slots[slot])
            if left[other] == first, right[other] == second { break }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = rank
    }

    /// The rank of a pair, or -1 where it does not join.
    func rank(_ first: Int32, _ second: Int32) -> Int32 {
        var slot = Self.hash(first, second) & (slots.count - 1)
        while true {
            let rank = slots[slot]
            if rank < 0 { return -1 }
            if left[Int(rank)] == first, right[Int(rank)] == second { return rank }
            slot = (slot + 1) & (slots.count - 1)
        }
    }

    private static func hash(_ first: Int32, _ second: Int32) -> Int {
        let pair = UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
        return Int(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }
}
