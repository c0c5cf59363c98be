import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Impossible training is refused in one clear line, and odd corpora are survived")
struct TrainingHostileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let options: BytePairTrainer.Options
        let code: TokenizerError.Code
        /// What the message must name.
        let names: String
        var testDescription: String { "\(code): \(names)" }
    }

    static let cases: [Case] = [
        Case(options: .init(vocabularySize: 256), code: .invalidValue, names: "256 is not from 257"),
        Case(options: .init(vocabularySize: 0, specialTokens: []), code: .invalidValue, names: "from 256"),
        Case(options: .init(vocabularySize: -1), code: .invalidValue, names: "vocabularySize"),
        Case(options: .init(vocabularySize: .max), code: .invalidValue, names: "4194304"),
        Case(
            options: .init(vocabularySize: 300, minimumFrequency: 0), code: .invalidValue,
            names: "minimumFrequency"),
        Case(
            options: .init(vocabularySize: 300, specialTokens: ["<a>", "<b>", "<a>"]), code: .inconsistent,
            names: "\"<a>\" is listed twice"),
        Case(
            options: .init(vocabularySize: 300, specialTokens: ["<a>", ""]), code: .invalidValue,
            names: "empty"),
        Case(options: .init(vocabularySize: 300, specialTokens: ["Ġ"]), code: .inconsistent, names: "a byte"),
    ]

    @Test("Each impossible option is refused", arguments: cases)
    func refused(_ hostile: Case) throws {
        let error = try #require(throws: TokenizerError.self) { try BytePairTrainer(hostile.options) }
        #expect(error.code == hostile.code, "\(error)")
        #expect(error.message.contains(hostile.names), "\(error)")
        #expect(!error.message.contains("\n"))
    }

    @Test(
        "A corpus without text is refused, unless no merge is wanted",
        arguments: [[], [""], ["<|endoftext|>"]])
    func empty(_ texts: [String]) throws {
        let error = try #require(throws: TokenizerError.self) { try train(texts, vocabularySize: 300) }
        #expect(error.code == .invalidValue && error.message.contains("no text to learn 43 merges"))
        let plain = try train(texts, vocabularySize: 257)
        #expect(plain.tokenizer.encode("\u{0}é <|endoftext|>").count == 5)
        #expect(!plain.stoppedEarly && plain.mergeCount == 0 && plain.tokenizer.vocabularySize == 257)
        #expect(plain.tokenizer.specialTokens == [256])
    }

    @Test("A corpus of one word stops early and says so")
    func oneWord() throws {
        let once = try train(["word"], vocabularySize: 300)
        #expect(once.stoppedEarly && once.mergeCount == 0)
        let known = try train(["word"], vocabularySize: 300, minimumFrequency: 1)
        #expect(known.stoppedEarly && known.mergeCount == 3)
        #expect(known.tokenizer.encode("word") == [258])
        let letter = try train(["x", "x", "x"], vocabularySize: 300)
        #expect(letter.stoppedEarly && letter.mergeCount == 0)
    }

    @Test("A special token that spells a learned token keeps its name for itself")
    func spelling() throws {
        let text = String(repeating: "on the sea the theme", count: 9)
        let trained = try train([text], vocabularySize: 400, specialTokens: ["Ġthe", "sea"])
        let tokenizer = trained.tokenizer
        let special = 256 + trained.mergeCount
        #expect(tokenizer.specialTokens == [special, special + 1])
        #expect(tokenizer.encode("Ġthe") == [special] && tokenizer.encode("sea") == [special + 1])
        #expect(tokenizer.encode(" the").count > 1)
        #expect(tokenizer.decode(tokenizer.encode(text), skippingSpecialTokens: false) == text)
        // Without that special token, " the" is one.
        #expect(try train([text], vocabularySize: 400).tokenizer.encode(" the").count == 1)
    }

    @Test("Special tokens of quotes, controls and other scripts survive the file")
    func escapes() throws {
        let special = ["\"\\\n\u{1}\u{1F}\u{7F}", "e\u{301}", "😀\u{FEFF}", "<|", "<||"]
        let trained = try train(["ab ab ab"], vocabularySize: 264, specialTokens: special)
        #expect(trained.mergeCount == 2 && trained.stoppedEarly)
        let read = try Tokenizer(json: trained.json, name: "trained")
        for (place, token) in special.enumerated() {
            #expect(read.encode("a" + token + "b") == [64, 258 + place, 65], "\(token.debugDescription)")
            #expect(bytes(read.decode([258 + place], skippingSpecialTokens: false)) == bytes(token))
        }
    }

    @Test("One word of 200,000 characters is learned in reasonable time")
    func longWord() throws {
        for unit in ["a", "thewindturned", "\n"] {
            let text = String(repeating: unit, count: 200_000 / unit.utf8.count)
            let trained = try train([text], vocabularySize: 1000)
            #expect(trained.tokenizer.decode(trained.tokenizer.encode(text)) == text)
            #expect(trained.mergeCount >= 15)
        }
    }
}
