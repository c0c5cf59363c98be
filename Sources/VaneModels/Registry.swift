import VaneSites
import VaneTensors
public import VaneWeights

/// How weights of one family become a network. One file an architecture, in `Decoders/`.
protocol Architecture: SendableMetatype {
    /// The values of `model_type` in `config.json` that mean this architecture.
    static var modelTypes: [String] { get }
    /// Builds the network.
    static func load(_ configuration: ModelConfiguration, _ weights: WeightScope) throws -> DecoderNetwork
}

/// The map from a model's `model_type` to its architecture: the place to start reading this module.
public enum Registry {
    private static let architectures: [any Architecture.Type] = [GPT2.self, GPTNeo.self, Llama.self]

    /// The values of `model_type` that can be loaded.
    public static var modelTypes: [String] { architectures.flatMap { $0.modelTypes }.sorted() }

    /// Loads the model in a Hugging Face folder: `config.json` and `model.safetensors` or its shards.
    ///
    /// - Throws: ``ModelError`` or `WeightsError`, naming file, key and expectation.
    public static func load(folder: String) throws -> DecoderNetwork {
        let configuration = try ModelConfiguration(folder: folder)
        let architecture = try architecture(of: configuration)
        return try architecture.load(configuration, WeightScope(checkpoint: FolderCheckpoint(folder: folder)))
    }

    /// Builds a model from a configuration and weights that are already at hand.
    ///
    /// - Throws: ``ModelError`` or `WeightsError`.
    public static func load(
        configuration: ModelConfiguration, checkpoint: any Checkpoint
    ) throws -> DecoderNetwork {
        try architecture(of: configuration).load(configuration, WeightScope(checkpoint: checkpoint))
    }

    private static func architecture(of configuration: ModelConfiguration) throws -> any Architecture.Type {
        let type = try configuration.modelType
        guard let architecture = architectures.first(where: { $0.modelTypes.contains(type) }) else {
            throw ModelError(
                .unknownArchitecture,
                "\(configuration.name): model_type '\(type)' is not known; known are "
                    + modelTypes.joined(separator: ", "))
        }
        return architecture
    }
}

extension Architecture {
    /// The output head: `lm_head.weight`, or the embedding when tied.
    static func head(_ weights: WeightScope, tied: Bool, _ tokens: Tensor) throws -> PackedMatrix {
        try PackedMatrix(tied ? tokens : weights("lm_head").tensor("weight", shape: tokens.shape))
    }
}
