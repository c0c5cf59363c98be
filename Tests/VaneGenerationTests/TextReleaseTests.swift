import Testing
import VaneGeneration
import VaneTensors
import VaneTestSupport
import VaneTokenizers

@Suite("Release of text that is certain", .tags(.law))
struct TextReleaseTests {
    private let tokenizer: Tokenizer

    init() throws { tokenizer = try PlantedModels.gpt2.load().tokenizer }

    /// The pieces released for `text`, token by token, and whether a stop text ended it.
    private func pieces(_ text: String, stop: [String]) -> (pieces: [String], isStopped: Bool) {
        var release = TextRelease(tokenizer, prompt: [], stop: stop)
        var pieces: [String] = []
        for id in tokenizer.encode(text) where !release.isStopped { pieces.append(release.append(id)) }
        pieces.append(release.finish())
        return (pieces, release.isStopped)
    }

    @Test("the released text is the text up to the first stop text, whatever the token borders")
    func random() {
        let alphabet = ["a", "b", "ab", " ", "ba", "é", "\n", "🌀"]
        var stopped = 0
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: UInt64(seed))
            func word(_ count: Int) -> String {
                (0..<count).map { _ in alphabet[generator.integer(below: alphabet.count)] }.joined()
            }
            let text = word(12)
            let stop = [word(2), word(3)]
            let end = stop.compactMap { text.firstRange(of: $0)?.lowerBound }.min() ?? text.endIndex
            let result = pieces(text, stop: stop)
            #expect(result.pieces.joined() == String(text[..<end]), "\(text.debugDescription), \(stop)")
            #expect(result.isStopped == (end != text.endIndex))
            stopped += result.isStopped ? 1 : 0
        }
        #expect(stopped > 50 && stopped < 280)
    }

    @Test("a piece that may begin a stop text is held, then let go")
    func held() {
        let free = pieces("x STOx", stop: [])
        let held = pieces("x STOx", stop: ["STOP"])
        #expect(free.pieces.joined() == "x STOx" && held.pieces.joined() == "x STOx")
        #expect(
            !held.pieces.dropLast(2).joined().contains("S") && free.pieces.dropLast(2).joined().contains("S"))
        #expect(pieces("x STOP", stop: ["STOP"]).pieces.joined() == "x ")
        #expect(pieces("x STO", stop: ["STOP"]).pieces.last == "STO", "let go at the end")
    }

    @Test("an emoji comes whole")
    func characters() {
        let result = pieces("a🌀b", stop: ["zz"])
        #expect(result.pieces.joined() == "a🌀b")
        #expect(
            result.pieces.allSatisfy { !$0.contains("\u{FFFD}") }
                && result.pieces.contains { $0.contains("🌀") })
    }
}
