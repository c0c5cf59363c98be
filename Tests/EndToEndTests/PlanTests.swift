import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("vane transport, and plans and prompt pairs of vane steer")
struct PlanTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func steer(_ arguments: [String], tokens: Int = 8) async throws -> ProcessResult {
        try await ProcessRunner.vane(
            ["steer", "the film was"] + arguments + ["--max-tokens", "\(tokens)"], in: desk.folder)
    }

    private func steered(_ arguments: [String]) async throws -> [String: Any] {
        let result = try await steer(arguments + ["--json"])
        #expect(result.status == 0, "\(result)")
        return try result.object()
    }

    private func text(_ object: [String: Any], _ side: String = "steered") -> String? {
        (object[side] as? [String: Any])?["text"] as? String
    }

    private func entries(_ object: [String: Any]) -> [[String: Any]] {
        (object["plan"] as? [String: Any])?["entries"] as? [[String: Any]] ?? []
    }

    @Test("a plan that ran is saved, with the strength that was found, and runs again from another folder")
    func saved() async throws {
        let first = try await steered([
            "--concept", "sentiment=0.5kl", "--when", "film>0.01", "--prompt-pair", " good", " bad",
            "--times",
            "3", "--place", "back", "--save-plan", "found.json",
        ])
        #expect(entries(first).count == 2)
        let file = try PlanFile(contentsOf: desk.folder.file("found.json"))
        #expect(file.plan.entries.count == 2 && file.model != nil)
        #expect(
            file.plan.entries.allSatisfy { entry in
                if case .divergence = entry.strength { false } else { true }
            })
        let elsewhere = try ProcessFolder()
        let again = try await ProcessRunner.vane(
            [
                "steer", "the film was", "--plan", desk.folder.file("found.json"), "--max-tokens", "8",
                "--json",
            ], in: elsewhere)
        #expect(again.status == 0, "\(again)")
        #expect(try text(again.object()) == text(first))
        #expect(text(first) != text(first, "unsteered"))
    }

    @Test(
        "concepts of a plan are files beside it, paths, or built-in; a saved plan names them from where it lies"
    )
    func concepts() async throws {
        try await desk.learn()
        let inner = desk.folder.file("inner")
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        let direct = try await desk.vane(
            "steer", "The day", "--model", desk.model, "--concept", "joy.vane=0.999", "--max-tokens", "8",
            "--json", "--save-plan", "saved.json")
        #expect(direct.status == 0, "\(direct)")
        #expect(
            try PlanFile(contentsOf: desk.folder.file("saved.json")).plan.entries.map(\.concept) == [
                "joy.vane"
            ])
        // Copied together, plan and concept are found anywhere.
        for name in ["saved.json", "joy.vane"] {
            try desk.folder.write(desk.folder.read(name), to: "inner/" + name)
        }
        try FileManager.default.removeItem(atPath: desk.folder.file("joy.vane"))
        try desk.folder.write(
            #"{"entries": [{"concept": "joy", "target": 0.999}]}"#, to: "inner/short.json")
        for plan in ["inner/saved.json", "inner/short.json"] {
            let result = try await desk.vane(
                "steer", "The day", "--model", desk.model, "--plan", plan, "--max-tokens", "8", "--json")
            #expect(result.status == 0, "\(result)")
            #expect(try text(result.object()) == text(direct.object()))
        }
        try desk.folder.write(#"{"entries": [{"concept": "joy", "target": 0.9}]}"#, to: "lost.json")
        try await desk.vane("steer", "x", "--model", desk.model, "--plan", "lost.json")
            .expectFailure(66, ["lost.json", "'joy'"])
    }

    @Test("plans of several files and options are one plan, whose conflicts are reported")
    func together() async throws {
        try desk.folder.write(#"{"entries": [{"concept": "sentiment", "target": 0.9}]}"#, to: "a.json")
        try desk.folder.write(
            #"{"entries": [{"concept": "film", "goal": "remove", "target": 0.1}]}"#, to: "b.json")
        let all = try await steered(["--plan", "a.json", "--plan", "b.json", "--concept", "formality=0.9"])
        #expect(entries(all).compactMap { $0["concept"] as? String } == ["sentiment", "film", "formality"])
        try await steer(["--plan", "a.json", "--remove", "sentiment=0.1"])
            .expectFailure(64, ["'sentiment'", "at least 0.9 and at most 0.1"])
    }

    @Test("maps of two classes are learnt into a plan, tested, and steer; strength 0 moves nothing")
    func transport() async throws {
        for form in ["linear", "mean", "gaussian", "aura"] {
            let result = try await desk.vane(
                "transport", "joy", "--positive", "happy.txt", "--negative", "sad.txt", "--form", form,
                "--json")
            #expect(result.status == 0 && result.error.isEmpty, "\(result)")
            let report = try result.object()
            #expect(report["goal"] as? String == (form == "aura" ? "remove" : "add"))
            #expect((report["layers"] as? [[String: Any]])?.count == 6)
            #expect(report["learnt"] as? [Int] == [18, 18] && report["heldOut"] as? [Int] == [6, 6])
            let moved = try await steered(["--plan", "joy.plan.json"])
            #expect(entries(moved).count == 6)
            let still = try await steered(["--plan", "joy.plan.json", "--strength", "0"])
            #expect(text(still) == text(still, "unsteered"))
        }
        let human = try await desk.vane(
            "transport", "joy", "--positive", "happy.txt", "--negative", "sad.txt", "--causal", "--remove",
            "--support", "token-range", "--sites", "blocks[1..2].residual", "-o", "less.json")
        #expect(human.status == 0 && human.output.contains("shuffled labels"), "\(human)")
        #expect(human.output.contains("from 18 positive texts to 18 negative ones"))
        let plan = try PlanFile(contentsOf: desk.folder.file("less.json")).plan
        #expect(plan.entries.flatMap { $0.sites ?? [] } == [.residual(1), .residual(2)])
        try await desk.vane("steer", "x", "--model", desk.model, "--plan", "less.json")
            .expectFailure(65, ["was made for", "fingerprint"])
    }

    @Test("a prompt pair steers from the prompt's states alone; times 0 writes what is written without")
    func pair() async throws {
        let some = try await steered(["--prompt-pair", " wonderful", " terrible", "--at-block", "2"])
        let entry = try #require(entries(some).first)
        #expect(entry["sites"] as? [String] == ["blocks[1].residual"])
        let edits = try #require(some["edits"] as? [String: [String: Any]])
        #expect(edits["blocks[1].residual"] != nil)
        let none = try await steered([
            "--prompt-pair", " wonderful", " terrible", "--at-block", "2", "--times", "0",
        ])
        #expect(text(none) == text(none, "unsteered"))
        let first = try await steered([
            "--prompt-pair", " wonderful", "", "--at-block", "0", "--place", "middle",
        ])
        #expect(entries(first).first?["sites"] as? [String] == ["embedding"])
        let human = try await steer(["--prompt-pair", "Love", "Hate", "--times", "2"])
        #expect(human.output.contains("plan:\nblock \"Love\" - \"Hate\" at blocks[0].residual, 2.0 times"))
    }

    @Test("what makes no sense is refused in words")
    func refused() async throws {
        func fails(_ status: Int32, _ parts: [String], _ arguments: String...) async throws {
            try await steer(arguments).expectFailure(status, parts)
        }
        try desk.folder.write(#"{"entries": [{"concept": "sentiment", "strenght": 1}]}"#, to: "bad.json")
        try desk.folder.write(#"{"entries": [{"concept": "sentiment", "target": 0.9}]}"#, to: "ok.json")
        try await fails(66, ["none.json"], "--plan", "none.json")
        try await fails(65, ["bad.json", "entries[0].strenght"], "--plan", "bad.json")
        try await fails(64, ["--strength", "ok.json"], "--plan", "ok.json", "--strength", "0.5")
        try await fails(64, ["--strength"], "--plan", "ok.json", "--strength", "2")
        try await fails(64, ["--strength"], "--concept", "sentiment", "--strength", "0.5")
        try await fails(64, ["--layers"], "--plan", "ok.json", "--layers", "1..2")
        try await fails(64, ["--scope"], "--plan", "ok.json", "--scope", "prompt")
        try await fails(64, ["--vector"], "--vector", "v.gguf", "--save-plan", "p.json")
        try await fails(1, ["nowhere/p.json"], "--plan", "ok.json", "--save-plan", "nowhere/p.json")
        try await fails(64, ["two texts"], "--prompt-pair", "one")
        try await fails(64, ["--times"], "--concept", "sentiment", "--times", "3")
        try await fails(64, ["--times"], "--prompt-pair", "a", "b", "--times", "inf")
        try await fails(64, ["no block 9"], "--prompt-pair", "a", "b", "--at-block", "9")
        try await fails(65, ["same states"], "--prompt-pair", "a", "a")
        func transport(_ arguments: String...) async throws -> ProcessResult {
            try await ProcessRunner.vane(
                ["transport", "t", "--positive", "happy.txt"] + arguments, in: desk.folder)
        }
        try await transport().expectFailure(64, ["--negative"])
        try await transport("--negative", "sad.txt", "--form", "aura", "--causal").expectFailure(64, ["aura"])
        try await transport("--negative", "sad.txt", "--sites", "blocks[77].mlp").expectFailure(64, ["77"])
        try await transport("--negative", "sad.txt", "-o", "nowhere/t.json").expectFailure(1, ["nowhere"])
        try await transport("--negative", "happy.txt").expectFailure(65, ["both classes"])
        #expect(try !desk.folder.names().contains("t.plan.json"))
    }
}
