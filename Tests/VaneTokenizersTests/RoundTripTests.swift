import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Text survives encoding", .tags(.law))
struct RoundTripTests {
    @Test(
        "A byte-level tokenizer gives any text back",
        arguments: [FixtureTokenizer.byteLevel, .ignoreMerges, .noRegex])
    func byteLevel(_ fixture: FixtureTokenizer) throws {
        let tokenizer = try fixture.load()
        var random = SplitMix(state: 1)
        for round in 0..<400 {
            let text = random.text(length: round % 60)
            let ids = tokenizer.encode(text)
            #expect(bytes(tokenizer.decode(ids)) == bytes(text), "\(text.debugDescription)")
            #expect(ids.flatMap { tokenizer.bytes(of: $0) } == bytes(text))
        }
    }

    @Test("A tokenizer with byte fallback gives any text back that has no marks of its own")
    func byteFallback() throws {
        let tokenizer = try FixtureTokenizer.sentencePiece.load()
        var random = SplitMix(state: 2)
        for round in 0..<400 {
            let text = random.text(length: round % 60).replacing("▁", with: "")
            #expect(
                bytes(tokenizer.decode(tokenizer.encode(text))) == bytes(text), "\(text.debugDescription)")
        }
    }

    @Test("What is remembered between the words of a long text changes nothing")
    func cache() throws {
        for (fixture, separator) in [(FixtureTokenizer.byteLevel, "<|endoftext|>"), (.sentencePiece, "</s>")]
        {
            let tokenizer = try fixture.load()
            let mark = try #require(tokenizer.id(of: separator))
            let texts = try GoldenFile(fixture.rawValue).entries.map(\.text)
            let long = (texts + texts.reversed()).joined(separator: separator)
            #expect(long.utf8.count > 3000)
            let apart = (texts + texts.reversed()).map { tokenizer.encode($0, addingSpecialTokens: false) }
            #expect(
                tokenizer.encode(long, addingSpecialTokens: false) == Array(apart.joined(separator: [mark])))
        }
    }

    @Test("One word of 200,000 characters is encoded in reasonable time")
    func longWord() throws {
        for fixture in [FixtureTokenizer.sentencePiece, .byteLevel] {
            let tokenizer = try fixture.load()
            let text = String(repeating: "thewindturned", count: 15_400)
            let ids = tokenizer.encode(text)
            #expect(ids.count < text.utf8.count)
            #expect(tokenizer.decode(ids) == text)
        }
    }
}

/// Repeatable random numbers (Steele et al. 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Scalars from all over Unicode, with many spaces, quotes and letters between them.
    mutating func text(length: Int) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<length {
            let range: ClosedRange<UInt32> =
                switch Int.random(in: 0..<7, using: &self) {
                case 0: 0...0x20
                case 1: 0x20...0x7E
                case 2: 0x61...0x7A
                case 3: 0x80...0x24F
                case 4: 0x300...0x3100
                case 5: 0x4E00...0xFFFF
                default: 0x1_0000...0x10_FFFF
                }
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self)) { text.append(scalar) }
            if Bool.random(using: &self) { text.append(" ") }
        }
        return String(text)
    }
}
