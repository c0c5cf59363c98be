/// Everything that a tokenizer file says, read and checked.
struct TokenizerParts: Sendable {
    let vocabulary: Vocabulary
    let model: BytePairModel
    let added: [AddedToken]
    /// Finds the added tokens of raw text, and those of normalised text.
    let matcher: AddedTokenMatcher
    let normalizedMatcher: AddedTokenMatcher
    let normalizer: Normalizer
    let preTokenizer: PreTokenizer
    let template: Template
    let decoding: DecodingPlan

    init(
        vocabulary: Vocabulary, model: BytePairModel, added: [AddedToken], normalizer: Normalizer,
        preTokenizer: PreTokenizer, template: Template, decoding: DecodingPlan
    ) {
        self.vocabulary = vocabulary
        self.model = model
        self.added = added
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.template = template
        self.decoding = decoding
        matcher = AddedTokenMatcher(added.filter { !$0.isNormalized }.map { ($0.content, $0) })
        normalizedMatcher = AddedTokenMatcher(
            added.filter(\.isNormalized).map { (normalizer($0.content), $0) })
    }
}
