import Foundation
public import Testing
public import VaneModels
public import VaneSites
import VaneTensors
import VaneWeights

/// The tiny models under `Tests/Fixtures/models`, made by `generate_models.py`.
public enum ModelFixture: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case gpt2
    case gpt2Sharded = "gpt2-bf16-sharded"
    case gptNeo = "gpt-neo"
    case llama

    public var testDescription: String { rawValue }
    /// The model's folder.
    public var folder: String { Fixtures.url("models/\(rawValue)").path }
    /// The network.
    public func load() throws -> DecoderNetwork { try Registry.load(folder: folder) }

    /// `config.json` with some values replaced; nil removes the key.
    public func configuration(_ changes: [String: Any?] = [:]) throws -> ModelConfiguration {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/config.json"))
        var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        for (key, value) in changes { object[key] = value }
        return try ModelConfiguration(json: JSONSerialization.data(withJSONObject: object), name: rawValue)
    }

    /// The network of ``configuration(_:)`` with the fixture's weights.
    public func load(changing changes: [String: Any?]) throws -> DecoderNetwork {
        try Registry.load(configuration: configuration(changes), checkpoint: FolderCheckpoint(folder: folder))
    }
}

extension NetworkLayout {
    /// Every site of the network, in the order of the forward pass.
    public var everySite: [Site] {
        var sites: [Site] = [.embedding, .finalNorm, .logits]
        for layer in 0..<depth {
            sites += [.attentionOutput(layer), .mlpHidden(layer), .mlpOutput(layer), .residual(layer)]
            sites += (0..<heads).map { .head(layer: layer, head: $0) }
        }
        return sites.sorted()
    }

    /// Random token ids.
    public func randomTokens(_ count: Int, seed: UInt64) -> [Int] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in generator.integer(below: vocabulary) }
    }
}
