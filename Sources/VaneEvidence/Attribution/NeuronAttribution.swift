import VaneConcepts
public import VaneSites
import VaneTensors

/// Which MLP neurons a score of the next token rests on: `a_u · ∂f/∂a_u`, summed over the tokens (row 117's text
/// part, Schwettmann et al., arXiv 2308.01544).
///
/// To first order it is what the score loses when the neuron is set to 0 everywhere. The neuron's name is the
/// token that its output weights raise most; see `VocabularyNeurons`.
public struct NeuronAttribution: Sendable {
    /// A neuron with its part.
    public struct Neuron: Sendable, Hashable {
        /// The block, counted from 0.
        public let layer: Int
        /// The entry of `Site` `.mlpHidden`.
        public let index: Int
        /// Its part of the score.
        public let score: Double
    }

    /// Every neuron of the blocks read, the largest part first.
    public let neurons: [Neuron]
    /// The objective's value.
    public let value: Double

    /// Attributes the objective after a text's last token.
    ///
    /// - Parameters:
    ///   - objective: the score.
    ///   - tokens: the text's token ids.
    ///   - layers: the blocks; all if nil.
    ///   - network: the network.
    /// - Throws: ``EvidenceError``; `SiteError`.
    public init(
        of objective: Objective, _ tokens: [Int], layers: [Int]? = nil, in network: any DifferentiableNetwork
    ) throws {
        let layers = Set(layers ?? Array(0..<network.layout.depth)).sorted()
        let run = try OutputGradients(
            of: objective, [tokens], at: layers.map(Site.mlpHidden), in: network)
        var neurons: [Neuron] = []
        for layer in layers {
            guard let states = run.activations[.mlpHidden(layer)],
                let slopes = run.gradients[.mlpHidden(layer)]
            else { continue }
            let width = states.width
            var sums = [Double](repeating: 0, count: width)
            for (place, (a, g)) in zip(states.elements, slopes.elements).enumerated() {
                sums[place % width] += Double(a) * Double(g)
            }
            neurons += sums.enumerated().map { Neuron(layer: layer, index: $0, score: $1) }
        }
        self.neurons = neurons.sorted { ($1.score, $0.layer, $0.index) < ($0.score, $1.layer, $1.index) }
        value = run.values.first ?? 0
    }

    /// Hooks that set some neurons to 0 at every token.
    public static func silencing(_ neurons: some Sequence<Neuron>) -> Hooks {
        var hooks = Hooks()
        for (layer, group) in Dictionary(grouping: neurons, by: \.layer).sorted(by: { $0.key < $1.key }) {
            hooks.add(SilencingEdit(entries: group.map(\.index).sorted()), at: .mlpHidden(layer))
        }
        return hooks
    }
}

/// Sets some entries of every state to 0.
struct SilencingEdit: Edit {
    let entries: [Int]

    func apply(to activation: Activation) {
        for row in 0..<activation.rows {
            let values = activation[row]
            for entry in entries where values.indices.contains(entry) { values[entry] = 0 }
        }
    }
}
