/// Every pair that ever stood side by side, numbered in the order of appearance: how often, and where.
struct PairCounts {
    private(set) var pairs: [TokenPair] = []
    private(set) var counts: [Int] = []
    /// The words that have, or had, the pair.
    private var words: [[Int32]] = []
    /// An open table of pair numbers, -1 where free; its size is a power of two.
    private var table = [Int32](repeating: -1, count: 1 << 12)

    /// Adds the pair as often as the word occurs.
    mutating func add(_ pair: TokenPair, count: Int, in word: Int32) {
        let number = number(of: pair)
        counts[number] += count
        if words[number].last != word { words[number].append(word) }
    }

    /// Takes away occurrences that a merge has used up; the pair was added before.
    mutating func remove(_ pair: TokenPair, count: Int) { counts[number(of: pair)] -= count }

    /// Hands out the words of a pair that is about to be merged, and forgets them.
    mutating func takeWords(_ number: Int) -> [Int32] {
        let result = words[number]
        words[number] = []
        return result
    }

    private mutating func number(of pair: TokenPair) -> Int {
        var place = pair.hash & (table.count - 1)
        while table[place] >= 0 {
            let number = Int(table[place])
            if pairs[number] == pair { return number }
            place = (place + 1) & (table.count - 1)
        }
        let number = pairs.count
        table[place] = Int32(number)
        pairs.append(pair)
        counts.append(0)
        words.append([])
        if pairs.count * 2 > table.count { grow() }
        return number
    }

    private mutating func grow() {
        table = [Int32](repeating: -1, count: table.count * 2)
        for (number, pair) in pairs.enumerated() {
            var place = pair.hash & (table.count - 1)
            while table[place] >= 0 { place = (place + 1) & (table.count - 1) }
            table[place] = Int32(number)
        }
    }
}
