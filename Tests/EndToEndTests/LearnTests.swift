import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("vane learn, show and score")
struct LearnTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("learning prints the verdict and the layers, and writes one file")
    func learn() async throws {
        let before = try desk.folder.names()
        let result = try await desk.learn()
        #expect(try desk.folder.names() == (before + ["joy.vane"]).sorted())
        for part in [
            "joy: direction found", "24 positive and 24 negative", "blocks[2].residual", "shuffled",
            "wrote joy.vane",
        ] {
            #expect(result.output.contains(part), "\(part)")
        }
        #expect(!result.output.contains("\u{1B}"), "no colours when the output is no terminal")
        #expect(try await desk.vane("show", "joy.vane", "--color", "always").output.contains("\u{1B}["))
        let concept = try Concept(contentsOf: desk.folder.file("joy.vane"))
        #expect(concept.name == "joy" && concept.layers.count == 3 && concept.verdict.isFound)
    }

    @Test("JSON output parses, and show repeats what learn said")
    func json() async throws {
        let learnt = try await desk.learn("--json")
        let object = try learnt.object()
        #expect(
            Set(object.keys).isSuperset(of: [
                "name", "verdict", "layers", "defaultSites", "provenance", "siteConvention",
            ]))
        #expect((object["layers"] as? [Any])?.count == 3)
        #expect((object["verdict"] as? [String: Any])?["isFound"] as? Bool == true)
        #expect(try await desk.vane("show", "joy.vane", "--json").output == learnt.output)
        let shown = try await desk.vane("show", "joy.vane")
        #expect(shown.status == 0 && shown.output.contains("direction found"))
    }

    @Test("the same examples and seed give the same bytes, another seed others", arguments: ["1", "2"])
    func reproducible(threads: String) async throws {
        try await desk.learn()
        let first = try desk.folder.read("joy.vane")
        let again = try await desk.vane(
            "learn", "joy", "--positive", "happy.txt", "--negative", "sad.txt", "-m", desk.model, "-o",
            "again.vane",
            environment: ["VANE_THREADS": threads])
        #expect(again.status == 0)
        #expect(try desk.folder.read("again.vane") == first)
        try await desk.learn("--seed", "1", "-o", "other.vane")
        #expect(try desk.folder.read("other.vane") != first)
    }

    @Test("labelled files and sites work, and learn the same from the same texts")
    func labelled() async throws {
        var rows = "kind,sentence\r\n"
        for (file, kind) in [("happy.txt", "good"), ("sad.txt", "bad")] {
            for text in try ExampleFile.texts(path: desk.folder.file(file)) {
                rows += "\(kind),\"\(text)\"\r\n"
            }
        }
        try desk.folder.write(rows, to: "all.csv")
        let result = try await desk.vane(
            "learn", "joy", "--examples", "all.csv", "--text-column", "sentence", "--label-column", "kind",
            "--positive-label", "good", "--model", desk.model, "--sites", "blocks[1..2].residual", "--output",
            "b.vane")
        #expect(result.status == 0, "\(result)")
        try await desk.learn()
        let (whole, part) = (
            try Concept(contentsOf: desk.folder.file("joy.vane")),
            try Concept(contentsOf: desk.folder.file("b.vane"))
        )
        #expect(part.layers.map(\.probe) == whole.layers.dropFirst().map(\.probe))
        #expect(part.provenance.examplesSHA256 == whole.provenance.examplesSHA256)
    }

    @Test("score reads a text token by token")
    func score() async throws {
        try await desk.learn()
        let text = "The happy day"
        let human = try await desk.vane("score", "joy.vane", "--model", desk.model, "--text", text)
        #expect(
            human.status == 0 && human.output.contains("for the whole text")
                && human.output.contains("probability"))
        let result = try await desk.vane(
            "score", "joy.vane", "--model", desk.model, "--text", text, "--text", "Oh!", "--layer", "0",
            "--json")
        let list = try #require(result.json() as? [[String: Any]])
        #expect(list.count == 2 && list[0]["site"] as? String == "blocks[0].residual")
        let tokens = try #require(list[0]["tokens"] as? [[String: Any]])
        #expect(tokens.compactMap { $0["text"] as? String }.joined() == text)
        // The same numbers by hand.
        let model = try LanguageModel(folder: desk.model)
        let concept = try Concept(contentsOf: desk.folder.file("joy.vane"))
        let ids = [model.tokenizer.encode(text)]
        let readings = try concept.readout(of: ids, at: .residual(0), in: model.network)[0]
        // Foundation's JSON reader is off by a rounding now and then.
        func agree(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) <= 1e-15 * abs(b) } ?? false }
        #expect(tokens.count == readings.count)
        for (token, reading) in zip(tokens, readings) {
            #expect(agree(token["probability"] as? Double, reading))
        }
        let scores = try concept.score(ids, at: .residual(0), in: model.network)
        #expect(agree(list[0]["probability"] as? Double, scores[0]))
    }
}
