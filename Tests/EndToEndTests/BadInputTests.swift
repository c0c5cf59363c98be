import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("What vane says to bad input")
struct BadInputTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func learn(
        _ positive: String, _ negative: String = "sad.txt", _ more: String..., model: String? = nil
    ) async throws -> ProcessResult {
        let arguments = [
            "learn", "joy", "--positive", positive, "--negative", negative, "--model", model ?? desk.model,
        ]
        let before = try desk.folder.names()
        let result = try await ProcessRunner.vane(arguments + more, in: desk.folder)
        #expect(try desk.folder.names() == before, "nothing half-written is left")
        return result
    }

    @Test("a missing file or model folder: 66")
    func missing() async throws {
        try await learn("nowhere.txt").expectFailure(66, ["nowhere.txt"])
        try await learn("happy.txt", model: "nowhere").expectFailure(66, ["nowhere"])
        try await learn("happy.txt", model: desk.folder.path).expectFailure(66, ["config.json"])
        try await desk.vane("show", "nowhere.vane").expectFailure(66, ["nowhere.vane"])
        try await learn("happy.txt", model: desk.brokenModel(["model.safetensors": nil]))
            .expectFailure(66, ["model.safetensors"])
    }

    @Test("a model without tokenizer: 66")
    func noTokenizer() async throws {
        try await learn("happy.txt", model: desk.brokenModel(["tokenizer.json": nil]))
            .expectFailure(66, ["tokenizer.json"])
    }

    @Test("unusable examples: 65")
    func examples() async throws {
        try desk.folder.write("\n\n", to: "empty.txt")
        try desk.folder.write("one\ntwo\nthree\n", to: "three.txt")
        try desk.folder.write(Data([0x61, 0x0A, 0xFF, 0xFE]), to: "latin.txt")
        let one = "text\tlabel\n" + (0..<20).map { "text \($0)\t1\n" }.joined()
        try desk.folder.write(one, to: "one-class.tsv")
        try await learn("empty.txt").expectFailure(65, ["no positive examples"])
        try await learn("three.txt").expectFailure(65, ["3 positive examples are too few"])
        try await learn("latin.txt").expectFailure(65, ["latin.txt", "UTF-8"])
        try await learn("happy.txt", "happy.txt").expectFailure(65, ["both classes"])
        try await desk.vane("learn", "x", "--examples", "one-class.tsv", "--model", desk.model)
            .expectFailure(65, ["no negative examples"])
    }

    @Test("damaged weights: 65", arguments: ["half", "header", "length", "short"])
    func weights(damage: String) async throws {
        let url = URL(fileURLWithPath: "\(desk.model)/model.safetensors")
        var bytes = try Data(contentsOf: url)
        switch damage {
        case "half": bytes = bytes.prefix(bytes.count / 2)
        case "header": bytes = bytes.prefix(100)
        case "length": bytes.replaceSubrange(0..<8, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
        default: bytes = bytes.prefix(5)
        }
        let model = try desk.brokenModel(["model.safetensors": bytes])
        try await learn("happy.txt", model: model).expectFailure(65, ["model.safetensors"])
    }

    @Test("a configuration of an unknown model, or none at all: 65")
    func configuration() async throws {
        let unknown = try desk.brokenModel(["config.json": Data(#"{"model_type": "bert9000"}"#.utf8)])
        try await learn("happy.txt", model: unknown).expectFailure(65, ["bert9000", "gpt2"])
        try FileManager.default.removeItem(atPath: unknown)
        let broken = try desk.brokenModel(["config.json": Data("{".utf8)])
        try await learn("happy.txt", model: broken).expectFailure(65, ["config.json"])
    }

    @Test("a concept of another model: 65, with both fingerprints")
    func otherModel() async throws {
        try await desk.learn()
        let llama = PlantedModels.llama.folder
        let fingerprints = try [desk.model, llama].map {
            String(try LanguageModel(folder: $0).identity.fingerprint.prefix(16))
        }
        #expect(fingerprints[0] != fingerprints[1])
        try await desk.vane("steer", "Hi", "--model", llama, "--concept", "joy.vane=0.9").expectFailure(
            65, fingerprints)
        try await desk.vane("score", "joy.vane", "--model", llama, "--text", "Hi").expectFailure(
            65, fingerprints)
        try await desk.vane(
            "evaluate", "joy.vane", "--model", llama, "--prompts", "prompts.txt", "--judge-positive",
            "happy.txt",
            "--judge-negative", "sad.txt"
        ).expectFailure(65, fingerprints)
    }

    @Test("a file that is no concept: 65")
    func noConcept() async throws {
        try await desk.vane("show", "happy.txt").expectFailure(65, ["happy.txt"])
        try await desk.vane("show", "\(desk.model)/model.safetensors").expectFailure(65, ["not a concept"])
        try await desk.learn()
        try desk.folder.write(desk.folder.read("joy.vane").prefix(2000), to: "cut.vane")
        try await desk.vane("show", "cut.vane").expectFailure(65, ["cut.vane"])
    }

    @Test("targets, layers, options and flags outside their range: 64")
    func usage() async throws {
        try await desk.learn()
        for target in ["0", "1", "1.5", "-1", "nan"] {
            try await desk.vane("steer", "Hi", "--model", desk.model, "--concept", "joy.vane=\(target)")
                .expectFailure(64, ["between 0 and 1"])
        }
        try await desk.vane("steer", "Hi", "--model", desk.model, "--concept", "joy.vane", "--layers", "7..9")
            .expectFailure(64, ["9", "0 to 2"])
        try await desk.vane("score", "joy.vane", "--model", desk.model, "--text", "Hi", "--layer", "99")
            .expectFailure(64, ["blocks[99].residual"])
        try await learn("happy.txt", "sad.txt", "--sites", "blocks[9].residual").expectFailure(64, ["9"])
        try await learn("happy.txt", "sad.txt", "--sites", "blocks[").expectFailure(64, ["blocks["])
        try await learn("happy.txt", "sad.txt", "--bogus").expectFailure(64, ["--bogus"])
        try await desk.vane("steer", "Hi", "--model", desk.model).expectFailure(64, ["--concept"])
        try await desk.vane("steer", "", "--model", desk.model, "--concept", "joy.vane").expectFailure(
            64, ["no tokens"])
        try await desk.vane("generate", "", "--model", desk.model).expectFailure(64, ["no tokens"])
        try await desk.vane("generate", "x", "--model", desk.model, "--top-p", "2").expectFailure(
            64, ["top-p"])
        try await desk.vane("sing").expectFailure(64, ["sing"])
    }

    @Test("an output that cannot be written: 1")
    func unwritable() async throws {
        try await learn("happy.txt", "sad.txt", "--output", "no/such/joy.vane").expectFailure(
            1, ["no/such/joy.vane"])
        // A name that cannot be a file's is seen at once.
        try await desk.vane(
            "learn", "a/b", "--positive", "happy.txt", "--negative", "sad.txt", "--model", desk.model
        )
        .expectFailure(64, ["--output"])
    }

    @Test("steering that cannot reach the output: 1")
    func noReach() async throws {
        try await desk.learn()
        try await desk.vane(
            "steer", "The day", "--model", desk.model, "--concept", "joy.vane", "--layers", "2", "--scope",
            "prompt"
        ).expectFailure(1, ["blocks[2].residual", "does not change"])
    }
}
