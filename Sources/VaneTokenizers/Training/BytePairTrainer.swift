import Foundation

/// Learns a byte-level byte-pair vocabulary from text (Sennrich et al. 2016; on bytes, Radford et al. 2019).
///
///     var trainer = try BytePairTrainer(.init(vocabularySize: 4096))
///     for story in stories { trainer.add(story) }
///     let trained = try trainer.train()
///     try trained.json.write(to: folder.appending(path: "tokenizer.json"))
///
/// Texts are cut into words by GPT-2's pattern; again and again the most frequent pair of neighbouring
/// tokens within words becomes a new token. Ids 0 to 255 are the bytes in GPT-2's order (printable ones
/// first), so any text can be encoded; then come the merges as they were learned, then the special tokens as
/// they were listed. Of equally frequent pairs, the one with the smaller left id is merged, then the one with
/// the smaller right id; so the result depends on the texts alone, not on their order. This is also the rule
/// of the `tokenizers` library, which learns the same merges (from texts without special tokens).
///
/// A value: a copy may be trained, and the original given more text. Not for character-level or
/// SentencePiece-style vocabularies.
public struct BytePairTrainer: Sendable {
    private let options: Options
    private let specialTokens: [[UInt8]]
    private let matcher: AddedTokenMatcher
    private var words = WordCounts()

    /// A trainer without text.
    ///
    /// - Throws: `TokenizerError`: `invalidValue` for a vocabulary that cannot hold 256 bytes and the special
    ///   tokens, a minimum frequency below 1 or an empty special token; `inconsistent` for a special token
    ///   that is listed twice or is a byte's spelling.
    public init(_ options: Options) throws {
        self.options = options
        specialTokens = try options.checkedSpecialTokens()
        matcher = AddedTokenMatcher(specialTokens.map { ($0, AddedToken(id: 0, content: $0)) })
    }

    /// Counts the words of one more text.
    ///
    /// Words do not reach over the end of a text, so a text must not be cut within a word. Special tokens in
    /// it are left out, as the encoder never splits them. Keeps each distinct word once, not the text.
    public mutating func add(_ text: String) {
        let bytes = Array(text.utf8)
        for piece in matcher.pieces(bytes) where piece.id == nil {
            var at = piece.range.lowerBound
            while at < piece.range.upperBound {
                let end = GPT2Splitter.wordEnd(bytes, from: at, to: piece.range.upperBound)
                words.add(bytes, at..<end)
                at = end
            }
        }
    }

    /// Learns the merges.
    ///
    /// - Parameter progress: called after each merge with the number of merges so far, and of those wanted.
    /// - Throws: `TokenizerError`: `invalidValue` where merges are wanted and there is no text.
    public func train(progress: ((Int, Int) -> Void)? = nil) throws -> TrainedTokenizer {
        let wanted = options.vocabularySize - 256 - specialTokens.count
        if wanted > 0, words.count == 0 {
            throw TokenizerError(.invalidValue, "no text to learn \(wanted) merges from: add some first")
        }
        // Characters are ordered as the reference library orders them, by their stand-ins.
        let order = (0..<256).sorted { ByteAlphabet.scalars[$0] < ByteAlphabet.scalars[$1] }
        var symbols = [Int32](repeating: 0, count: 256)
        for (id, byte) in order.enumerated() { symbols[byte] = Int32(id) }
        var tokens = order.map { [UInt8($0)] }
        var merges: [TokenPair] = []
        let reserved = Set(specialTokens)
        var learner = MergeLearner(words, symbols: symbols, minimumFrequency: options.minimumFrequency)
        while merges.count < wanted, let entry = learner.next() {
            let token = tokens[Int(entry.pair.left)] + tokens[Int(entry.pair.right)]
            // " the" is spelled "Ġthe"; where that is a special token, the vocabulary has no room for both.
            if reserved.contains(ByteAlphabet.token(of: token[...])) { continue }
            learner.merge(entry, becoming: Int32(tokens.count))
            tokens.append(token)
            merges.append(entry.pair)
            progress?(merges.count, wanted)
        }
        let json = Data(TokenizerWriter(tokens: tokens, merges: merges, specialTokens: specialTokens).json)
        return TrainedTokenizer(
            tokenizer: try Tokenizer(json: json, name: "trained tokenizer"), json: json,
            mergeCount: merges.count, stoppedEarly: merges.count < wanted,
            merges: merges.map { (Int($0.left), Int($0.right)) })
    }
}
