import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Tokenizers agree with the reference library", .tags(.golden))
struct GoldenTests {
    @Test("Fixture tokenizers give the same ids and texts", arguments: FixtureTokenizer.allCases)
    func fixtures(_ fixture: FixtureTokenizer) throws {
        try compare(fixture.load(), GoldenFile(fixture.rawValue))
    }

    @Test(
        "Published tokenizers give the same ids and texts", .enabled(if: Fixtures.shared != nil),
        arguments: SharedTokenizer.allCases)
    func shared(_ shared: SharedTokenizer) throws {
        let folder = try #require(Fixtures.shared).appendingPathComponent(shared.folder)
        try compare(Tokenizer(folder: folder.path), GoldenFile(shared.rawValue))
    }

    private func compare(_ tokenizer: Tokenizer, _ golden: GoldenFile) throws {
        #expect(golden.entries.count >= 60)
        for entry in golden.entries {
            let text = entry.text
            #expect(tokenizer.encode(text) == entry.ids, "\(text.debugDescription)")
            #expect(
                tokenizer.encode(text, addingSpecialTokens: false) == entry.withoutSpecialTokens,
                "\(text.debugDescription)")
            #expect(
                bytes(tokenizer.decode(entry.ids)) == bytes(entry.skippingSpecialTokens),
                "\(text.debugDescription)")
            #expect(
                bytes(tokenizer.decode(entry.ids, skippingSpecialTokens: false))
                    == bytes(entry.keepingSpecialTokens),
                "\(text.debugDescription)")
        }
        for decoding in golden.decodings {
            #expect(bytes(tokenizer.decode(decoding.ids)) == bytes(decoding.decoded), "\(decoding.ids)")
        }
    }
}
