/// Byte-pair encoding (Sennrich et al. 2016) of prepared text.
///
/// A word begins as one symbol per byte (byte-level) or per character, and then the pair of neighbours with
/// the lowest rank joins, until no pair has a rank.
struct BytePairModel: Sendable {
    var merges: MergeTable
    /// For byte-level text: the id of each byte, -1 where the vocabulary lacks it; otherwise nil.
    var byteSymbols: [Int32]?
    /// Ids of tokens of one character, by scalar: the basic plane, then the rest.
    var scalarSymbols: [Int32]
    var rareScalarSymbols: [UInt32: Int32]
    /// Ids of `<0x00>` … `<0xFF>`, where unknown characters become bytes; -1 where there is none.
    var fallbackBytes: [Int32]?
    var unknown: Int32?
    /// Unknown characters next to each other become one unknown token.
    var fusesUnknown: Bool
    /// Where set, a word that is a token as it stands is that token, whatever the merges say.
    var wholeWords: Vocabulary?
    /// SentencePiece's mark, where no merge reaches over the border before it, so that what lies between
    /// two marks can be encoded on its own with the same result.
    var independentMark: [UInt8]?

    /// Appends the ids of one word, which is never empty.
    func encode(_ text: [UInt8], _ start: Int, _ end: Int, _ scratch: inout EncodeScratch) {
        if let wholeWords, end - start <= wholeWords.longest {
            let word =
                byteSymbols == nil ? Array(text[start..<end]) : ByteAlphabet.token(of: text[start..<end])
            if let id = wholeWords.id(of: word) {
                scratch.ids.append(id)
                return
            }
        }
        guard let independentMark else { return encodePart(text, start, end, &scratch) }
        var from = start
        while from < end {
            var to = from
            while to < end, ByteReplacement.matches(independentMark, in: text, at: to) {
                to += independentMark.count
            }
            while to < end, !ByteReplacement.matches(independentMark, in: text, at: to) { to += 1 }
            encodePart(text, from, min(to, end), &scratch)
            from = to
        }
    }

    private func encodePart(_ text: [UInt8], _ start: Int, _ end: Int, _ scratch: inout EncodeScratch) {
        if scratch.recall(text, start, end) { return }
        scratch.merge.symbols.removeAll(keepingCapacity: true)
        if let byteSymbols {
            loadBytes(text, start, end, byteSymbols, &scratch.merge.symbols)
        } else {
            loadScalars(text, start, end, &scratch.merge.symbols)
        }
        scratch.merge.merge(with: merges)
        scratch.takeWord(text, start, end)
    }

    private func loadBytes(
        _ text: [UInt8], _ start: Int, _ end: Int, _ ids: [Int32], _ symbols: inout [Int32]
    ) {
        var pending = false
        for i in start..<end {
            let id = ids[Int(text[i])]
            if id >= 0 { flush(&pending, &symbols) }
            if id >= 0 { symbols.append(id) } else { addUnknown(&pending, &symbols) }
        }
        flush(&pending, &symbols)
    }

    private func loadScalars(_ text: [UInt8], _ start: Int, _ end: Int, _ symbols: inout [Int32]) {
        var pending = false
        var at = start
        while at < end {
            let (scalar, next) = UTF8Scalar.read(text, at)
            let id = scalar < 0x1_0000 ? scalarSymbols[Int(scalar)] : rareScalarSymbols[scalar] ?? -1
            if id >= 0 {
                flush(&pending, &symbols)
                symbols.append(id)
            } else if let fallbackBytes, (at..<next).allSatisfy({ fallbackBytes[Int(text[$0])] >= 0 }) {
                // Without a flush: the reference library, too, leaves a pending unknown for later.
                for i in at..<next { symbols.append(fallbackBytes[Int(text[i])]) }
            } else {
                addUnknown(&pending, &symbols)
            }
            at = next
        }
        flush(&pending, &symbols)
    }

    private func addUnknown(_ pending: inout Bool, _ symbols: inout [Int32]) {
        guard let unknown else { return }
        if pending, !fusesUnknown { symbols.append(unknown) }
        pending = true
    }

    private func flush(_ pending: inout Bool, _ symbols: inout [Int32]) {
        if pending, let unknown { symbols.append(unknown) }
        pending = false
    }
}
