/// Joins the symbols of one word after another; keeps its storage between words.
///
/// Short words take the lowest rank by looking at all pairs; long ones keep the pairs in a heap, so that a
/// word of n symbols costs O(n log n) however long it is.
struct MergeScratch {
    /// The symbols of the word; merged in place.
    var symbols: [Int32] = []
    private var ranks: [Int32] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var heap = MinimumHeap()

    private static let shortWord = 24

    mutating func merge(with table: MergeTable) {
        if symbols.count < 2 { return }
        if symbols.count <= Self.shortWord { mergeShort(table) } else { mergeLong(table) }
    }

    private mutating func mergeShort(_ table: MergeTable) {
        var count = symbols.count
        ranks.removeAll(keepingCapacity: true)
        for i in 0..<count - 1 { ranks.append(table.rank(symbols[i], symbols[i + 1])) }
        while true {
            var best = Int32.max
            var at = -1
            for i in 0..<count - 1 where ranks[i] >= 0 && ranks[i] < best {
                best = ranks[i]
                at = i
            }
            if at < 0 { break }
            symbols[at] = table.joined[Int(best)]
            symbols.remove(at: at + 1)
            ranks.remove(at: at)
            count -= 1
            if at > 0 { ranks[at - 1] = table.rank(symbols[at - 1], symbols[at]) }
            if at < count - 1 { ranks[at] = table.rank(symbols[at], symbols[at + 1]) }
        }
    }

    /// A linked list of symbols, and a heap of (rank, position); an entry whose pair has gone is stale and
    /// skipped when it comes up.
    private mutating func mergeLong(_ table: MergeTable) {
        let count = symbols.count
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        for i in 0..<Int32(count) {
            next.append(i + 1)
            previous.append(i - 1)
        }
        next[count - 1] = -1
        heap.removeAll()
        for i in 0..<count - 1 { push(i, i + 1, table) }
        heap.order()

        while let entry = heap.pop() {
            let rank = Int(entry >> 32)
            let at = Int(entry & 0xFFFF_FFFF)
            guard symbols[at] == table.left[rank], next[at] >= 0 else { continue }
            let gone = Int(next[at])
            guard symbols[gone] == table.right[rank] else { continue }
            symbols[at] = table.joined[rank]
            symbols[gone] = -1
            let after = next[gone]
            next[at] = after
            if after >= 0 {
                previous[Int(after)] = Int32(at)
                push(at, Int(after), table, ordered: true)
            }
            if previous[at] >= 0 { push(Int(previous[at]), at, table, ordered: true) }
        }
        symbols.removeAll { $0 < 0 }
    }

    private mutating func push(_ at: Int, _ after: Int, _ table: MergeTable, ordered: Bool = false) {
        let rank = table.rank(symbols[at], symbols[after])
        if rank < 0 { return }
        let entry = UInt64(rank) << 32 | UInt64(at)
        if ordered { heap.push(entry) } else { heap.appendUnordered(entry) }
    }
}
