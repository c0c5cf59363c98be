import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("vane sae")
struct SAETests {
    @Test("a dictionary is trained, measured beside its controls, shown, and a direction of it imported")
    func wholeWay() async throws {
        let desk = try Desk()
        let corpus = try await desk.vane("models", "corpus", "--count", "40", "--json")
        try desk.folder.write(corpus.output, to: "texts.json")
        let arguments = [
            "sae", "train", "--texts", "texts.json", "--at", "blocks[3].residual", "--latents", "256", "--k",
            "16",
            "--tokens", "20000", "--batch", "256", "--output", "dictionary", "--json",
        ]
        let trained = try await ProcessRunner.vane(arguments, in: desk.folder)
        #expect(trained.status == 0, "\(trained)")
        let object = try trained.object()
        #expect(
            object["latents"] as? Int == 256 && (object["unexplained"] as? Double ?? 1) < 0.6, "\(object)")
        let names = try FileManager.default.contentsOfDirectory(atPath: desk.folder.file("dictionary"))
            .sorted()
        #expect(names == ["cfg.json", "sae_weights.safetensors", "training.json"])
        let again = try await ProcessRunner.vane(
            arguments.map { $0 == "dictionary" ? "second" : $0 }, in: desk.folder)
        #expect(again.status == 0)
        #expect(
            try desk.folder.read("dictionary/sae_weights.safetensors")
                == desk.folder.read("second/sae_weights.safetensors"))

        let measured = try await desk.vane(
            "sae", "eval", "dictionary", "--texts", "texts.json", "--control-tokens", "8000", "--json")
        #expect(measured.status == 0, "\(measured)")
        let rows = try #require(try measured.object()["rows"] as? [[String: Any]])
        #expect(
            rows.map { $0["name"] as? String } == ["dictionary", "random directions", "random weights"])
        let explained = rows.map { $0["explained"] as? Double ?? .nan }
        #expect(explained[0] > explained[1] + 0.2, "\(explained)")
        let table = try await desk.vane("sae", "eval", "dictionary", "--texts", "texts.json", "--no-control")
        #expect(table.status == 0 && table.output.contains("random directions"))

        let shown = try await desk.vane(
            "sae", "show", "dictionary", "--texts", "texts.json", "--top", "3", "--json")
        let listed = try #require(try shown.object()["shown"] as? [[String: Any]])
        #expect(listed.count == 3 && (listed[0]["raised"] as? [String])?.count == 5)
        let one = try await desk.vane("sae", "show", "dictionary", "--texts", "texts.json", "--latent", "7")
        #expect(one.status == 0 && one.output.contains("7  active at"))
        let feature = try SparseAutoencoder(folder: desk.folder.file("dictionary")).feature(7)
        #expect(Array(feature.vectors.keys) == [.residual(3)])
    }

    @Test("what cannot be done is refused by name")
    func refused() async throws {
        let desk = try Desk()
        for (arguments, status, word) in [
            (["sae", "eval", "none", "--texts", "happy.txt"], Int32(66), "none"),
            (["sae", "train", "--texts", "happy.txt", "--at", "here", "--output", "d"], 64, "here"),
            (["sae", "train", "--texts", "no.txt", "--at", "embedding", "--output", "d"], 66, "no.txt"),
            (
                ["sae", "train", "--texts", "happy.txt", "--at", "blocks[99].mlp", "--output", "d"], 64,
                "blocks[99]"
            ),
            (
                [
                    "sae", "train", "--texts", "happy.txt", "--at", "embedding", "--latents", "4", "--output",
                    "d",
                ], 64,
                "k must lie"
            ),
        ] {
            let result = try await ProcessRunner.vane(arguments, in: desk.folder)
            #expect(result.status == status && result.error.contains(word), "\(arguments): \(result)")
        }
    }
}
