/// Reads a `tokenizer.json`, and refuses what it does not know.
enum TokenizerFile {
    static func read(_ file: JSONPlace) throws -> TokenizerParts {
        let preTokenizer = try preTokenizer(file.optional("pre_tokenizer"))
        var builder = ModelBuilder()
        let place = try file.required("model")
        try readModel(place, into: &builder)
        if preTokenizer.isByteLevel, builder.byteFallback {
            throw place.error(.unsupported, "byte_fallback together with a ByteLevel pre_tokenizer")
        }
        var splits = false
        if case .none = preTokenizer { splits = true }
        let model = builder.model(isByteLevel: preTokenizer.isByteLevel, canSplit: splits)

        var vocabulary = builder.vocabulary
        let added =
            try file.optional("added_tokens")?.elements().map { try addedToken($0, &vocabulary) } ?? []
        let normalizer = Normalizer(steps: try normalizer(file.optional("normalizer")))
        // The reference library gives tokens that it looks for in normalised text back in that form.
        var spellings = vocabulary.tokens
        for token in added where token.isNormalized { spellings[token.id] = normalizer(token.content) }
        return TokenizerParts(
            vocabulary: vocabulary, model: model, added: added, normalizer: normalizer,
            preTokenizer: preTokenizer,
            template: try template(file.optional("post_processor"), vocabulary),
            decoding: try DecodingPlan.read(file.optional("decoder"), spellings))
    }

    private static func readModel(_ place: JSONPlace, into builder: inout ModelBuilder) throws {
        if let type = try place.optional("type"), try type.string() != "BPE" {
            throw type.error(.unsupported, "\"\(try type.string())\"; only BPE is supported")
        }
        if let dropout = try place.optional("dropout") {
            guard case .number(0) = dropout.value else {
                throw dropout.error(
                    .unsupported, "merges dropped at random are not supported; expected null or 0")
            }
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] as [StaticString] {
            if let affix = try place.optional(key), try !affix.bytes().isEmpty {
                throw affix.error(.unsupported, "\"\(try affix.string())\"; only an empty one is supported")
            }
        }
        try builder.addVocabulary(place.required("vocab"))
        try builder.addMerges(place.required("merges"))
        builder.byteFallback = try place.flag("byte_fallback", otherwise: false)
        builder.fusesUnknown = try place.flag("fuse_unk", otherwise: false)
        builder.ignoresMerges = try place.flag("ignore_merges", otherwise: false)
        if let unknown = try place.optional("unk_token") {
            guard let id = builder.vocabulary.id(of: try unknown.bytes()) else {
                throw unknown.error(.inconsistent, "\"\(try unknown.string())\" is not in the vocabulary")
            }
            builder.unknown = id
        }
    }

    private static func addedToken(_ place: JSONPlace, _ vocabulary: inout Vocabulary) throws -> AddedToken {
        let content = try place.required("content").bytes()
        let text = String(decoding: content, as: UTF8.self)
        let id = try place.required("id").integer(upTo: Vocabulary.highestID)
        if content.isEmpty { throw place.error(.invalidValue, "an added token without content") }
        switch vocabulary.insert(content, id: id) {
        case .added, .tokenAlreadyHasID(id): break
        case .tokenAlreadyHasID(let other):
            throw place.error(.inconsistent, "\"\(text)\" has the id \(id) here, and \(other) before")
        case .idAlreadyUsed:
            let other = vocabulary.token(id).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw place.error(.inconsistent, "\"\(text)\" has the id \(id), as \"\(other)\" has")
        }
        let isSpecial = try place.flag("special", otherwise: false)
        return AddedToken(
            id: id, content: content, isSpecial: isSpecial,
            takesLeft: try place.flag("lstrip", otherwise: false),
            takesRight: try place.flag("rstrip", otherwise: false),
            isSingleWord: try place.flag("single_word", otherwise: false),
            isNormalized: try place.flag("normalized", otherwise: !isSpecial))
    }

    private static func normalizer(_ place: JSONPlace?) throws -> [Normalizer.Step] {
        guard let place else { return [] }
        switch try place.required("type").string() {
        case "Sequence": return try place.required("normalizers").elements().flatMap { try normalizer($0) }
        case "Prepend": return [.prepend(try place.required("prepend").bytes())]
        case "Replace": return [.replace(try literal(place), with: try place.required("content").bytes())]
        case let other: throw place.error(.unsupported, "the normalizer \"\(other)\"")
        }
    }

    /// The pattern of a `Replace`, which may be a literal only.
    static func literal(_ place: JSONPlace) throws -> [UInt8] {
        let pattern = try place.required("pattern")
        guard let literal = try pattern.optional("String") else {
            throw pattern.error(.unsupported, "only a literal (\"String\") is supported as a pattern")
        }
        let bytes = try literal.bytes()
        if bytes.isEmpty { throw literal.error(.invalidValue, "an empty pattern") }
        return bytes
    }

    private static func preTokenizer(_ place: JSONPlace?) throws -> PreTokenizer {
        guard let place else { return .none }
        switch try place.required("type").string() {
        case "ByteLevel":
            return .byteLevel(
                addsPrefixSpace: try place.flag("add_prefix_space", otherwise: true),
                splits: try place.flag("use_regex", otherwise: true))
        case "Metaspace":
            let (mark, scheme) = try metaspace(place)
            return .metaspace(mark: mark, scheme: scheme, splits: try place.flag("split", otherwise: true))
        case let other: throw place.error(.unsupported, "the pre_tokenizer \"\(other)\"")
        }
    }

    /// The mark of a `Metaspace`, and where it is put before the text.
    static func metaspace(_ place: JSONPlace) throws -> (mark: [UInt8], scheme: PreTokenizer.PrependScheme) {
        let mark = try place.optional("replacement")?.bytes() ?? Array("▁".utf8)
        guard let first = mark.first, UTF8Scalar.length(first) == mark.count else {
            throw place.error(.invalidValue, "the replacement must be one character")
        }
        guard let scheme = try place.optional("prepend_scheme") else {
            return (mark, try place.flag("add_prefix_space", otherwise: true) ? .always : .never)
        }
        guard let known = PreTokenizer.PrependScheme(rawValue: try scheme.string()) else {
            throw scheme.error(.unsupported, "\"\(try scheme.string())\"; expected always, first or never")
        }
        return (mark, known)
    }
}
