import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Windows and grouped heads", .tags(.law))
struct AttentionShapeTests {
    @Test("a window shorter than the text changes the result, one as long does not")
    func windowMatters() throws {
        let tokens = try ModelFixture.gptNeo.load().layout.randomTokens(24, seed: 11)
        func logits(_ changes: [String: Any?]) throws -> [[UInt32]] {
            try ModelRun(ModelFixture.gptNeo.load(changing: changes), tokens).logits
        }
        let global = try logits(["attention_layers": [String](repeating: "global", count: 4)])
        #expect(try logits(["window_size": 24]) == global)
        let windowed = try logits([:])
        #expect(Array(windowed[..<5]) == Array(global[..<5]), "five tokens fit into the window of 5")
        for position in 5..<24 { #expect(windowed[position] != global[position], "position \(position)") }
        // The older key gives the same blocks.
        #expect(try logits(["attention_layers": nil]) == windowed)
    }

    @Test("with local blocks only, a token is out of sight after depth · (window − 1) positions")
    func receptiveField() throws {
        let local = try ModelFixture.gptNeo.load(
            changing: ["attention_layers": [String](repeating: "local", count: 4)])
        var tokens = local.layout.randomTokens(30, seed: 12)
        let before = try ModelRun(local, tokens).logits
        tokens[0] = (tokens[0] + 1) % local.layout.vocabulary
        let after = try ModelRun(local, tokens).logits
        let reach = 4 * (5 - 1)
        for position in 0...reach { #expect(after[position] != before[position], "position \(position)") }
        for position in reach + 1..<30 {
            #expect(after[position] == before[position], "position \(position)")
        }
    }

    @Test("grouped heads are full heads with keys and values repeated")
    func grouped() throws {
        let checkpoint = try FolderCheckpoint(folder: ModelFixture.llama.folder)
        let network = try ModelFixture.llama.load()
        let tokens = network.layout.randomTokens(20, seed: 13)
        let headRows = 8 * 48
        /// The network with six key-value heads, head `h` a copy of the stored head `source(h)`.
        func full(_ source: (Int) -> Int) throws -> [[UInt32]] {
            var tensors: [String: Tensor] = [:]
            for name in checkpoint.tensorNames {
                let tensor = try #require(try checkpoint.tensor(named: name))
                guard name.hasSuffix("k_proj.weight") || name.hasSuffix("v_proj.weight") else {
                    tensors[name] = tensor
                    continue
                }
                #expect(tensor.shape == [16, 48])
                let stored = tensor.elements
                let repeated = (0..<6).flatMap { stored[source($0) * headRows..<(source($0) + 1) * headRows] }
                tensors[name] = try Tensor(repeated, shape: [48, 48])
            }
            let configuration = try ModelFixture.llama.configuration(["num_key_value_heads": 6])
            let memory = MemoryCheckpoint(name: "memory", tensors: tensors)
            return try ModelRun(Registry.load(configuration: configuration, checkpoint: memory), tokens)
                .logits
        }
        let reference = try ModelRun(network, tokens).logits
        #expect(try full { $0 / 3 } == reference)
        #expect(try full { $0 % 2 } != reference, "the wrong order of repetition must not pass")
    }
}
