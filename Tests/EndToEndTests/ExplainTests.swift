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
        // Layers, heads and the concept by layer and token.
        #expect(page.components(separatedBy: "<svg").count == 1 + 3)
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
        ] {
            let all = ["explain"] + arguments + ["--texts", "texts.txt"]
            let shown = try await ProcessRunner.vane(all, in: desk.folder)
            #expect(shown.status == 0 && shown.error.isEmpty && !shown.output.isEmpty, "\(shown)")
            let object = try await ProcessRunner.vane(all + ["--json"], in: desk.folder).object()
            for key in keys { #expect(object[key] != nil, "\(arguments) \(key)") }
        }
    }

    @Test("bad input is refused with a sentence")
    func refused() async throws {
        try await desk.vane("explain").expectFailure(64, ["--prompt"])
        try await desk.vane("explain", "film", "--health").expectFailure(64, ["one thing"])
        try await desk.vane("explain", "--health", "--token", "x").expectFailure(64, ["--token"])
        try await desk.vane("explain", "--health", "--svg", "x.svg").expectFailure(64, ["--svg"])
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
