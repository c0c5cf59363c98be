public import Foundation

extension Tokenizer {
    /// Reads the tokenizer of a model folder: `tokenizer.json`, else `vocab.json` with `merges.txt`.
    ///
    /// - Throws: `TokenizerError`: `unreadable` where there are no such files, else as `init(json:name:)`.
    public convenience init(folder path: String) throws {
        func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }
        let files = FileManager.default
        if files.fileExists(atPath: file("tokenizer.json")) {
            try self.init(json: Self.contents(file("tokenizer.json")), name: file("tokenizer.json"))
        } else if files.fileExists(atPath: file("vocab.json")), files.fileExists(atPath: file("merges.txt")) {
            try self.init(
                vocabulary: Self.contents(file("vocab.json")), merges: Self.contents(file("merges.txt")),
                name: path)
        } else {
            throw TokenizerError(
                .unreadable, "\(path): neither tokenizer.json nor vocab.json with merges.txt is there")
        }
    }

    /// Reads the contents of a `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - data: the contents.
    ///   - name: what errors call the file.
    /// - Throws: `TokenizerError`: `malformed` for broken JSON, `invalidValue` for wrong types or ranges,
    ///   `inconsistent` for ids or merges that contradict the vocabulary, `unsupported` for a construct that
    ///   Vane does not have (the message names it).
    public convenience init(json data: Data, name: String) throws {
        let document = try JSONReader.read(Array(data), name: name)
        try self.init(TokenizerFile.read(JSONPlace(document: document, name: name)))
    }

    /// Reads GPT-2's two files.
    ///
    /// - Parameters:
    ///   - vocabulary: the contents of `vocab.json`, an object from token to id.
    ///   - merges: the contents of `merges.txt`, two tokens a line, the first line to join first.
    ///   - addingPrefixSpace: whether text that does not begin with a space is given one.
    ///   - specialTokens: those of these that are in the vocabulary are special.
    ///   - name: what errors call the files.
    /// - Throws: `TokenizerError` as `init(json:name:)`.
    public convenience init(
        vocabulary: Data, merges: Data, addingPrefixSpace: Bool = false,
        specialTokens: [String] = ["<|endoftext|>"], name: String = "tokenizer"
    ) throws {
        let document = try JSONReader.read(Array(vocabulary), name: "\(name): vocab.json")
        var builder = ModelBuilder()
        try builder.addVocabulary(JSONPlace(document: document, name: "\(name): vocab.json"))
        try builder.addMerges(lines: Array(merges), name: "\(name): merges.txt")
        let added = specialTokens.compactMap { token in
            builder.vocabulary.id(of: Array(token.utf8)).map {
                AddedToken(id: $0, content: Array(token.utf8), isSpecial: true)
            }
        }
        self.init(
            TokenizerParts(
                vocabulary: builder.vocabulary, model: builder.model(isByteLevel: true), added: added,
                normalizer: Normalizer(steps: []),
                preTokenizer: .byteLevel(addsPrefixSpace: addingPrefixSpace, splits: true),
                template: Template(), decoding: .byteLevel(builder.vocabulary.tokens)))
    }

    private static func contents(_ path: String) throws -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw TokenizerError(.unreadable, "\(path): cannot be read: \(error.localizedDescription)")
        }
    }
}
