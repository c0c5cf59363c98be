extension Tokenizer {
    /// The ids of a text.
    ///
    /// Added tokens in the text (`<|endoftext|>`) become their ids: do not pass text of strangers where they
    /// must not have that power. Costs O(n log n) at worst, for text without any word border.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - addingSpecialTokens: whether to put around the text what the tokenizer puts around every text,
    ///     such as Llama's `<s>`.
    public func encode(_ text: String, addingSpecialTokens: Bool = true) -> [Int] {
        let bytes = Array(text.utf8)
        var scratch = EncodeScratch(textLength: bytes.count)
        if addingSpecialTokens { scratch.ids += parts.template.before }
        for piece in parts.matcher.pieces(bytes) {
            if let id = piece.id {
                scratch.ids.append(id)
            } else {
                let whole = piece.range == 0..<bytes.count
                encode(
                    whole ? bytes : Array(bytes[piece.range]), isFirst: piece.range.lowerBound == 0, &scratch)
            }
        }
        if addingSpecialTokens { scratch.ids += parts.template.after }
        return scratch.ids
    }

    /// A stretch of text without raw added tokens.
    private func encode(_ stretch: [UInt8], isFirst: Bool, _ scratch: inout EncodeScratch) {
        let normalized = parts.normalizer(stretch)
        for piece in parts.normalizedMatcher.pieces(normalized) {
            if let id = piece.id {
                scratch.ids.append(id)
                continue
            }
            let whole = piece.range == 0..<normalized.count
            let text = parts.preTokenizer.prepare(
                whole ? normalized : Array(normalized[piece.range]),
                isFirst: isFirst && piece.range.lowerBound == 0)
            var at = 0
            while at < text.count {
                let end = parts.preTokenizer.wordEnd(text, from: at)
                parts.model.encode(text, at, end, &scratch)
                at = end
            }
        }
    }

    /// The text of ids; bytes that are not valid UTF-8 become U+FFFD.
    ///
    /// Ids outside the vocabulary are left out. The pieces of a text do not always add up to it: use
    /// `streamingDecoder()` for ids that come one by one, not `decode` of each.
    ///
    /// - Parameters:
    ///   - ids: the tokens.
    ///   - skippingSpecialTokens: whether to leave out the tokens in `specialTokens`.
    public func decode(_ ids: some Sequence<Int>, skippingSpecialTokens: Bool = true) -> String {
        let known = ids.filter { isDecoded($0, skippingSpecialTokens: skippingSpecialTokens) }
        return decoding.decode(known)
    }

    /// A decoder for ids that come one by one, as while a model writes.
    ///
    /// - Parameter skippingSpecialTokens: whether to leave out the tokens in `specialTokens`.
    public func streamingDecoder(skippingSpecialTokens: Bool = true) -> StreamingDecoder {
        StreamingDecoder(self, skippingSpecialTokens: skippingSpecialTokens)
    }
}
