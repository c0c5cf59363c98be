/// Turns text into the ids a language model was trained on, and ids back into text.
///
/// Reads the byte-pair tokenizers that are published with models: byte-level ones (GPT-2, GPT-Neo) and
/// SentencePiece-style ones (Llama). For what it reads, ids and text are those of the reference library
/// (`tokenizers`), string for string. What it does not know, it refuses to load. Truncation and padding in
/// a file are not applied: they are settings of a batch, not of the tokenizer. Which characters are letters
/// is what Unicode says in the version that Swift's standard library carries; for characters that Unicode has
/// added since the reference library's version, words may be cut differently.
///
///     let tokenizer = try Tokenizer(folder: "models/gpt2")
///     let ids = tokenizer.encode("The wind turned.")
///     let text = tokenizer.decode(ids)
///
/// Immutable, so it may be shared between threads.
public final class Tokenizer: Sendable {
    let vocabulary: Vocabulary
    let decoding: DecodingPlan
    let parts: TokenizerParts
    private let isSpecial: [Bool]

    /// Tokens such as end-of-text or beginning-of-sequence, which are not part of running text.
    public let specialTokens: Set<Int>

    init(_ parts: TokenizerParts) {
        self.parts = parts
        vocabulary = parts.vocabulary
        decoding = parts.decoding
        let special = Set(parts.added.filter(\.isSpecial).map(\.id))
        specialTokens = special
        isSpecial = (0..<parts.vocabulary.size).map { special.contains($0) }
    }

    /// One more than the highest id; added tokens included, ids that stand for nothing too.
    public var vocabularySize: Int { vocabulary.size }

    /// The token of an id, spelled as in the vocabulary file: GPT-2's `Ġthe`, Llama's `▁the`.
    ///
    /// Use `bytes(of:)` for what it stands for. Returns nil where there is no such id.
    public func token(_ id: Int) -> String? {
        vocabulary.token(id).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The id of a token spelled as in the vocabulary file, or nil.
    ///
    /// Compares byte by byte: "é" as one scalar and as two are different tokens.
    public func id(of token: String) -> Int? { vocabulary.id(of: Array(token.utf8)) }

    /// The bytes that a token stands for in running text; none where there is no such id.
    ///
    /// Not always whole characters. A SentencePiece word mark becomes a space, here also at the beginning
    /// of a text, where `decode` would drop it.
    public func bytes(of id: Int) -> [UInt8] {
        decoding.content.indices.contains(id) ? decoding.content[id] : []
    }

    /// Whether an id has text: in the vocabulary, and not special where those are skipped.
    func isDecoded(_ id: Int, skippingSpecialTokens: Bool) -> Bool {
        guard vocabulary.token(id) != nil else { return false }
        return !(skippingSpecialTokens && isSpecial[id])
    }
}
