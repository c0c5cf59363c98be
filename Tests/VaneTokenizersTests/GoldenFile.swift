import Foundation
import VaneTestSupport
import VaneTokenizers

/// What the reference library says about many strings; made by Tests/Fixtures/generate_tokenizer_goldens.py.
struct GoldenFile: Decodable {
    struct Entry: Decodable {
        let text: String
        let ids: [Int]
        private let plain: [Int]?
        private let decoded: String?
        private let kept: String?

        var withoutSpecialTokens: [Int] { plain ?? ids }
        var skippingSpecialTokens: String { decoded ?? text }
        var keepingSpecialTokens: String { kept ?? skippingSpecialTokens }
    }

    struct Decoding: Decodable {
        let ids: [Int]
        let decoded: String
    }

    let entries: [Entry]
    let decodings: [Decoding]

    init(_ name: String) throws {
        let data = try Data(contentsOf: Fixtures.url("tokenizers/\(name).golden.json"))
        self = try JSONDecoder().decode(GoldenFile.self, from: data)
    }
}

/// The tokenizers in the repository, by the name of their goldens.
enum FixtureTokenizer: String, CaseIterable, Sendable {
    case byteLevel = "byte-level"
    case sentencePiece = "sentence-piece"
    case prefixSpace = "prefix-space"
    case ignoreMerges = "ignore-merges"
    case noRegex = "no-regex"
    case metaspace
    case unfused

    func load() throws -> Tokenizer {
        switch self {
        case .byteLevel: return try Tokenizer(folder: Fixtures.url("models/gpt2").path)
        case .sentencePiece: return try Tokenizer(folder: Fixtures.url("models/llama").path)
        default:
            let url = Fixtures.url("tokenizers/\(rawValue).tokenizer.json")
            return try Tokenizer(json: Data(contentsOf: url), name: rawValue)
        }
    }
}

/// Real tokenizers that are not in the repository.
enum SharedTokenizer: String, CaseIterable, Sendable {
    case tinytalk = "shared-tinytalk"
    case stories = "shared-stories260K"
    case gpt2 = "shared-gpt2"

    var folder: String {
        switch self {
        case .tinytalk: "models/tinytalk/hf"
        case .stories: "models/stories260K/hf"
        case .gpt2: "tokenizers/gpt2"
        }
    }
}

/// Bytes, as `String` calls different spellings of "é" equal.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
