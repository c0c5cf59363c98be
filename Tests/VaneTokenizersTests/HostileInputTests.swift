import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Bad tokenizer files are refused in one clear line")
struct HostileInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let json: String
        let code: TokenizerError.Code
        /// What the message must name.
        let names: String
        var testDescription: String { "\(code): \(names)" }

        init(_ json: String, _ code: TokenizerError.Code, _ names: String) {
            self.json = json
            self.code = code
            self.names = names
        }

        /// A small valid file with some top-level parts added.
        static func with(_ parts: String, _ code: TokenizerError.Code, _ names: String) -> Case {
            Case(
                #"{"model": {"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}, \#(parts)}"#, code, names
            )
        }

        static func model(_ model: String, _ code: TokenizerError.Code, _ names: String) -> Case {
            Case(#"{"model": {\#(model)}}"#, code, names)
        }
    }

    static let cases: [Case] = [
        Case("", .malformed, "ends too early"),
        Case("{", .malformed, "ends too early"),
        Case(#"{"model": {"vocab": {"a": 0"#, .malformed, "ends too early"),
        Case(#"{"model""#, .malformed, "ends too early"),
        Case(#"{"mod"#, .malformed, "does not end"),
        Case(#"{"a": "\u12"}"#, .malformed, "hexadecimal"),
        Case(#"{"a": "\ud800"}"#, .malformed, "surrogate"),
        Case(#"{"a": "\ud800\u0041"}"#, .malformed, "surrogate"),
        Case(#"{"a": "\q"}"#, .malformed, "escape"),
        Case(#"{"a": tru}"#, .malformed, "word"),
        Case(#"{"a": 1e999}"#, .malformed, "value"),
        Case(#"{"a": 1 "b": 2}"#, .malformed, "comma"),
        Case("{} x", .malformed, "after the end"),
        Case(String(repeating: "[", count: 100_000), .malformed, "nesting"),
        Case("[]", .invalidValue, "an object"),
        Case("{}", .invalidValue, "\"model\" is missing"),
        Case(#"{"model": 3}"#, .invalidValue, "model: expected an object, found the number 3"),
        .model(#""merges": []"#, .invalidValue, "\"vocab\" is missing"),
        .model(#""vocab": {"a": 0}"#, .invalidValue, "\"merges\" is missing"),
        .model(#""vocab": [], "merges": []"#, .invalidValue, "model.vocab: expected an object"),
        .model(#""vocab": {"a": "0"}, "merges": []"#, .invalidValue, "the id of \"a\" is the string"),
        .model(#""vocab": {"a": -1}, "merges": []"#, .invalidValue, "the number -1"),
        .model(#""vocab": {"a": 0.5}, "merges": []"#, .invalidValue, "0.5"),
        .model(#""vocab": {"a": 4194304}, "merges": []"#, .invalidValue, "4194304"),
        .model(#""vocab": {"a": 1e300}, "merges": []"#, .invalidValue, "1e+300"),
        .model(#""vocab": {"a": 0, "b": 0}, "merges": []"#, .inconsistent, "the same id 0"),
        .model(#""vocab": {"a": 0, "a": 1}, "merges": []"#, .inconsistent, "listed twice"),
        .model(#""vocab": {"a": 0}, "merges": {}"#, .invalidValue, "model.merges"),
        .model(#""vocab": {"a": 0}, "merges": ["a b"]"#, .inconsistent, "merges[0]: \"b\""),
        .model(#""vocab": {"a": 0, "b": 1}, "merges": ["a b"]"#, .inconsistent, "\"ab\""),
        .model(#""vocab": {"a": 0}, "merges": ["a"]"#, .malformed, "merges[0]"),
        .model(#""vocab": {"a": 0}, "merges": ["a a a"]"#, .malformed, "merges[0]"),
        .model(#""vocab": {"a": 0}, "merges": [["a"]]"#, .invalidValue, "merges[0]"),
        .model(#""vocab": {"a": 0}, "merges": [["a", 1]]"#, .invalidValue, "merges[0]"),
        .model(#""vocab": {"a": 0}, "merges": [7]"#, .invalidValue, "merges[0]"),
        .model(#""type": "Unigram", "vocab": []"#, .unsupported, "Unigram"),
        .model(#""type": "WordPiece", "vocab": {}"#, .unsupported, "WordPiece"),
        .model(#""dropout": 0.1, "vocab": {}, "merges": []"#, .unsupported, "dropout"),
        .model(#""end_of_word_suffix": "</w>", "vocab": {}, "merges": []"#, .unsupported, "</w>"),
        .model(#""unk_token": "u", "vocab": {"a": 0}, "merges": []"#, .inconsistent, "\"u\""),
        .model(#""byte_fallback": 1, "vocab": {"a": 0}, "merges": []"#, .invalidValue, "byte_fallback"),
        .with(#""normalizer": {"type": "NFKC"}"#, .unsupported, "NFKC"),
        .with(
            #""normalizer": {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}"#, .unsupported,
            "Lowercase"),
        .with(
            #""normalizer": {"type": "Replace", "pattern": {"Regex": "x+"}, "content": ""}"#, .unsupported,
            "normalizer.pattern"),
        .with(
            #""normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "x"}"#, .invalidValue,
            "empty pattern"),
        .with(#""pre_tokenizer": {"type": "Split"}"#, .unsupported, "Split"),
        .with(#""pre_tokenizer": {"type": "Sequence", "pretokenizers": []}"#, .unsupported, "Sequence"),
        .with(#""pre_tokenizer": {}"#, .invalidValue, "pre_tokenizer: \"type\" is missing"),
        .with(#""pre_tokenizer": {"type": "Metaspace", "replacement": ""}"#, .invalidValue, "one character"),
        .with(
            #""pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "x"}"#, .unsupported, "prepend_scheme"),
        .with(#""post_processor": {"type": "BertProcessing"}"#, .unsupported, "BertProcessing"),
        .with(#""post_processor": {"type": "TemplateProcessing", "single": []}"#, .invalidValue, "single"),
        .with(
            #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}"#,
            .inconsistent, "\"x\""),
        .with(
            #"""
            "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}],
            "special_tokens": {"x": {"ids": [99]}}}
            """#, .inconsistent, "the id 99"),
        .with(#""decoder": {"type": "WordPiece"}"#, .unsupported, "WordPiece"),
        .with(#""decoder": {"type": "Sequence", "decoders": [{"type": "CTC"}]}"#, .unsupported, "CTC"),
        .with(
            #""decoder": {"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteFallback"}]}"#,
            .unsupported, "order"),
        .with(
            #""decoder": {"type": "Strip", "content": " ", "start": 0, "stop": 1}"#, .unsupported,
            "decoder.stop"),
        .with(#""added_tokens": [{"id": -1, "content": "x"}]"#, .invalidValue, "added_tokens[0].id"),
        .with(#""added_tokens": [{"id": 99999999999, "content": "x"}]"#, .invalidValue, "added_tokens[0].id"),
        .with(#""added_tokens": [{"id": 1, "content": "x"}]"#, .inconsistent, "as \"b\" has"),
        .with(#""added_tokens": [{"id": 1, "content": "a"}]"#, .inconsistent, "\"a\" has the id 1"),
        .with(#""added_tokens": [{"id": 3, "content": ""}]"#, .invalidValue, "without content"),
        .with(#""added_tokens": [{"id": 3}]"#, .invalidValue, "\"content\" is missing"),
        .with(#""added_tokens": {"x": 3}"#, .invalidValue, "an array"),
    ]

    @Test("Each broken file is refused, with its name and the place in it", arguments: cases)
    func refused(_ hostile: Case) throws {
        let error = try #require(throws: TokenizerError.self) {
            try Tokenizer(json: Data(hostile.json.utf8), name: "some.json")
        }
        #expect(error.code == hostile.code, "\(error)")
        #expect(error.message.hasPrefix("some.json"))
        #expect(error.message.contains(hostile.names), "\(error)")
        #expect(!error.message.contains("\n") && error.message.count < 300)
    }

    @Test("Bytes that are not UTF-8 are refused")
    func notUTF8() throws {
        let json =
            Data(#"{"model": {"vocab": {""#.utf8) + Data([0xC3, 0x28]) + Data(#"": 0}, "merges": []}}"#.utf8)
        let error = try #require(throws: TokenizerError.self) { try Tokenizer(json: json, name: "x") }
        #expect(error.code == .malformed && error.message.contains("UTF-8"))
        let merges = try #require(throws: TokenizerError.self) {
            try Tokenizer(vocabulary: Data(#"{"a": 0}"#.utf8), merges: Data([0xFF]))
        }
        #expect(merges.code == .malformed && merges.message.contains("merges.txt"))
    }

    @Test("A truncated file is refused wherever it ends, and never crashes")
    func truncated() throws {
        let whole = try Data(contentsOf: Fixtures.url("models/llama/tokenizer.json"))
        let end = try #require(whole.lastIndex(of: UInt8(ascii: "}")))
        for length in stride(from: 0, to: end, by: 41) {
            #expect(throws: TokenizerError.self) { try Tokenizer(json: whole[..<length], name: "cut") }
        }
    }

    @Test("Random damage is refused or read, and never crashes")
    func damaged() throws {
        let whole = try Data(contentsOf: Fixtures.url("tokenizers/unfused.tokenizer.json"))
        var random = SplitMix(state: 5)
        for _ in 0..<300 {
            var copy = whole
            for _ in 0..<3 {
                copy[Int.random(in: 0..<copy.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            if let tokenizer = try? Tokenizer(json: copy, name: "damaged") {
                _ = tokenizer.decode(tokenizer.encode("The wind turned to the sea. é😀"))
            }
        }
    }

    @Test("A folder without a tokenizer is named")
    func emptyFolder() throws {
        let error = try #require(throws: TokenizerError.self) { try Tokenizer(folder: "/no/such/folder") }
        #expect(error.code == .unreadable)
        #expect(error.description.hasPrefix("unreadable: /no/such/folder: neither tokenizer.json"))
    }
}
