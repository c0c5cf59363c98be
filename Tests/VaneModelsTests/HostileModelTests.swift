import Foundation
import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Bad models and bad calls are refused with the reason")
struct HostileModelTests {
    /// The fixture's tensors in memory, some of them changed.
    private func load(_ fixture: ModelFixture, _ change: (inout [String: Tensor]) throws -> Void) throws {
        let folder = try FolderCheckpoint(folder: fixture.folder)
        var tensors: [String: Tensor] = [:]
        for name in folder.tensorNames { tensors[name] = try folder.tensor(named: name) }
        try change(&tensors)
        _ = try Registry.load(
            configuration: fixture.configuration(),
            checkpoint: MemoryCheckpoint(name: "memory.st", tensors: tensors))
    }

    @Test("a missing tensor is named with its file", arguments: ModelFixture.allCases)
    func missingTensor(fixture: ModelFixture) throws {
        let names = try FolderCheckpoint(folder: fixture.folder).tensorNames
        #expect(names.count > 20)
        for name in names {
            let error = #expect(throws: WeightsError.self, "\(name)") { try load(fixture) { $0[name] = nil } }
            #expect(error?.code == .missingTensor)
            // Without its embedding, a prefixed GPT-2 is looked for under the names without prefix.
            let bare = fixture == .gpt2 || fixture == .gpt2Sharded ? "wte.weight" : name
            #expect(
                error?.message == "memory.st lacks the tensor '\(name)'"
                    || error?.message == "memory.st lacks the tensor '\(bare)'")
        }
        // The control: nothing removed, nothing thrown.
        try load(fixture) { _ in }
    }

    @Test("a tensor of another shape is named with both shapes", arguments: ModelFixture.allCases)
    func wrongShape(fixture: ModelFixture) throws {
        for name in try FolderCheckpoint(folder: fixture.folder).tensorNames {
            var shape: Shape = []
            let error = #expect(throws: WeightsError.self, "\(name)") {
                try load(fixture) {
                    shape = $0[name]?.shape ?? []
                    $0[name] = Tensor(zeros: [3, 2])
                }
            }
            #expect(error?.code == .unexpectedTensor)
            for part in ["memory.st", name, "[3, 2]", "\(shape)"] {
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test(
        "a token outside the vocabulary is refused and the sequence can go on",
        arguments: [-1, 300, .max, .min])
    func unknownToken(token: Int) throws {
        let network = try ModelFixture.gpt2.load()
        let state = network.makeSequence()
        let error = #expect(throws: SiteError.self) {
            try network.forward(
                [SequenceInput(state: state, tokens: [1, token], promptLength: 2)], output: .lastLogits)
        }
        #expect(error?.code == .unknownToken)
        #expect(error?.message.contains("\(token)") == true && error?.message.contains("300") == true)
        #expect(state.count == 0)
        let next = SequenceInput(state: state, tokens: [1, 2], promptLength: 2)
        let logits = rowBits(try #require(try network.forward([next], output: .allLogits)))
        #expect(try logits == ModelRun(network, [1, 2]).logits)
    }

    @Test("the last position can be used and the one after it is refused", arguments: ModelFixture.allCases)
    func tooManyPositions(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let state = network.makeSequence()
        let tokens = network.layout.randomTokens(64, seed: 15)
        _ = try network.forward(
            [SequenceInput(state: state, tokens: tokens, promptLength: 64)], output: .none)
        let error = #expect(throws: SiteError.self) {
            try network.forward([SequenceInput(state: state, tokens: [1], promptLength: 64)], output: .none)
        }
        #expect(error?.code == .contextExceeded)
        #expect(error?.message == "65 tokens are more than the model's 64 positions")
        #expect(state.count == 64)
    }

    @Test(
        "a hook at a site that does not exist is refused",
        arguments: [
            Site.residual(3), .attentionOutput(3), .mlpOutput(-1), .mlpHidden(99), .head(layer: 0, head: 4),
            .head(layer: 3, head: 0), .head(layer: 0, head: -1),
        ])
    func unknownSite(site: Site) throws {
        let network = try ModelFixture.gpt2.load()
        let input = SequenceInput(
            state: network.makeSequence(), tokens: [1], hooks: ActivationRecorder().hooks(at: [site]),
            promptLength: 1)
        let error = #expect(throws: SiteError.self) { try network.forward([input], output: .none) }
        #expect(error?.code == .unknownSite && error?.message.hasPrefix("\(site) does not exist") == true)
    }

    @Test("no tokens, another network's state, and a state twice are refused")
    func unusable() throws {
        let network = try ModelFixture.gpt2.load()
        let empty = SequenceInput(state: network.makeSequence(), tokens: [], promptLength: 0)
        #expect(throws: SiteError.self) { try network.forward([empty], output: .none) }
        #expect(try network.forward([], output: .lastLogits)?.elements == nil)
        let twice = network.makeSequence()
        let same = (0..<2).map { _ in SequenceInput(state: twice, tokens: [1], promptLength: 1) }
        #expect(throws: SiteError.self) { try network.forward(same, output: .none) }
        let twin = SequenceInput(
            state: try ModelFixture.gpt2.load().makeSequence(), tokens: [1], promptLength: 1)
        #expect(throws: SiteError.self) { try network.forward([twin], output: .none) }
        let other = try ModelFixture.gptNeo.load().makeSequence()
        let error = #expect(throws: SiteError.self) {
            try network.forward([SequenceInput(state: other, tokens: [1], promptLength: 1)], output: .none)
        }
        #expect(error?.code == .unusableState)
    }

    @Test("folders that hold no model say what is missing")
    func folders() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "vane-\(UUID().uuidString)")
        #expect(throws: ModelError.self) { try Registry.load(folder: folder.path) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let missing = #expect(throws: ModelError.self) { try Registry.load(folder: folder.path) }
        #expect(missing?.code == .unreadable && missing?.message.contains("config.json") == true)

        let config = try Data(contentsOf: Fixtures.url("models/gpt2/config.json"))
        try config.write(to: folder.appendingPathComponent("config.json"))
        let bare = #expect(throws: WeightsError.self) { try Registry.load(folder: folder.path) }
        #expect(bare?.message.contains("neither model.safetensors nor") == true)
        try Data("x".utf8).write(to: folder.appendingPathComponent("pytorch_model.bin"))
        let pickled = #expect(throws: WeightsError.self) { try Registry.load(folder: folder.path) }
        #expect(pickled?.code == .unreadable && pickled?.message.contains("a pickle can run code") == true)
        #expect(pickled?.message.contains(folder.path) == true)
    }
}
