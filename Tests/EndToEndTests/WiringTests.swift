import Testing
import Vane
import VaneTestSupport

@Suite("vane combine, show --against, learn --second and --pairs-from")
struct WiringTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("a combination is written, is untested, and no longer overlaps with what was taken out")
    func combine() async throws {
        let made = try await desk.vane("combine", "pure", "sentiment without politeness")
        #expect(made.status == 0 && made.output.contains("untested"), "\(made)")
        let pure = try Concept(contentsOf: desk.folder.file("pure.vane"))
        let overlap = try pure.overlap(with: Concept(contentsOf: desk.folder.file("pure.vane")))
        #expect(overlap.allSatisfy { $0.isEntangled && abs($0.steeringCosine - 1) < 1e-5 })
        let shown = try await desk.vane("show", "pure.vane", "--against", "politeness", "--json")
        #expect(shown.status == 0, "\(shown)")
        let same = try await desk.vane("show", "sentiment", "--against", "sentiment")
        #expect(same.output.contains("caution"), "\(same)")
        try await desk.vane("combine", "x", "sentiment +").expectFailure(64, ["formula", "at the end"])
    }

    @Test("a second set is compared; pairs are read, and broken ones are named by line")
    func sets() async throws {
        let learnt = try await desk.learn("--second", "happy.txt", "sad.txt")
        #expect(learnt.output.contains("second set at blocks[0].residual: cosine 1.00"), "\(learnt)")
        let lines = (0..<12).map {
            "{\"question\":\"Number \($0)?\",\"answer_matching_behavior\":\" (A)\",\"answer_not_matching_behavior\":\" (B)\"}"
        }
        try desk.folder.write(lines.joined(separator: "\n"), to: "pairs.jsonl")
        let read = try await desk.vane("learn", "c", "--pairs-from", "pairs.jsonl")
        #expect(read.status == 0 && read.output.contains("is the matching answer in 12 of 12"), "\(read)")
        let long = lines[0].replacing("Number", with: String(repeating: "word ", count: 600))
        try desk.folder.write((lines + [long]).joined(separator: "\n"), to: "long.jsonl")
        let cut = try await desk.vane("learn", "c", "--pairs-from", "long.jsonl")
        #expect(cut.status == 0 && cut.output.contains("1 of 13 pairs are longer"), "\(cut)")
        try desk.folder.write(long, to: "long.jsonl")
        try await desk.vane("learn", "c", "--pairs-from", "long.jsonl").expectFailure(65, ["all 1 pairs"])
        try desk.folder.write(lines[0] + "\n{\"question\": 3}", to: "bad.jsonl")
        try await desk.vane("learn", "c", "--pairs-from", "bad.jsonl").expectFailure(
            65, ["line 2", "question"])
    }

    @Test("words make a concept that nothing tests; examples test it like any other")
    func words() async throws {
        let made = try await desk.vane(
            "learn", "joy", "--words", "happy, lovely,a joy", "--against", "sad,awful", "--model", desk.model)
        #expect(made.status == 0 && made.output.contains("untested: no examples were given"), "\(made)")
        #expect(made.output.contains("happy, lovely, a joy against sad, awful"), "\(made)")
        #expect(!made.output.contains("AUROC") && !made.output.contains("accuracy"), "\(made)")
        let concept = try Concept(contentsOf: desk.folder.file("joy.vane"))
        #expect(!concept.isTested && !concept.verdict.isFound && concept.layers.count == 1)
        let shown = try await desk.vane("show", "joy.vane")
        #expect(shown.output.contains("untested") && !shown.output.contains("AUROC"), "\(shown)")
        let tested = try await desk.learn("--description", "The lovely and happy ones", "-o", "tested.vane")
        #expect(tested.output.contains("AUROC") && tested.output.contains("lovely, happy (row 22)"))
        let again = try Concept(contentsOf: desk.folder.file("tested.vane"))
        #expect(again.isTested && again.layers.map(\.site) == concept.layers.map(\.site))
        for (wrong, parts) in [
            (["--words", " , "], ["--words needs words"]),
            (["--description", "of the"], ["no word that carries meaning"]),
            (["--against", "sad"], ["--against belongs"]),
            (["--words", "a", "--description", "b"], ["either --words or --description"]),
            (["--words", "happy", "--method", "ridge"], ["leave out --method"]),
            (["--words", "happy", "--penalty", "1"], ["nothing to fit"]),
            ([], ["--words for a concept without examples"]),
        ] {
            try await ProcessRunner.vane(["learn", "c"] + wrong, in: desk.folder).expectFailure(64, parts)
        }
    }

    @Test("a combination is tested by examples of every kind")
    func combineExamples() async throws {
        let rows = try ["happy.txt", "sad.txt"].flatMap { file in
            try ExampleFile.texts(path: desk.folder.file(file)).map {
                "\($0)\t\(file == "happy.txt" ? 1 : 0)"
            }
        }
        try desk.folder.write((["text\tlabel"] + rows).joined(separator: "\n"), to: "all.tsv")
        let made = try await desk.vane("combine", "both", "sentiment + politeness", "--examples", "all.tsv")
        #expect(made.status == 0 && made.output.contains("AUROC"), "\(made)")
        #expect(try Concept(contentsOf: desk.folder.file("both.vane")).isTested)
        try await desk.vane("combine", "both", "sentiment", "--positive", "happy.txt").expectFailure(
            64, ["--positive and --negative"])
        try await desk.vane("import", "x.gguf").expectFailure(64, ["--positive and --negative"])
    }
}
