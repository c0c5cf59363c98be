import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("vane import, export, methods and learn --auto")
struct ExchangeTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("a concept that is exported comes back with its direction, and steers as a file")
    func roundTrip() async throws {
        for (format, file) in [("control-vector", "s.gguf"), ("svec", "s.svec"), ("glp", "p.gguf")] {
            let result = try await desk.vane(
                "export", "sentiment", "--output", file, "--format", format, "--json")
            #expect(result.status == 0, "\(result)")
            #expect(try result.object()["sites"] as? [String] == (2...4).map { "blocks[\($0)].residual" })
        }
        let steered = try await desk.vane(
            "steer", "the film was", "--vector", "s.gguf=1.5", "--seed", "7", "--max-tokens", "12", "--json")
        let object = try steered.object()
        let texts = ["unsteered", "steered"].map { (object[$0] as? [String: Any])?["text"] as? String }
        #expect(texts[0] != nil && texts[0] != texts[1])
        let human = try await desk.vane(
            "steer", "the film was", "--vector", "p.gguf", "--seed", "7", "--max-tokens", "12")
        #expect(human.status == 0 && human.output.contains("the film was "), "the words are shown")

        try desk.folder.write(
            (0..<40).map { "The pie number \($0) was lovely." }.joined(separator: "\n"), to: "good.txt")
        try desk.folder.write(
            (0..<40).map { "The pie number \($0) was awful." }.joined(separator: "\n"), to: "bad.txt")
        for file in ["s.gguf", "s.svec"] {
            let result = try await desk.vane(
                "import", file, "--name", "back", "--positive", "good.txt", "--negative", "bad.txt", "--json")
            #expect(result.status == 0, "\(result)")
            let concept = try Concept(contentsOf: desk.folder.file("back.vane"))
            let own = try #require(try DefaultModel.concept(named: "sentiment"))
            for layer in concept.layers {
                let original = try own.layer(at: layer.site).steering.direction
                let cosine = zip(layer.probe.direction, original).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(cosine - 1) < 1e-4)
            }
            #expect(concept.provenance.method.contains("given directions"))
        }
    }

    @Test("files of no known format, of another model, or missing are refused by name")
    func refused() async throws {
        try desk.folder.write("not a vector", to: "notes.txt")
        for (file, status, word) in [("notes.txt", 65, "format"), ("none.gguf", 66, "none.gguf")] {
            let result = try await desk.vane("steer", "hi", "--vector", file)
            #expect(result.status == status && result.error.contains(word), "\(result)")
        }
        let other = try await desk.vane("export", "no-such-concept", "--output", "x.gguf")
        #expect(other.status == 66 && other.error.contains("no-such-concept"))
    }

    @Test("every method is listed, and learns")
    func methods() async throws {
        let listed = try await desk.vane("methods", "--json")
        let methods = try #require(
            try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
        let learners = methods.filter { $0["command"] as? String == "vane learn --method" }
        #expect(learners.compactMap { $0["id"] as? String } == Learners.all.map(\.method.id))
        #expect(
            methods.compactMap { $0["id"] as? String }.dropFirst(learners.count) == [
                "linear", "mean", "gaussian", "aura", "activation-addition", "guided-decoding", "function",
                "task", "observable", "relation", "neurons", "shift",
            ])
        try desk.folder.write(
            (0..<16).map { "The pie number \($0) was lovely." }.joined(separator: "\n"), to: "good.txt")
        try desk.folder.write(
            (0..<16).map { "The pie number \($0) was awful." }.joined(separator: "\n"), to: "bad.txt")
        for learner in Learners.all {
            var arguments = [
                "learn", "p", "--positive", "good.txt", "--negative", "bad.txt", "--paired", "--method",
                learner.method.id,
            ]
            if learner is MeanCentring { arguments += ["--background", "bad.txt"] }
            let result = try await ProcessRunner.vane(arguments, in: desk.folder)
            #expect(result.status == 0, "\(learner.method.id): \(result)")
            #expect(
                try Concept(contentsOf: desk.folder.file("p.vane")).provenance.method
                    == learner.method.description)
        }
        let unknown = try await desk.vane(
            "learn", "p", "--positive", "good.txt", "--negative", "bad.txt", "--method", "magic")
        #expect(unknown.status == 64 && unknown.error.contains("magic"))
    }

    @Test("--auto reports what it chose and keeps its trials")
    func auto() async throws {
        try desk.folder.write(
            (0..<16).map { "The pie number \($0) was lovely." }.joined(separator: "\n"), to: "good.txt")
        try desk.folder.write(
            (0..<16).map { "The pie number \($0) was awful." }.joined(separator: "\n"), to: "bad.txt")
        let result = try await desk.vane(
            "learn", "taste", "--positive", "good.txt", "--negative", "bad.txt", "--auto", "--json")
        let object = try result.object()
        #expect((object["trials"] as? Int ?? 0) > 50 && object["gain"] is [String: Any])
        #expect(FileManager.default.fileExists(atPath: desk.folder.file("taste.trials.jsonl")))
        #expect(try !Concept(contentsOf: desk.folder.file("taste.vane")).defaultSites.isEmpty)
        let both = try await desk.vane(
            "learn", "taste", "--positive", "good.txt", "--negative", "bad.txt", "--auto", "--method", "lda")
        #expect(both.status == 64)
    }
}
