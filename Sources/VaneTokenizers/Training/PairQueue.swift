/// A binary heap of pairs: the most frequent first, of equally frequent ones the smallest.
struct PairQueue {
    struct Entry {
        let count: Int
        let pair: TokenPair
        /// The pair's number in `PairCounts`.
        let number: Int

        func precedes(_ other: Entry) -> Bool {
            count != other.count ? count > other.count : pair < other.pair
        }
    }

    private var entries: [Entry] = []

    mutating func push(_ entry: Entry) {
        var at = entries.count
        entries.append(entry)
        while at > 0 {
            let parent = (at - 1) / 2
            if !entry.precedes(entries[parent]) { break }
            entries[at] = entries[parent]
            at = parent
        }
        entries[at] = entry
    }

    mutating func pop() -> Entry? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty { sink(last) }
        return first
    }

    /// Puts an entry in the place of the first one.
    private mutating func sink(_ entry: Entry) {
        var at = 0
        while true {
            var child = 2 * at + 1
            if child >= entries.count { break }
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            if !entries[child].precedes(entry) { break }
            entries[at] = entries[child]
            at = child
        }
        entries[at] = entry
    }
}
