import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Training agrees with the reference library", .tags(.golden))
struct TrainingGoldenTests {
    /// Made by Tests/Fixtures/generate_training_goldens.py.
    private struct Golden: Decodable {
        struct Entry: Decodable {
            let text: String
            let ids: [Int]
        }
        let vocabularySize: Int
        let heldOut: Int
        let heldOutTokens: Int
        let entries: [Entry]
    }

    private let golden: Golden
    private let texts: [String]

    init() throws {
        golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: Fixtures.url("training/golden.json")))
        let corpus = try String(contentsOf: Fixtures.url("training/corpus.txt"), encoding: .utf8)
        texts = corpus.split(separator: "\n").map(String.init)
    }

    private func trained() throws -> TrainedTokenizer {
        try train(Array(texts.dropLast(golden.heldOut)), vocabularySize: golden.vocabularySize)
    }

    @Test("The same corpus gives the same file, byte for byte")
    func file() throws {
        let expected = try Data(contentsOf: Fixtures.url("training/tokenizer.json"))
        #expect(expected.count < 40_000)
        #expect(try trained().json == expected)
    }

    @Test("The library reads our file and gives each string the same ids")
    func ids() throws {
        let tokenizer = try trained().tokenizer
        #expect(golden.entries.count >= 20)
        for entry in golden.entries {
            #expect(tokenizer.encode(entry.text) == entry.ids, "\(entry.text.debugDescription)")
            #expect(
                bytes(tokenizer.decode(entry.ids, skippingSpecialTokens: false)) == bytes(entry.text))
        }
    }

    @Test("Held-out texts take as many tokens, and fewer than with half the merges")
    func heldOut() throws {
        func count(_ tokenizer: Tokenizer) -> Int {
            texts.suffix(golden.heldOut).map { tokenizer.encode($0).count }.reduce(0, +)
        }
        #expect(try count(trained().tokenizer) == golden.heldOutTokens)
        let half = try train(Array(texts.dropLast(golden.heldOut)), vocabularySize: 448)
        #expect(count(half.tokenizer) > golden.heldOutTokens)
    }
}
