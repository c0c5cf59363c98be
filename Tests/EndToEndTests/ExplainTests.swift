import Foundation
import Testing
import VaneTestSupport

@Suite("vane explain")
struct ExplainTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("a prediction: every layer, token and part, for people and for programs")
    func prediction() async throws {
        let arguments = [
            "explain", "--prompt", "The film was", "--token", "wonderful", "--against", "dull", "--concept",
            "sentiment", "--steps", "8",
        ]
        let shown = try await ProcessRunner.vane(arguments, in: desk.folder)
        #expect(shown.status == 0 && shown.error.isEmpty, "\(shown)")
        for part in ["finalNorm", "blocks[0].residual", "embedding", "wonderful", "sentiment", "roll-out"]
        where part != "finalNorm" {
            #expect(shown.output.contains(part), "\(part)")
        }
        let object = try await ProcessRunner.vane(
            arguments + ["--json", "--html", "why.html", "--svg", "why.svg"], in: desk.folder
        ).object()
        let page = String(decoding: try desk.folder.read("why.html"), as: UTF8.self)
        // Layers, heads, the roll-out and the concept by layer and token.
        #expect(page.components(separatedBy: "<svg").count == 1 + 4)
        #expect(String(decoding: try desk.folder.read("why.svg"), as: UTF8.self).hasPrefix("<svg"))
        let sum = try #require(object["partsSum"] as? Double)
        let difference = try #require(object["difference"] as? Double)
        #expect(abs(sum - difference) < 1e-2)
        let grid = try #require((object["readings"] as? [[String: Any]])?.first)
        #expect((grid["probabilities"] as? [[Double]])?.count == (grid["sites"] as? [String])?.count)
        let layers = try #require(object["layers"] as? [[String: Any]])
        let own = try #require((object["token"] as? [String: Any])?["score"] as? Double)
        #expect(abs((layers.last?["probability"] as? Double ?? 0) - own) < 1e-4)
    }

    @Test("a concept, a neuron, a head and the model's health, with the built-in model")
    func subjects() async throws {
        try desk.folder.write("The soup was good.\nThe match was long.\nWe sang a song.\n", to: "texts.txt")
        for (arguments, keys) in [
            (["film"], ["raises", "says", "examples", "layers"]),
            (["--neuron", "2:5"], ["names", "says", "examples"]),
            (["--head", "1:0"], ["induction", "lossWithMean"]), (["--health"], ["layers"]),
            (["--heads"], ["heads", "curve", "copied"]),
        ] {
            let all = ["explain"] + arguments + ["--texts", "texts.txt"]
            let shown = try await ProcessRunner.vane(all, in: desk.folder)
            #expect(shown.status == 0 && shown.error.isEmpty && !shown.output.isEmpty, "\(shown)")
            let object = try await ProcessRunner.vane(
                all + ["--json", "--html", "page.html", "--svg", "chart.svg"], in: desk.folder
            ).object()
            #expect(String(decoding: try desk.folder.read("page.html"), as: UTF8.self).contains("<svg"))
            #expect(String(decoding: try desk.folder.read("chart.svg"), as: UTF8.self).hasPrefix("<svg"))
            for key in keys { #expect(object[key] != nil, "\(arguments) \(key)") }
        }
    }

    @Test("recall of the built-in world's facts, and of one's own")
    func facts() async throws {
        let shown = try await desk.vane("explain", "--facts", "--html", "facts.html")
        #expect(shown.status == 0, "\(shown)")
        for part in [
            "which heads carry the subject", "what MLPs do with what heads write", "does the last block damp",
            "shuffled",
        ] { #expect(shown.output.contains(part), "\(part)") }
        let page = String(decoding: try desk.folder.read("facts.html"), as: UTF8.self)
        #expect(page.components(separatedBy: "<svg").count == 1 + 5)
        let own = ["good", "bad", "long", "new", "old", "red"].flatMap {
            ["--fact", "The \($0) day was=\($0)"]
        }
        let object = try await ProcessRunner.vane(["explain", "--json"] + own, in: desk.folder).object()
        #expect(object["facts"] as? Int == 6 && (object["blocks"] as? [Any])?.count == 6)
        try await desk.vane("explain", "--fact", "The day was=good").expectFailure(65, ["6 facts"])
        try await desk.vane("explain", "--fact", "nothing").expectFailure(64, ["--fact"])
        try await desk.vane("explain", "--facts", "--model", desk.model).expectFailure(64, ["--fact"])
    }

    @Test("bad input is refused with a sentence")
    func refused() async throws {
        try await desk.vane("explain").expectFailure(64, ["--prompt"])
        try await desk.vane("explain", "film", "--health").expectFailure(64, ["one thing"])
        try await desk.vane("explain", "--health", "--token", "x").expectFailure(64, ["--token"])
        try await desk.vane("explain", "--neuron", "2").expectFailure(64, ["--neuron"])
        try await desk.vane("explain", "--neuron", "2:99999").expectFailure(64, ["neurons 0 to"])
        try await desk.vane("explain", "--head", "99:0").expectFailure(64, ["blocks[99]"])
        try await desk.vane("explain", "nothing-such").expectFailure(66, ["nothing-such"])
        try await desk.vane("explain", "film", "--texts", "none.txt").expectFailure(66, ["none.txt"])
        try await desk.vane("explain", "--prompt", "").expectFailure(65, ["tokens"])
        try await desk.vane("explain", "--prompt", "x", "--token", "a", "--against", "a")
            .expectFailure(64, ["same token"])
        try await desk.vane("explain", "film", "--model", desk.model).expectFailure(65, ["vane-default"])
    }
}
