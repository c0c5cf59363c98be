import Testing
import VaneEvaluation
import VaneTensors
import VaneTestSupport

@Suite("The bag-of-words judge")
struct JudgeTests {
    private let filler = [
        "the", "a", "day", "was", "house", "we", "saw", "it", "then", "walked", "old", "river",
    ]

    /// `count` sentences of filler words, each with one of `words` somewhere.
    private func sentences(_ words: [String], count: Int, seed: UInt64) -> [String] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            var sentence = (0..<7).map { _ in filler[generator.integer(below: filler.count)] }
            sentence.insert(words[generator.integer(below: words.count)], at: generator.integer(below: 8))
            return sentence.joined(separator: " ") + "."
        }
    }

    @Test("classes with words of their own are told apart, in texts never seen too", .tags(.planted))
    func separable() throws {
        let (joy, grief) = (["joy", "sunny", "laughed"], ["grief", "rainy", "wept"])
        let judge = try BagOfWordsJudge(
            positive: sentences(joy, count: 60, seed: 1), negative: sentences(grief, count: 60, seed: 2))
        #expect(judge.accuracy >= 0.95 && judge.trainingCount == 120)
        let right = sentences(joy, count: 50, seed: 3).count { judge.isPositive($0) }
        let wrong = sentences(grief, count: 50, seed: 4).count { judge.isPositive($0) }
        #expect(right >= 48 && wrong <= 2)
        #expect(judge.isPositive("JOY!") && !judge.isPositive("nothing it knows: xyzzy"))
    }

    @Test("labels without meaning are judged by chance", .tags(.planted))
    func chance() throws {
        var sum = 0.0
        for seed in 0..<10 {
            let texts = sentences(["joy", "grief", "rainy"], count: 80, seed: UInt64(seed))
            sum += try BagOfWordsJudge(positive: Array(texts.prefix(40)), negative: Array(texts.suffix(40)))
                .accuracy
        }
        // 800 judgements: a standard deviation of 0.018.
        #expect(abs(sum / 10 - 0.5) < 0.08, "\(sum / 10)")
    }

    @Test("pairs that differ by the concept alone share a fold", .tags(.planted))
    func pairs() throws {
        let common = (0..<40).map { pair in (0..<6).map { "w\(pair)x\($0)" }.joined(separator: " ") }
        let (positive, negative) = (common.map { $0 + " joy" }, common.map { $0 + " grief" })
        #expect(try BagOfWordsJudge(positive: positive, negative: negative).accuracy == 1)
        // A repeated text leaves the others beside their twins.
        let repeated = [positive[0], positive[0]] + positive[2...]
        #expect(try BagOfWordsJudge(positive: repeated, negative: negative).accuracy == 1)
        // The control: in another order most texts are judged with their twin in the training folds.
        let turned = Array(negative[1...] + negative[..<1])
        #expect(try BagOfWordsJudge(positive: positive, negative: turned).accuracy < 0.5)
    }

    @Test("prompts are drawn from the whole list, negatives as well as positives")
    func spread() {
        let prompts = (0..<10).map { "\($0)" }
        #expect(SelectionWriting.spread(prompts, to: 10) == prompts)
        #expect(SelectionWriting.spread(prompts, to: 20) == prompts)
        #expect(SelectionWriting.spread(prompts, to: 4) == ["0", "2", "5", "7"])
        #expect(SelectionWriting.spread(prompts, to: 0).isEmpty && SelectionWriting.spread([], to: 3).isEmpty)
    }

    @Test("too few texts are refused", arguments: [(19, 20), (20, 19), (0, 0)])
    func tooFew(positive: Int, negative: Int) throws {
        let texts = sentences(["joy"], count: 20, seed: 1)
        let error = #expect(throws: EvaluationError.self) {
            try BagOfWordsJudge(
                positive: Array(texts.prefix(positive)), negative: Array(texts.prefix(negative)))
        }
        #expect(
            error?.code == .unusableJudge && error?.message.contains("\(positive) and \(negative)") == true)
        #expect(
            try BagOfWordsJudge(positive: texts, negative: sentences(["grief"], count: 20, seed: 2)).accuracy
                > 0.9)
    }

    @Test("features are distinct lower-case words and neighbouring pairs, in one order")
    func features() {
        #expect(
            BagOfWordsJudge.features("The cat, the CAT! Don't.") == [
                "!", "! don't", "cat", "cat !", "cat the", "don't", "the", "the cat",
            ])
        #expect(BagOfWordsJudge.features("").isEmpty && BagOfWordsJudge.features("... --").isEmpty)
        #expect(BagOfWordsJudge.features("Ünder 24") == ["24", "ünder", "ünder 24"])
        #expect(BagOfWordsJudge.features("a\nb\tc") == BagOfWordsJudge.features("A  b, c"))
    }

    @Test("the log-odds follow the formula, and turn round with the classes", .tags(.law))
    func formula() throws {
        // Full stops are no features: the texts differ, what is counted does not.
        func texts(_ word: String, _ numbers: Range<Int>) -> [String] {
            numbers.map { word + String(repeating: ".", count: $0) }
        }
        let positive = texts("up", 0..<20)
        let negative = texts("down", 0..<15) + texts("up", 20..<25)
        let judge = try BagOfWordsJudge(positive: positive, negative: negative)
        let turned = try BagOfWordsJudge(positive: negative, negative: positive)
        // "up": 20 of 20 and 5 of 20 features, vocabulary of 2, smoothing 1: log (21/22) / (6/22) = log 3.5.
        #expect(abs(judge.logit("Up!") - 1.252762968495368) < 1e-12)
        // "down": log (1/22) / (16/22) = -log 16; it counts once however often it is said.
        #expect(abs(judge.logit("down, down") + 2.772588722239781) < 1e-12)
        #expect(abs(judge.logit("up down") + turned.logit("up down")) < 1e-12)
        #expect(judge.logit("") == 0)
    }

    @Test("repeated texts count once, and too few different ones are refused")
    func duplicates() throws {
        let words = (0..<20).map { "word\($0)" }
        let others = (0..<20).map { "other\($0)" }
        let once = try BagOfWordsJudge(positive: words, negative: others)
        let often = try BagOfWordsJudge(positive: words + words + words, negative: others)
        #expect(often.trainingCount == 40 && often.accuracy == once.accuracy)
        #expect(often.logit("word3") == once.logit("word3"))
        let same = [String](repeating: "again", count: 50)
        #expect(throws: EvaluationError.self) { try BagOfWordsJudge(positive: same, negative: others) }
    }
}
