import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("vane generate, steer and evaluate")
struct SteerTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("steering prints both continuations side by side")
    func human() async throws {
        try await desk.learn()
        let result = try await desk.vane(
            "steer", "The day", "--model", desk.model, "--concept", "joy.vane=0.999", "--max-tokens", "20")
        #expect(result.status == 0 && result.error.isEmpty, "\(result)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.first?.contains("unsteered") == true && lines.first?.hasSuffix("│ steered") == true)
        #expect(lines.count { $0.contains("│") } >= 2)
        #expect(result.output.contains("mean probability of joy") && result.output.contains("perplexity"))
    }

    @Test("steering as JSON holds both sides, the plan and what the edits did")
    func json() async throws {
        try await desk.learn()
        let result = try await desk.vane(
            "steer", "The day", "--model", desk.model, "--concept", "joy.vane=0.999", "--max-tokens", "12",
            "--layers",
            "0..1", "--scope", "generated", "--json")
        let object = try result.object()
        #expect(Set(object.keys) == ["prompt", "plan", "seed", "unsteered", "steered", "edits", "notes"])
        let edits = try #require(object["edits"] as? [String: [String: Any]])
        #expect(Set(edits.keys) == ["blocks[0].residual", "blocks[1].residual"])
        let sides = [object["unsteered"], object["steered"]].compactMap { $0 as? [String: Any] }
        #expect(sides.count == 2 && sides[0]["text"] as? String != sides[1]["text"] as? String)
        for side in sides {
            let tokens = try #require(side["tokens"] as? [String])
            #expect(tokens.joined() == side["text"] as? String && side["perplexity"] is Double)
            #expect((side["probabilities"] as? [String: [Double]])?["joy"]?.count == tokens.count)
        }
        // The unsteered side is what `generate` writes.
        let plain = try await desk.vane(
            "generate", "The day", "--model", desk.model, "--max-tokens", "12", "--json")
        #expect(try plain.object()["text"] as? String == sides[0]["text"] as? String)
    }

    @Test("every method, unit, schedule and gate gets into the plan")
    func methods() async throws {
        func entry(_ arguments: String...) async throws -> [String: Any] {
            let all = ["steer", "the film was"] + arguments + ["--max-tokens", "4", "--json"]
            let object = try await ProcessRunner.vane(all, in: desk.folder).object()
            let entries = (object["plan"] as? [String: Any])?["entries"] as? [[String: Any]]
            let edits = (object["edits"] as? [String: [String: Any]])?.values.map { $0["moved"] as? Int ?? 0 }
            #expect((edits?.max() ?? 0) > 0, "\(arguments) moves states")
            return entries?.first ?? [:]
        }
        let add = try await entry("--concept", "sentiment=0.5norm")
        #expect(add["operation"] as? String == "add" && add["strength"] as? String == "0.5norm")
        let turn = try await entry("--concept", "sentiment=20deg", "--schedule", "decay:0.9")
        #expect(turn["operation"] as? String == "rotate" && turn["schedule"] as? String == "decay:0.9")
        let project = try await entry("--remove", "sentiment", "--method", "project", "--when", "film>0.01")
        #expect(project["operation"] as? String == "project" && project["strength"] == nil)
        #expect((project["gate"] as? [String: Any])?["concept"] as? String == "film")
        for method in ["add-norm", "clamp"] {
            let entry = try await entry(
                "--concept", "sentiment=0.5norm", "--method", method, "--schedule", "tokens:1..<3")
            #expect(entry["operation"] as? String == method)
        }
        let marked = try await entry("--concept", "sentiment=0.9", "--schedule", "after: film")
        let to = try await entry("--concept", "sentiment=40deg", "--method", "rotate-to")
        #expect(to["operation"] as? String == "rotate-to" && to["strength"] as? String == "40.0deg")
        #expect(marked["operation"] == nil && (marked["schedule"] as? String)?.hasPrefix("after:") == true)
    }

    @Test("a strength can be asked for as a divergence, and the notes tell what it took")
    func divergence() async throws {
        for more in [[], ["--method", "add-norm"], ["--calibration", "prompts.txt"]] {
            let arguments = [
                "steer", "the film was", "--concept", "sentiment=0.5kl", "--max-tokens", "4", "--json",
            ]
            let result = try await ProcessRunner.vane(arguments + more, in: desk.folder)
            let notes = try #require(try result.object()["notes"] as? [String])
            let plan = try #require(try result.object()["plan"] as? [String: Any])
            let strength = (plan["entries"] as? [[String: Any]])?.first?["strength"] as? String
            let target = (plan["entries"] as? [[String: Any]])?.first?["target"] as? Double
            #expect(target != nil || strength?.hasSuffix("norm") == true, "the plan that ran: \(plan)")
            #expect(notes.first?.hasPrefix("0.5 nats per token of 'sentiment'") == true, "\(result)")
        }
    }

    @Test("strengths, methods, schedules and gates that make no sense: 64, in words")
    func refused() async throws {
        func fails(_ arguments: String..., naming parts: [String]) async throws {
            try await ProcessRunner.vane(["steer", "x"] + arguments, in: desk.folder).expectFailure(64, parts)
        }
        try await fails("--concept", "sentiment=2nrm", naming: ["2nrm", "2norm"])
        try await fails("--concept", "sentiment=-2norm", naming: ["-2.0norm", "0 or more"])
        try await fails("--concept", "sentiment=0kl", naming: ["0.0kl"])
        try await fails("--concept", "sentiment=2norm", "--method", "gcav", naming: ["gcav", "0.95"])
        try await fails("--concept", "sentiment", "--method", "add", naming: ["2norm", "missing"])
        try await fails("--concept", "sentiment", "--method", "project", naming: ["removed"])
        try await fails("--concept", "sentiment", "--method", "melt", naming: ["melt", "add-norm"])
        try await fails("--concept", "sentiment", "--schedule", "soon", naming: ["soon", "tokens:5..<20"])
        try await fails("--concept", "sentiment", "--schedule", "tokens:3..<3", naming: ["no token"])
        try await fails("--concept", "sentiment", "--schedule", "after:two words", naming: ["two words"])
        try await fails("--concept", "sentiment", "--when", "film", naming: ["film", "CONCEPT>0.5"])
        try await fails("--concept", "sentiment", "--when", "film>2", naming: ["film>2"])
        try await fails("--concept", "sentiment", "--calibration", "prompts.txt", naming: ["0.5kl"])
        try await fails(
            "--concept", "sentiment", "--scope", "prompt", "--schedule", "decay:0.9", naming: ["decay:0.9"])
        try await fails("--vector", "v.gguf=1,5", naming: ["v.gguf", "1.5"])
        try await fails("--vector", "v.gguf", "--method", "add", naming: ["--method", "--vector"])
    }

    @Test("a concept can be removed, by itself and beside another")
    func remove() async throws {
        try await desk.learn()
        try await desk.learn("--seed", "1", "-o", "other.vane")
        for extra in [[], ["--concept", "other.vane"]] {
            let arguments = [
                "steer", "The day", "--model", desk.model, "--remove", "joy.vane=0.01", "--max-tokens", "5",
                "--json",
            ]
            let result = try await ProcessRunner.vane(arguments + extra, in: desk.folder)
            #expect(result.status == 0, "\(result)")
            let entries = (try result.object()["plan"] as? [String: Any])?["entries"] as? [[String: Any]]
            #expect(entries?.count == (extra.isEmpty ? 1 : 2))
            #expect(Set(entries?.compactMap { $0["concept"] as? String } ?? []).count == entries?.count)
        }
    }

    @Test("the same seed writes the same bytes, with any number of threads; another seed does not")
    func reproducible() async throws {
        func generate(_ seed: String, _ threads: String) async throws -> String {
            let result = try await desk.vane(
                "generate", "The wind", "--model", desk.model, "--max-tokens", "30", "--seed", seed,
                environment: ["VANE_THREADS": threads])
            #expect(result.status == 0 && result.output.hasPrefix("The wind"))
            return result.output
        }
        let first = try await generate("7", "1")
        #expect(try await generate("7", "1") == first)
        #expect(try await generate("7", "2") == first)
        #expect(try await generate("8", "2") != first)
        let json = try await desk.vane(
            "generate", "The wind", "--model", desk.model, "--max-tokens", "30", "--seed", "7", "--json")
        let object = try json.object()
        #expect("The wind" + (object["text"] as? String ?? "") + "\n" == first)
        #expect(
            (object["tokens"] as? [Int])?.count == 30
                && (object["logProbabilities"] as? [Double])?.count == 30)
    }

    @Test("a context that fills up is an end, not an error")
    func full() async throws {
        try await desk.learn()
        let result = try await desk.vane(
            "steer", "The day", "--model", desk.model, "--concept", "joy.vane", "--max-tokens", "300",
            "--json")
        #expect(result.status == 0, "\(result)")
        let side = try result.object()["unsteered"] as? [String: Any]
        #expect(["contextFull", "endOfText"].contains(side?["finish"] as? String))
    }

    @Test("an evaluation as JSON and as a table")
    func evaluate() async throws {
        try await desk.learn()
        func evaluate(_ more: String...) async throws -> ProcessResult {
            let arguments = [
                "evaluate", "joy.vane", "--model", desk.model, "--prompts", "prompts.txt", "--judge-positive",
                "happy.txt", "--judge-negative", "sad.txt", "--targets", "0.9", "--seeds", "2",
                "--max-tokens", "8",
            ]
            return try await ProcessRunner.vane(arguments + more, in: desk.folder)
        }
        let result = try await evaluate("--json")
        #expect(result.status == 0 && result.error.isEmpty, "\(result)")
        let object = try result.object()
        let rows = try #require(object["rows"] as? [[String: Any]])
        #expect(rows.count == 7 && rows[0]["method"] as? String == "unsteered" && rows[0]["shift"] == nil)
        #expect(rows.dropFirst().allSatisfy { $0["shift"] is [String: Any] })
        #expect(object["prompts"] as? Int == 2 && object["judgeTexts"] as? Int == 48)
        #expect(try await evaluate("--json").output == result.output, "evaluations repeat")
        let table = try await evaluate()
        #expect(table.output.contains("perplexity") && table.output.contains("meanDifference"))

        func effect() async throws -> [String: Any]? {
            let shown = try await ProcessRunner.vane(["show", "joy.vane", "--json"], in: desk.folder)
            return try shown.object()["effect"] as? [String: Any]
        }
        #expect(try await effect() == nil)
        let kept = try await evaluate("--keep", "--json")
        #expect(kept.output == result.output)
        let effect = try #require(try await effect())
        #expect(effect["unsteeredRate"] as? Double == rows[0]["positiveRate"] as? Double, "\(effect)")
        let builtIn = try await ProcessRunner.vane(
            [
                "evaluate", "sentiment", "--keep", "--prompts", "prompts.txt", "--judge-positive",
                "happy.txt",
                "--judge-negative", "sad.txt",
            ], in: desk.folder)
        #expect(builtIn.status != 0 && builtIn.error.contains("--keep"), "\(builtIn.error)")
    }
}
