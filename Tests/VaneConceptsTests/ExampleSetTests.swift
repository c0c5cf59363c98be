import Testing
import VaneConcepts

@Suite("Sets of examples")
struct ExampleSetTests {
    private let good = (0..<8).map { "good \($0)" }
    private let bad = (0..<8).map { "bad \($0)" }

    private func message(_ positive: [String], _ negative: [String]) -> String {
        let error = #expect(throws: ConceptError.self) {
            try ExampleSet(positive: positive, negative: negative)
        }
        #expect(error?.code == .unusableExamples)
        return error?.message ?? ""
    }

    @Test("repetitions within a class are dropped and counted, in their order")
    func duplicates() throws {
        let set = try ExampleSet(positive: good + ["good 3", "good 0"], negative: ["bad 0"] + bad)
        #expect(set.positive == good && set.negative == bad && set.duplicates == 3)
    }

    @Test("an empty class, too few texts and texts in both are told apart")
    func unusable() throws {
        #expect(message([], bad).contains("no positive examples"))
        #expect(message(good, []).contains("no negative examples"))
        #expect(message(Array(good.prefix(7)), bad).contains("7 positive examples are too few"))
        #expect(
            message([String](repeating: "again", count: 20), bad).contains("1 positive examples are too few"))
        #expect(message(good, bad + ["good 5"]).contains("7 positive examples (1 that stand in both"))
        let mixed = try ExampleSet(positive: good + ["both", "both"], negative: ["both"] + bad)
        #expect(mixed.positive == good && mixed.negative == bad && mixed.contradictions == 1)
        #expect(try ExampleSet(positive: good, negative: bad).duplicates == 0)
    }

    @Test("the digest tells every change apart")
    func digest() throws {
        let set = try ExampleSet(positive: good, negative: bad)
        let variants = [
            try ExampleSet(positive: bad, negative: good),
            try ExampleSet(positive: good.reversed(), negative: bad),
            try ExampleSet(positive: good + ["x"], negative: bad),
            try ExampleSet(positive: good, negative: bad + ["x"]),
            try ExampleSet(positive: ["good 0\n6 good 1"] + good.dropFirst(), negative: bad),
        ]
        #expect(Set((variants + [set]).map(\.digest)).count == 6)
        #expect(try set.digest == ExampleSet(positive: good + good, negative: bad).digest)
        #expect(set.digest.count == 64 && set.digest.allSatisfy { $0.isHexDigit })
    }
}
