/// Finds added tokens: the leftmost, and the longest of those.
struct AddedTokenMatcher: Sendable {
    /// Tokens by the first byte of what is looked for, longest first.
    private var candidates = [[(pattern: [UInt8], token: AddedToken)]](repeating: [], count: 256)
    private var isEmpty = true

    init(_ tokens: [(pattern: [UInt8], token: AddedToken)]) {
        for entry in tokens where !entry.pattern.isEmpty {
            candidates[Int(entry.pattern[0])].append(entry)
            isEmpty = false
        }
        for first in 0..<256 { candidates[first].sort { $0.pattern.count > $1.pattern.count } }
    }

    /// A stretch of text, or (with `id`) an added token.
    struct Piece {
        let range: Range<Int>
        let id: Int?
    }

    func pieces(_ text: [UInt8]) -> [Piece] {
        if isEmpty || text.isEmpty { return [Piece(range: 0..<text.count, id: nil)] }
        var pieces: [Piece] = []
        var done = 0
        var at = 0
        while at < text.count {
            let here = candidates[Int(text[at])]
            guard !here.isEmpty,
                let match = here.first(where: { ByteReplacement.matches($0.pattern, in: text, at: at) })
            else {
                at += 1
                continue
            }
            var start = at
            var stop = at + match.pattern.count
            at = stop
            let token = match.token
            if token.isSingleWord, WordBoundary.touches(text, start, stop) { continue }
            if token.takesLeft { start = max(WordBoundary.skipSpaceBackward(text, from: start), done) }
            if token.takesRight { stop = WordBoundary.skipSpace(text, from: stop) }
            if start < done { continue }
            if done < start { pieces.append(Piece(range: done..<start, id: nil)) }
            pieces.append(Piece(range: start..<stop, id: token.id))
            done = stop
        }
        if done < text.count { pieces.append(Piece(range: done..<text.count, id: nil)) }
        return pieces
    }
}
