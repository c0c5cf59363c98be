import Testing
import VaneConcepts
import VaneTestSupport

@Suite("Queries with answers")
struct TaskPairsTests {
    private let folder: ProcessFolder

    init() throws { folder = try ProcessFolder() }

    private func read(_ text: String, _ name: String = "pairs.tsv") throws -> TaskPairs {
        try TaskPairs(contentsOf: folder.write(text, to: name))
    }

    private func lines(_ count: Int) -> String {
        (0..<count).map { "q\($0)\ta\($0)" }.joined(separator: "\n")
    }

    @Test("tables and JSON lines give the same pairs, each query once")
    func files() throws {
        let table = try read(lines(20) + "\nq3\tother\n")
        let json = (0..<20).map { #"{"query": "q\#($0)", "answer": "a\#($0)"}"# }.joined(separator: "\n")
        #expect(try read(json, "pairs.jsonl") == table)
        #expect(table.pairs.count == 20 && table.pairs[3].answer == "a3")
    }

    @Test("what is no pair is named with its line, and too few are refused")
    func refusals() throws {
        func code(_ body: () throws -> TaskPairs) -> ConceptError.Code? {
            do {
                _ = try body()
                return nil
            } catch { return (error as? ConceptError)?.code }
        }
        #expect(code { try read(lines(20) + "\nq\ta\tb") } == .malformedFile)
        #expect(code { try read(lines(20) + "\nq\t ") } == .malformedFile)
        #expect(code { try read(lines(20) + "\nq") } == .malformedFile)
        #expect(code { try read(#"{"query": 1, "answer": "x"}"#, "pairs.jsonl") } == .malformedFile)
        #expect(code { try read(lines(15)) } == .unusableExamples)
        #expect(code { try read("") } == .unusableExamples)
        #expect(code { try TaskPairs(contentsOf: folder.file("none.tsv")) } == .missingFile)
    }

    @Test("prompts hold demonstrations that are not the query; parts share no query", .tags(.law))
    func prompts() throws {
        let task = try read(lines(40))
        func characters(_ text: String) -> [Int] { text.unicodeScalars.map { Int($0.value) } }
        func text(_ tokens: some Sequence<Int>) -> String {
            String(String.UnicodeScalarView(tokens.compactMap { Unicode.Scalar(UInt32($0)) }))
        }
        let prompts = try TaskPrompts(task, demonstrations: 3, seed: 4, tokens: characters)
        #expect(prompts.test.count == 10 && prompts.selection.count == 10 && prompts.prompts.count == 20)
        for prompt in prompts.prompts {
            let parts = text(prompt).split(separator: "\n")
            let query = parts[3].dropLast()
            #expect(parts.count == 4 && parts[3].hasSuffix(":"))
            for line in parts.prefix(3) {
                let pair = line.split(separator: ": ")
                #expect(pair[0].dropFirst() == pair[1].dropFirst() && pair[0] != query)
            }
        }
        for wrong in prompts.corrupted {
            let shown = text(wrong.tokens.prefix(wrong.promptLength)).split(separator: "\n").prefix(3)
            #expect(shown.allSatisfy { $0.dropFirst().prefix(2) != $0.suffix(2) || $0.count < 4 })
            #expect(text(wrong.continuation).hasPrefix(" a"))
        }
        let asked = [prompts.test, prompts.selection].map { part in
            Set(part.map { text($0.tokens.prefix($0.promptLength)) })
        }
        #expect(asked[0].isDisjoint(with: asked[1]) && asked[0].allSatisfy { $0.hasSuffix(":") })
        #expect(text(prompts.test[0].continuation).hasPrefix(" a"))
        let again = try TaskPrompts(task, demonstrations: 3, seed: 4, tokens: characters)
        #expect(again == prompts)
        for template in ["{answer}: {query}", "{query}", "x"] {
            #expect(throws: ConceptError.self) {
                try TaskPrompts(task, template: template, tokens: characters)
            }
        }
    }
}
