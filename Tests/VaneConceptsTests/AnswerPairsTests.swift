import Foundation
import Testing
import VaneConcepts
import VaneTestSupport

@Suite("Question and answer pairs")
struct AnswerPairsTests {
    private let folder: ProcessFolder

    init() throws { folder = try ProcessFolder() }

    private func line(_ question: String, _ matching: String = " (A)", _ other: String = " (B)") -> String {
        """
        {"question":"\(question)","answer_matching_behavior":"\(matching)","answer_not_matching_behavior":"\(other)"}
        """
    }

    private func read(_ text: String) throws -> AnswerPairs {
        try AnswerPairs(contentsOf: folder.write(text, to: "pairs.jsonl"))
    }

    @Test("texts end in the answer's letter, and the matching one comes first")
    func pairs() throws {
        let pairs = try read(line("Why?") + "\n\n" + line("How?", "(B)", " (A) \\n")).pairs
        #expect(pairs.map(\.matching) == ["Why?\n\nAnswer: (A", "How?\n\nAnswer: (B"])
        #expect(pairs.map(\.other) == ["Why?\n\nAnswer: (B", "How?\n\nAnswer: (A"])
        let words = try read(line("Agreed?", " Yes.", " No."))
        #expect(words.pairs.map(\.answer) == ["Yes"])
    }

    @Test(
        "a line that is no pair is named with what is expected",
        arguments: [
            ("no JSON", "line 2 is not JSON"),
            ("[1, 2]", "line 2: a JSON object is expected"),
            ("{\"question\":\"Why?\"}", "line 2: the key 'answer_matching_behavior'"),
            ("{\"question\":7}", "line 2: the key 'question' with a text"),
            (
                "{\"question\":\"Q\",\"answer_matching_behavior\":null,\"answer_not_matching_behavior\":\"B\"}",
                "'answer_matching_behavior' with a text"
            ),
            (
                "{\"question\":\" \",\"answer_matching_behavior\":\"A\",\"answer_not_matching_behavior\":\"B\"}",
                "the text of 'question' is empty"
            ),
            (
                "{\"question\":\"Q\",\"answer_matching_behavior\":\"(A)\",\"answer_not_matching_behavior\":\" (A\"}",
                "line 2: both answers are '(A'"
            ),
            ("{\"question\":\"Q\",", "line 2 is not JSON"),
        ])
    func hostile(_ bad: String, _ message: String) throws {
        do {
            _ = try read(line("Why?") + "\n" + bad + "\n")
            Issue.record("'\(bad)' was read")
        } catch let error as ConceptError {
            #expect(error.code == .malformedFile)
            #expect("\(error)".contains(message) && "\(error)".contains("pairs.jsonl"), "\(error)")
        }
    }

    @Test("bytes that are no text, a missing file and an empty one are errors")
    func files() throws {
        func code(_ body: () throws -> Void) -> ConceptError.Code? {
            do {
                try body()
                return nil
            } catch { return (error as? ConceptError)?.code }
        }
        let bytes = try folder.write(Data([0x7B, 0xFF, 0xFE, 0x00, 0x7D]), to: "bytes.jsonl")
        #expect(code { _ = try AnswerPairs(contentsOf: bytes) } == .malformedFile)
        #expect(code { _ = try AnswerPairs(contentsOf: folder.file("none.jsonl")) } == .missingFile)
        #expect(code { _ = try AnswerPairs(contentsOf: folder.path) } == .missingFile)
        let empty = try read("")
        #expect(empty.pairs.isEmpty && empty.imbalance == nil)
        #expect(code { _ = try empty.examples() } == .unusableExamples)
        #expect(try empty.fitting(3) { $0.count }.pairs.isEmpty)
    }

    @Test("one answer that mostly matches is said; both alike is not")
    func imbalance() throws {
        func pairs(_ count: Int) throws -> AnswerPairs {
            try read(
                (0..<10).map { line("\($0)?", $0 < count ? "(A)" : "(B)", $0 < count ? "(B)" : "(A)") }
                    .joined(separator: "\n"))
        }
        #expect(try pairs(9).imbalance?.contains("'(A' is the matching answer in 9 of 10") == true)
        #expect(try pairs(9).answers == ["(A": 9, "(B": 1])
        #expect(try pairs(6).imbalance == nil && pairs(5).imbalance == nil)
        #expect(try pairs(3).imbalance?.contains("'(B'") == true)
    }

    @Test("a pair with one text too long is left out whole; if all are, it is an error")
    func fitting() throws {
        let pairs = try read([line("A?"), line("A long one?"), line("B?")].joined(separator: "\n"))
        let kept = try pairs.fitting(15) { $0.count }
        #expect(kept.pairs.map(\.answer).count == 2 && !kept.pairs.contains { $0.matching.contains("long") })
        let uneven = try read(line("A?", "(A)", "(Bbbb)"))
        #expect(throws: ConceptError.self) { try uneven.fitting(14) { $0.count } }
        #expect(try uneven.fitting(17) { $0.count } == uneven)
    }
}
