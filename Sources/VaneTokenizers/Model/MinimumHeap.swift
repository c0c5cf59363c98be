/// A binary heap that gives the smallest number first.
struct MinimumHeap {
    private var entries: [UInt64] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Adds without keeping the order; call `order()` before the next `pop`.
    mutating func appendUnordered(_ entry: UInt64) { entries.append(entry) }

    mutating func order() {
        for i in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(i) }
    }

    mutating func push(_ entry: UInt64) {
        var at = entries.count
        entries.append(entry)
        while at > 0 {
            let parent = (at - 1) / 2
            if entries[parent] <= entry { break }
            entries[at] = entries[parent]
            at = parent
        }
        entries[at] = entry
    }

    mutating func pop() -> UInt64? {
        guard let smallest = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink(0)
        }
        return smallest
    }

    private mutating func sink(_ start: Int) {
        let entry = entries[start]
        var at = start
        while true {
            var child = 2 * at + 1
            if child >= entries.count { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            if entries[child] >= entry { break }
            entries[at] = entries[child]
            at = child
        }
        entries[at] = entry
    }
}
