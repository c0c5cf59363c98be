import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Tokens and ids")
struct VocabularyTests {
    @Test("Tokens are spelled as in the file, and stand for bytes")
    func spelling() throws {
        let gpt2 = try FixtureTokenizer.byteLevel.load()
        let the = try #require(gpt2.id(of: "Ġthe"))
        #expect(gpt2.token(the) == "Ġthe")
        #expect(gpt2.bytes(of: the) == bytes(" the"))
        #expect(gpt2.vocabularySize == 300)
        #expect(gpt2.specialTokens == [299])
        #expect(gpt2.token(299) == "<|endoftext|>")

        let llama = try FixtureTokenizer.sentencePiece.load()
        #expect(llama.specialTokens == [0, 1, 2])
        #expect(llama.bytes(of: try #require(llama.id(of: "▁wind"))) == bytes(" wind"))
        #expect(llama.bytes(of: try #require(llama.id(of: "<0x0A>"))) == [10])
        for id in [-1, 300, Int.max, Int.min] {
            #expect(gpt2.token(id) == nil)
            #expect(gpt2.bytes(of: id) == [])
            #expect(gpt2.decode([id]) == "")
        }
        #expect(gpt2.id(of: "no such token") == nil)
    }

    @Test("Two spellings of one character are two tokens")
    func canonicalEquivalence() throws {
        let json =
            #"{"model": {"vocab": {"\u00e9": 0, "e": 1, "\u0301": 2, "e\u0301": 3}, "merges": ["e \u0301"]}}"#
        let tokenizer = try Tokenizer(json: Data(json.utf8), name: "accents")
        #expect(tokenizer.encode("\u{E9}e\u{301}e") == [0, 3, 1])
        #expect(tokenizer.id(of: "e\u{301}") == 3)
        #expect(tokenizer.id(of: "\u{E9}") == 0)
    }

    @Test("GPT-2's two files, with any line ends, do what one file does")
    func twoFiles() throws {
        let url = Fixtures.url("models/gpt2/tokenizer.json")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let model = try #require(object["model"] as? [String: Any])
        var vocabulary = try #require(model["vocab"] as? [String: Int])
        vocabulary["<|endoftext|>"] = 299
        let merges = try #require(model["merges"] as? [[String]])
        let lines = ["#version: 0.2"] + merges.map { $0.joined(separator: " ") }
        let one = try FixtureTokenizer.byteLevel.load()
        for end in ["\n", "\r\n"] {
            let two = try Tokenizer(
                vocabulary: JSONSerialization.data(withJSONObject: vocabulary),
                merges: Data(lines.joined(separator: end).utf8))
            for entry in try GoldenFile("byte-level").entries {
                #expect(two.encode(entry.text) == one.encode(entry.text))
                #expect(two.decode(entry.ids) == one.decode(entry.ids))
            }
            #expect(two.specialTokens == [299])
        }
    }

    @Test("A SentencePiece vocabulary whose merges reach over word marks is not cut at them")
    func merging() throws {
        let json = #"""
            {"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
             "model": {"vocab": {"▁": 0, "a": 1, "b": 2, "a▁": 3, "▁b": 4},
                       "merges": [["a", "▁"], ["▁", "b"]]}}
            """#
        #expect(try Tokenizer(json: Data(json.utf8), name: "marks").encode("a b") == [3, 2])
    }
}
