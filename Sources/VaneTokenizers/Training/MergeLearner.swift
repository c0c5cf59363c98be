/// The words of a corpus as tokens, with exact pair counts that follow every merge.
///
/// A merge touches only the words that have the pair, and in them only the pairs beside it. All pairs that
/// it brings contain the new token; the count of an older pair can only fall. So the queue may hold counts
/// that are too high, never too low, and they are put right when they come to the front.
struct MergeLearner {
    private var tokens: [Int32] = []
    /// Where word `i` begins in `tokens`, how long it is by now, and how often it occurs.
    private var words: [(start: Int, length: Int, count: Int)] = []
    private var pairs = PairCounts()
    private var queue = PairQueue()
    private let minimum: Int

    /// - Parameter symbols: the id of each byte.
    init(_ corpus: WordCounts, symbols: [Int32], minimumFrequency: Int) {
        minimum = minimumFrequency
        tokens.reserveCapacity(corpus.byteCount)
        for index in 0..<corpus.count {
            let (bytes, count) = corpus[index]
            if bytes.count < 2 { continue }
            let word = Int32(words.count)
            let start = tokens.count
            words.append((start, bytes.count, count))
            for byte in bytes { tokens.append(symbols[Int(byte)]) }
            for at in start + 1..<tokens.count {
                pairs.add(TokenPair(tokens[at - 1], tokens[at]), count: count, in: word)
            }
        }
        enqueue(from: 0)
    }

    private mutating func enqueue(from first: Int) {
        for number in first..<pairs.pairs.count where pairs.counts[number] >= minimum {
            queue.push(.init(count: pairs.counts[number], pair: pairs.pairs[number], number: number))
        }
    }

    /// The pair to merge next, nil where none is frequent enough; a pair that is not merged then is dropped.
    mutating func next() -> PairQueue.Entry? {
        while let entry = queue.pop() {
            let count = pairs.counts[entry.number]
            if count == entry.count { return entry }
            if count >= minimum { queue.push(.init(count: count, pair: entry.pair, number: entry.number)) }
        }
        return nil
    }

    /// Joins a pair that `next()` gave, wherever it stands, from the left.
    ///
    /// - Parameter id: an id that has not been used.
    mutating func merge(_ entry: PairQueue.Entry, becoming id: Int32) {
        let known = pairs.pairs.count
        for word in pairs.takeWords(entry.number) { rewrite(word, entry.pair, id) }
        enqueue(from: known)
    }

    private mutating func rewrite(_ word: Int32, _ pair: TokenPair, _ id: Int32) {
        let (start, length, count) = words[Int(word)]
        let end = start + length
        let (left, right) = (pair.left, pair.right)
        var (from, to) = (start, start)
        /// The token before `from` as it was, and whether this call has joined it.
        var (previous, wasJoined) = (Int32(-1), false)
        while from < end {
            let token = tokens[from]
            let joins = token == left && from + 1 < end && tokens[from + 1] == right
            if joins {
                if from > start, !wasJoined { pairs.remove(TokenPair(previous, left), count: count) }
                pairs.remove(pair, count: count)
                if from + 2 < end { pairs.remove(TokenPair(right, tokens[from + 2]), count: count) }
            }
            tokens[to] = joins ? id : token
            if to > start, joins || wasJoined {
                pairs.add(TokenPair(tokens[to - 1], tokens[to]), count: count, in: word)
            }
            previous = joins ? right : token
            from += joins ? 2 : 1
            to += 1
            wasJoined = joins
        }
        words[Int(word)].length = to - start
    }
}
