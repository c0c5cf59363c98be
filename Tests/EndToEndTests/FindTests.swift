import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("vane find, and the words that guide vane steer")
struct FindTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func find(_ arguments: String...) async throws -> [String: Any] {
        let result = try await ProcessRunner.vane(["find"] + arguments + ["--json"], in: desk.folder)
        #expect(result.status == 0 && result.error.isEmpty, "\(result)")
        return try result.object()
    }

    private func steered(_ prompt: String, _ arguments: String...) async throws -> [String: Any] {
        let result = try await ProcessRunner.vane(
            ["steer", prompt, "--max-tokens", "6", "--json"] + arguments, in: desk.folder)
        #expect(result.status == 0, "\(result)")
        return try result.object()
    }

    private func text(_ object: [String: Any], _ side: String = "steered") -> String? {
        (object[side] as? [String: Any])?["text"] as? String
    }

    /// A task of the built-in model's documents, in a file.
    private func pairs() throws {
        let task = try #require(PlantedTask.named("past"))
        let lines = task.pairs.filter { !$0.isHeldOut }.prefix(40).map { "\($0.query)\t\($0.answer)" }
        try desk.folder.write(lines.joined(separator: "\n") + "\n", to: "past.tsv")
        let others = try ["continuous", "third person", "comparative", "opposite"].flatMap { name in
            try #require(PlantedTask.named(name)).pairs.filter { !$0.isHeldOut }.prefix(15)
        }
        try desk.folder.write(
            others.map { "\($0.query)\t\($0.answer)" }.joined(separator: "\n"), to: "others.tsv")
    }

    @Test("a task's vectors become plans that steer a prompt without demonstrations")
    func tasks() async throws {
        try pairs()
        let function = try await find(
            "function", "past", "--pairs", "past.tsv", "--others", "others.tsv", "--heads", "6")
        #expect((function["heads"] as? [Any])?.count == 6 && function["asked"] as? Int == 10)
        let with = try #require(function["with"] as? Double)
        let random = try #require(function["random"] as? Double)
        print("function vector of past: \(function)")
        // What is wired here is measured by `FunctionVectorTests`.
        let effects = (function["heads"] as? [[String: Any]])?.compactMap { $0["effect"] as? Double } ?? []
        #expect(with >= random && (effects.first ?? 0) > 0.01 && effects == effects.sorted(by: >))
        let plan = try await steered(
            "walk:", "--plan", "past.plan.json", "--temperature", "0", "--stop", "\n")
        let edits = try #require(plan["edits"] as? [String: [String: Any]])
        #expect(edits.count == 1 && edits.values.first?["moved"] as? Int == 1)
        let task = try await find(
            "task", "past", "--pairs", "past.tsv", "--output", "replaced.json")
        #expect(task["asked"] as? Int == 10 && (task["heads"] as? [Any])?.isEmpty == true)
        let replaced = try PlanFile(contentsOf: desk.folder.file("replaced.json"))
        #expect(replaced.plan.entries.count == 1 && replaced.model != nil)
    }

    @Test("observables and shifts become concepts that say they are untested")
    func directions() async throws {
        let observable = try await find(
            "observable", "tense", "--more", " was", "--less", " is", "--text", "In the morning, the pie",
            "--background", "happy.txt")
        let layers = try #require(observable["layers"] as? [[String: Any]])
        #expect(layers.count == 5)
        #expect(layers.allSatisfy { abs(($0["agreement"] as? Double ?? 0) - 1) < 0.5 }, "\(layers)")
        let concept = try Concept(contentsOf: desk.folder.file("tense.vane"))
        #expect(!concept.isTested && concept.layers.count == 5)
        let more = try await steered("The soup", "--concept", "tense.vane=1norm", "--layers", "4")
        #expect(text(more) != nil)

        try await desk.vane(
            "find", "observable", "t", "--more", " was once", "--less", " is", "--text", "The pie"
        ).expectFailure(65, ["' was once'"])
    }

    @Test("a shift that was planted in a bias is found behind it; the same model has none", .tags(.planted))
    func shift() async throws {
        let weights = try Data(contentsOf: URL(fileURLWithPath: desk.model + "/model.safetensors"))
        let file = try SafetensorsFile(path: desk.model + "/model.safetensors")
        let name = "transformer.h.0.mlp.c_proj.bias"
        let old = try #require(try file.tensor(named: name)).elements
        let added = old.indices.map { Float($0 % 3) - 1 }
        // The old numbers stand once in the file, one after another.
        func bytes(_ numbers: [Float]) -> Data { numbers.withUnsafeBytes { Data($0) } }
        let place = try #require(weights.range(of: bytes(old)))
        var moved = weights
        moved.replaceSubrange(place, with: bytes(zip(old, added).map { $0 + $1 }))
        let tuned = try desk.brokenModel(["model.safetensors": moved])
        let found = try await find(
            "shift", "tuning", "--texts", "happy.txt", "--tuned", tuned, "--model", desk.model)
        let layers = try #require(found["layers"] as? [[String: Any]])
        let first = try #require(layers.first { $0["site"] as? String == "blocks[0].residual" })
        let length = added.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        #expect(abs((first["length"] as? Double ?? 0) - length) < 1e-3)
        #expect(abs((first["agreement"] as? Double ?? 0) - 1) < 1e-4)
        let direction = try Concept(contentsOf: desk.folder.file("tuning.vane"))
            .layer(at: .residual(0)).probe.direction
        let cosine = zip(direction, added).reduce(0) { $0 + Double($1.0 * $1.1) } / length
        #expect(cosine > 0.9999)
        let same = desk.folder.file("same")
        try FileManager.default.copyItem(atPath: desk.model, toPath: same)
        try await desk.vane(
            "find", "shift", "s", "--texts", "happy.txt", "--tuned", same, "--model", desk.model
        ).expectFailure(65, ["do the same"])
    }

    @Test("neurons are listed with their names, and set by a plan")
    func neurons() async throws {
        let all = try await find("neurons", "--top", "5", "--weights", "writing")
        #expect((all["neurons"] as? [Any])?.count == 5 && all["file"] == nil)
        let named = try await find(
            "neurons", "--words", "weeks,goes,knows,your", "--weights", "writing", "--clamp", "12",
            "--output", "words.json")
        let rows = try #require(named["neurons"] as? [[String: Any]])
        print("neurons named by four words: \(rows.count)")
        let names: Set = [" weeks", " goes", " knows", " your"]
        #expect(rows.allSatisfy { names.contains($0["token"] as? String ?? "") })
        let plan = try PlanFile(contentsOf: desk.folder.file("words.json")).plan
        let set = plan.entries.reduce(0) { sum, entry in
            if case .neurons(let clamp) = entry.operation { sum + clamp.indices.count } else { sum }
        }
        #expect(set == rows.count && set > 0)
        try await desk.vane("find", "neurons", "--layers", "3..77").expectFailure(64, ["0 to 5"])
        try await desk.vane("find", "neurons", "--output", "x.json").expectFailure(64, ["--clamp"])
    }

    @Test("a relation's objects become concepts that tell new subjects better than exchanged names")
    func relation() async throws {
        let facts = PlantedFact.all.filter { $0.relation == "river" }
        let lines = facts.map { "\($0.subject)\t\($0.object)" }
        try desk.folder.write(lines.joined(separator: "\n"), to: "facts.tsv")
        let statement = "The river of {subject} is the {object}."
        let found = try await find(
            "relation", "flows", "--facts", "facts.tsv", "--template", statement)
        print("relation '\(statement)': \(found)")
        let right = try #require(found["right"] as? Double)
        let shuffled = try #require(found["shuffled"] as? Double)
        #expect(right > shuffled)
        let files = try #require(found["files"] as? [String: String])
        for path in files.values {
            #expect(try Concept(contentsOf: desk.folder.file(path)).layers.map(\.site) == [.residual(2)])
        }
        try await desk.vane("find", "relation", "r", "--facts", "facts.tsv", "--template", "no marks")
            .expectFailure(64, ["{subject}"])
        try desk.folder.write("one\ttwo\tthree\n", to: "wide.tsv")
        try await desk.vane("find", "relation", "r", "--facts", "wide.tsv", "--template", statement)
            .expectFailure(65, ["wide.tsv", "line 1"])
    }

    @Test("words guide what is written, in both forms; what makes no sense is refused")
    func guide() async throws {
        try desk.folder.write("lovely\nsplendid\nsuperb\n", to: "good.txt")
        let listed = try await steered(
            "The film", "--guide-words", "lovely,splendid,superb", "--guide-against", "awful,dull,dreadful")
        let file = try await steered(
            "The film", "--guide-words", "good.txt", "--guide-against", "awful,dull,dreadful")
        #expect(text(listed) == text(file) && text(listed) != text(listed, "unsteered"))
        let guide = try #require(listed["guide"] as? [String: Any])
        #expect(guide["candidates"] as? Int == 4)
        #expect(guide["words"] as? [String] == ["lovely", "splendid", "superb"])
        let (plain, led) = (guide["unsteered"] as? Double, guide["steered"] as? Double)
        #expect(try #require(led) > (try #require(plain)))
        let human = try await desk.vane("steer", "The film", "--guide-words", "lovely", "--max-tokens", "4")
        #expect(human.status == 0 && human.output.contains("frame correlation"))
        try await desk.vane("steer", "x", "--guide-candidates", "3").expectFailure(64, ["--guide-words"])
        try await desk.vane("steer", "x", "--guide-words", ",").expectFailure(64, ["--guide-words"])
        try await desk.vane("steer", "x", "--guide-words", "a", "--guide-candidates", "0")
            .expectFailure(64, ["1 and 256"])
    }
}
