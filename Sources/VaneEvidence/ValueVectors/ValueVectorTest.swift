import Synchronization
public import VaneConcepts
public import VaneSites
import VaneTensors

/// Whether a concept's texts hang on a value vector (row 6's causal validation, and its Needle as an edit).
///
/// Normal noise is added to one column of an MLP's output matrix, `v_j ← v_j + e`, which adds `a_j e` to what the MLP writes
/// (`a_j` the neuron's activation): the model is left as it is and any architecture will do. The negative log-likelihood
/// of the concept's texts and of other texts, nats a token, says what is lost. Beside it stand random columns of the same
/// block under noise as long, against their own columns.
///
/// The paper takes noise of standard deviation 0.1 on Llama-2-7B, some five times the length of a column there; here the
/// length is given in lengths of the column, so that it means the same in every model.
public struct ValueVectorTest: Sendable, Hashable {
    /// How noise is drawn.
    public struct Options: Sendable, Hashable, Codable {
        /// The noise's length, in lengths of the column.
        public var noise = 5.0
        /// Draws of noise a column, whose losses are averaged.
        public var draws = 3
        /// Random columns beside it.
        public var controls = 16
        /// Seeds the draws.
        public var seed: UInt64 = 0

        /// With default options.
        public init() {}
    }

    /// What noise on one column does.
    public struct Effect: Sendable, Hashable, Codable {
        /// The neuron whose column it is.
        public let neuron: Int
        /// By how much the loss of the concept's texts rises, nats a token.
        public let concept: Double
        /// By how much that of the other texts rises.
        public let other: Double
        /// What the concept's texts lose more.
        public var selectivity: Double { concept - other }
    }

    /// The column asked about.
    public let effect: Effect
    /// Random columns of the same block.
    public let controls: [Effect]
    /// The part of the columns, this one among them, that are at least as selective: a permutation p-value, at best
    /// `1/(controls + 1)`.
    public var pValue: Double {
        Double(1 + controls.count { $0.selectivity >= effect.selectivity }) / Double(controls.count + 1)
    }

    /// Tests one column.
    ///
    /// - Parameters:
    ///   - layer: the block, counted from 0.
    ///   - neuron: the entry of `.mlpHidden`.
    ///   - concept: texts that need the concept; what comes after each prompt is scored.
    ///   - other: texts that do not.
    ///   - network: the network.
    ///   - options: the noise.
    ///   - progress: called with the part that is done.
    /// - Throws: ``EvidenceError`` `invalidOption`, `unsupportedNetwork`; `ConceptError` `unusableExamples` for a class
    ///   without texts; `SiteError`.
    public init(
        layer: Int, neuron: Int, concept: [PromptedText], other: [PromptedText],
        in network: any ReadableNetwork, options: Options = Options(), progress: ((Double) -> Void)? = nil
    ) throws {
        guard options.noise > 0, options.noise.isFinite, options.draws > 0, options.controls >= 0 else {
            throw EvidenceError(.invalidOption, "noise and its draws are above 0, controls not below")
        }
        let limit = network.layout.maximumPositions
        let shown = try concept.fitting(limit, "the concept's texts")
        let hidden = try other.fitting(limit, "the other texts")
        let vectors = try ValueVectors(network)
        _ = try vectors.column(layer: layer, neuron: neuron)
        let count = try network.layout.width(of: .mlpHidden(layer))
        var generator = SeededGenerator(seed: options.seed)
        let chosen = generator.shuffled((0..<count).filter { $0 != neuron }).prefix(options.controls)
        func loss(_ texts: [PromptedText], _ hooks: () -> Hooks) throws -> Double {
            let writings = try LikelihoodPass.writings(of: texts, batchTokens: 2048, in: network) { _ in
                hooks()
            }
            let tokens = texts.reduce(0) { $0 + $1.continuation.count }
            return writings.reduce(0) { $0 + $1.loss } / Double(tokens)
        }
        let calm = try (loss(shown) { Hooks() }, loss(hidden) { Hooks() })
        var effects: [Effect] = []
        for number in [neuron] + chosen {
            let column = try vectors.column(layer: layer, neuron: number)
            let length = Numbers.norm(column.map(Double.init)) * options.noise
            var rise = (concept: 0.0, other: 0.0)
            for _ in 0..<options.draws {
                let noise = generator.unitVector(width: column.count).map { $0 * Float(length) }
                let hooks = { ColumnNoise(noise, neuron: number).hooks(layer: layer) }
                rise.concept += try loss(shown, hooks) - calm.0
                rise.other += try loss(hidden, hooks) - calm.1
            }
            let draws = Double(options.draws)
            effects.append(Effect(neuron: number, concept: rise.concept / draws, other: rise.other / draws))
            progress?(Double(effects.count) / Double(chosen.count + 1))
        }
        guard let own = effects.first else { throw EvidenceError(.invalidOption, "no column was tested") }
        effect = own
        controls = Array(effects.dropFirst())
    }
}

/// What noise on a column adds: each token's activation of the neuron times the noise. One for each sequence.
private final class ColumnNoise: Tap, Edit {
    private let noise: [Float]
    private let neuron: Int
    private let activations = Mutex<[Float]>([])

    init(_ noise: [Float], neuron: Int) {
        self.noise = noise
        self.neuron = neuron
    }

    func hooks(layer: Int) -> Hooks {
        var hooks = Hooks()
        hooks.add(self as any Tap, at: .mlpHidden(layer))
        hooks.add(self as any Edit, at: .mlpOutput(layer))
        return hooks
    }

    func read(_ activation: Activation) {
        guard neuron < activation.width else { return }
        activations.withLock { $0 = (0..<activation.rows).map { activation[$0][neuron] } }
    }

    func apply(to activation: Activation) {
        let values = activations.withLock { $0 }
        guard noise.count == activation.width, values.count == activation.rows else { return }
        for (row, value) in values.enumerated() {
            let state = activation[row]
            for j in noise.indices { state[j] += value * noise[j] }
        }
    }
}
