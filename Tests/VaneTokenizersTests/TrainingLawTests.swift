import Foundation
import Testing
import VaneTestSupport
import VaneTokenizers

@Suite("Byte-pair training keeps to its definition", .tags(.law))
struct TrainingLawTests {
    @Test("The merges are those of counting all pairs anew", arguments: [1, 2, 3, 6], [1, 2, 5])
    func naive(letters: Int, minimumFrequency: Int) throws {
        var random = SplitMix(state: UInt64(letters * 10 + minimumFrequency))
        for round in 0..<25 {
            let words = random.words(2 + round * 4, letters: letters, longest: 3 + round % 9)
            let expected = TrainingReference.merges(words, count: 60, minimumFrequency: minimumFrequency)
            let trained = try train(
                [words.joined()], vocabularySize: 317, minimumFrequency: minimumFrequency)
            #expect(trained.merges.map { [$0.left, $0.right] } == expected, "round \(round): \(words)")
            #expect(trained.stoppedEarly == (expected.count < 60))
        }
    }

    @Test("Any text comes back, whatever the corpus was")
    func roundTrip() throws {
        var random = SplitMix(state: 11)
        var corpus = (0..<200).map { _ in random.text(length: 40) }
        corpus += random.words(300, letters: 4, longest: 8)
        let tokenizer = try train(corpus, vocabularySize: 700).tokenizer
        for round in 0..<300 {
            let text = round < 100 ? corpus[round] : random.text(length: round % 60)
            let ids = tokenizer.encode(text)
            #expect(bytes(tokenizer.decode(ids)) == bytes(text), "\(text.debugDescription)")
            #expect(ids.flatMap { tokenizer.bytes(of: $0) } == bytes(text))
        }
    }

    @Test("The order of the texts, and how they are handed over, change no byte")
    func order() throws {
        var random = SplitMix(state: 12)
        var texts = (0..<120).map { round in
            round % 3 == 0
                ? random.text(length: 20) : random.words(12, letters: 6, longest: 8).joined()
        }
        let first = try train(texts, vocabularySize: 450)
        #expect(first.mergeCount == 450 - 257 && !first.stoppedEarly)
        for _ in 0..<5 {
            texts.shuffle(using: &random)
            #expect(try train(texts, vocabularySize: 450).json == first.json)
            // Texts in one string, with the special token between them, are the same texts.
            let halves = [texts[..<50], texts[50...]].map { $0.joined(separator: "<|endoftext|>") }
            #expect(try train(halves, vocabularySize: 450).json == first.json)
        }
        // The other control: one more text is not the same.
        #expect(try train(texts + ["zq zq zq zq zq zq zq"], vocabularySize: 450).json != first.json)
    }

    @Test("A trainer is a value, may be trained again, and a larger vocabulary begins with the smaller one")
    func value() throws {
        var trainer = try BytePairTrainer(.init(vocabularySize: 300))
        var random = SplitMix(state: 13)
        trainer.add(random.words(400, letters: 5, longest: 7).joined())
        let first = try trainer.train()
        #expect(try trainer.train().json == first.json)
        var copy = trainer
        copy.add(" more more more")
        #expect(try trainer.train().json == first.json)

        random = SplitMix(state: 13)
        let larger = try train([random.words(400, letters: 5, longest: 7).joined()], vocabularySize: 400)
        #expect(larger.mergeCount > first.mergeCount && first.mergeCount == 43)
        #expect(zip(larger.merges, first.merges).allSatisfy { $0 == $1 })
    }

    @Test("Learned tokens shorten text, and every word of a repeated corpus becomes one token")
    func moves() throws {
        let text = String(repeating: "the lantern was bright ", count: 20)
        let trained = try train([text], vocabularySize: 1000)
        #expect(trained.stoppedEarly && trained.mergeCount < 743)
        #expect(trained.tokenizer.vocabularySize == 257 + trained.mergeCount)
        #expect(trained.tokenizer.encode("the lantern was bright lantern").count == 5)
        #expect(trained.tokenizer.encode("xyz").count == 3)
    }

    @Test("Progress counts every merge up to the number wanted")
    func progress() throws {
        var trainer = try BytePairTrainer(.init(vocabularySize: 280))
        var random = SplitMix(state: 14)
        trainer.add(random.words(300, letters: 5, longest: 7).joined())
        var seen: [[Int]] = []
        let trained = try trainer.train { seen.append([$0, $1]) }
        #expect(trained.mergeCount == 23)
        #expect(seen == (1...23).map { [$0, 23] })
    }
}
