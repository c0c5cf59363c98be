public import VaneModels
import VaneSites
public import VaneTensors
import VaneWeights

/// The loss of a decoder on texts: mean cross-entropy of each token given those before it.
///
/// The network is put together from the parameters at every call, by the same code that loads a model, so
/// there is one definition of each architecture for inference and training.
public struct LanguageModelLoss {
    private let configuration: ModelConfiguration
    private let checkpointsBlocks: Bool

    /// The loss of the model that `configuration` describes.
    ///
    /// With `checkpointsBlocks` only what enters each block is kept for the gradient, and the block is run again
    /// there: the memory of one block's activations instead of all, for the time of a second forward pass; losses
    /// and gradients have the same bits.
    public init(_ configuration: ModelConfiguration, checkpointsBlocks: Bool = false) {
        self.configuration = configuration
        self.checkpointsBlocks = checkpointsBlocks
    }

    /// The mean over all predicted tokens of `texts`; recorded if the parameters are.
    ///
    /// - Throws: ``TrainingError`` `invalidInput` when no text has two tokens; errors of loading and of the
    ///   pass.
    public func callAsFunction(_ parameters: [String: Tensor], _ texts: [[Int]]) throws -> Tensor {
        let texts = texts.filter { $0.count > 1 }
        guard !texts.isEmpty else {
            throw TrainingError(.invalidInput, "a batch needs a text of at least two tokens")
        }
        let network = try Registry.load(
            configuration: configuration,
            checkpoint: MemoryCheckpoint(name: "parameters", tensors: parameters))
        let batch = texts.map {
            SequenceInput(
                state: network.makeSequence(), tokens: Array($0.dropLast()), promptLength: $0.count)
        }
        guard let logits = try pass(network, batch, parameters) else {
            throw TrainingError(.invalidInput, "the network gave no logits")
        }
        return try logits.crossEntropy(texts.flatMap { $0.dropFirst().map(Int32.init) })
    }

    private func pass(
        _ network: DecoderNetwork, _ batch: [SequenceInput], _ parameters: [String: Tensor]
    ) throws -> Tensor? {
        guard checkpointsBlocks, let tape = parameters.values.lazy.compactMap(\.tape).first else {
            return try network.forward(batch, output: .allLogits)
        }
        return try network.forward(batch, output: .allLogits, checkpointingBlocksOn: tape)
    }
}
