import Testing
import VanePlanted
import VaneTestSupport

@Suite("The planted language keeps its promises", .tags(.law))
struct LanguageLawTests {
    @Test("the first 200 texts of seed 1 have their known bytes", .tags(.golden))
    func golden() {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in PlantedLanguage(seed: 1).texts(200) {
            for byte in text.text.utf8 + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        #expect(hash == 0xB567_CF0B_139D_C808, "FNV-1a is now 0x\(String(hash, radix: 16, uppercase: true))")
    }

    @Test("a text does not depend on how many are drawn, nor on those before it")
    func positions() {
        let language = PlantedLanguage(seed: 5)
        let all = language.texts(50)
        #expect(language.texts(20) == Array(all[..<20]))
        #expect(language.text(at: 37) == all[37])
        #expect(PlantedLanguage(seed: 6).text(at: 37) != all[37])
    }

    @Test("every kind can be written with every single value and with nothing planted")
    func complete() {
        let nothing = Dictionary(
            uniqueKeysWithValues: PlantedAttribute.allCases.filter(\.canBeNeutral).map { ($0, "neutral") })
        for kind in PlantedKind.allCases {
            for i in 0..<200 {
                let text = PlantedLanguage(seed: 8).text(at: i, kind: kind, attributes: nothing)
                let reading = LanguageTests.oracle.reading(of: text.text)
                for attribute in nothing.keys { #expect(reading.carrying(attribute) == 0, "\(text.text)") }
            }
        }
    }

    @Test("given values cost no probability")
    func probability() {
        let all = Dictionary(uniqueKeysWithValues: PlantedAttribute.allCases.map { ($0, $0.values[0]) })
        let given = PlantedLanguage(seed: 9).texts(300, kind: .story, attributes: all)
        let drawn = PlantedLanguage(seed: 9).texts(300)
        let mean = { (texts: [PlantedText]) in texts.map(\.logProbability).reduce(0, +) / 300 }
        #expect(mean(given) < 0)
        #expect(mean(drawn) < -10)
        let words = drawn.map { LanguageTests.oracle.reading(of: $0.text).words }.reduce(0, +)
        let rate = -mean(drawn) * 300 / Double(words)
        print("entropy: \(rate) nats a word of choices, \(words / 300) words a text")
        #expect((0.5...2.5).contains(rate))
    }

    @Test("the language is as large as it says")
    func size() {
        let size = PlantedOracle().size
        print(size)
        #expect(size.words >= 2100)
        #expect(size.frames >= 450)
    }

    @Test("the oracle takes well under a millisecond a sentence")
    func speed() {
        let sentences = PlantedLanguage(seed: 4).texts(300).flatMap(\.sentences)
        let elapsed = ContinuousClock().measure {
            for sentence in sentences { _ = LanguageTests.oracle.isGrammatical(sentence) }
        }
        print("oracle: \(elapsed / sentences.count) a sentence")
        #expect(elapsed / sentences.count < .milliseconds(1))
    }
}
