import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Text comes out in whole characters", .tags(.law))
struct StreamingTests {
    private func stream(_ tokenizer: Tokenizer, _ ids: [Int], skipping: Bool = true) -> [String] {
        var decoder = tokenizer.streamingDecoder(skippingSpecialTokens: skipping)
        var pieces: [String] = []
        for id in ids { pieces.append(decoder.append(id)) }
        return pieces + [decoder.finish()]
    }

    @Test("The pieces add up to the whole", arguments: FixtureTokenizer.allCases, [true, false])
    func wholes(_ fixture: FixtureTokenizer, skipping: Bool) throws {
        let tokenizer = try fixture.load()
        for entry in try GoldenFile(fixture.rawValue).entries {
            let pieces = stream(tokenizer, entry.ids, skipping: skipping)
            let whole = skipping ? entry.skippingSpecialTokens : entry.keepingSpecialTokens
            #expect(bytes(pieces.joined()) == bytes(whole), "\(entry.text.debugDescription)")
            #expect(whole.contains("\u{FFFD}") || !pieces.joined().contains("\u{FFFD}"))
        }
    }

    @Test("Broken bytes of a byte-level tokenizer end as they do in decode")
    func broken() throws {
        let tokenizer = try FixtureTokenizer.byteLevel.load()
        var random = SplitMix(state: 3)
        for _ in 0..<500 {
            let ids = (0..<20).map { _ in Int.random(in: -2..<302, using: &random) }
            #expect(bytes(stream(tokenizer, ids).joined()) == bytes(tokenizer.decode(ids)), "\(ids)")
        }
    }

    @Test("Broken byte tokens never crash, and take whole characters out first")
    func brokenFallback() throws {
        let tokenizer = try FixtureTokenizer.sentencePiece.load()
        var random = SplitMix(state: 4)
        for _ in 0..<500 {
            let ids = (0..<20).map { _ in Int.random(in: -2..<300, using: &random) }
            _ = stream(tokenizer, ids)
        }
        let ids = ["<0xC3>", "<0xA9>", "<0xF0>", "<0x9F>", "a"].compactMap { tokenizer.id(of: $0) }
        #expect(stream(tokenizer, ids) == ["", "é", "", "", "\u{FFFD}\u{FFFD}a", ""])
        #expect(tokenizer.decode(ids) == "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}a")
    }

    @Test("An emoji comes with its last byte, and an unfinished one is replaced at the end")
    func timing() throws {
        for fixture in [FixtureTokenizer.byteLevel, .sentencePiece] {
            let tokenizer = try fixture.load()
            let ids = Array(tokenizer.encode("x😀", addingSpecialTokens: false).suffix(4))
            #expect(stream(tokenizer, ids) == ["", "", "", "😀", ""])
            let replaced = tokenizer.decode(ids.dropLast())
            #expect(stream(tokenizer, ids.dropLast()) == ["", "", "", replaced])
            #expect(replaced.contains("\u{FFFD}"))
        }
    }
}
