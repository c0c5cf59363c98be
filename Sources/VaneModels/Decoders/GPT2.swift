import VaneSites
import VaneTensors

/// GPT-2: learnt positions, layer normalisation in front of each sublayer, fused projections stored as
/// `[inputs, outputs]`, head tied to the embedding.
///
/// Radford et al., Language Models are Unsupervised Multitask Learners, 2019.
enum GPT2: Architecture {
    static let modelTypes = ["gpt2"]

    static func load(_ configuration: ModelConfiguration, _ weights: WeightScope) throws -> DecoderNetwork {
        let width = try configuration.positive("n_embd")
        let heads = try configuration.positive("n_head")
        guard width % heads == 0 else {
            throw configuration.unexpected("n_head", "a divisor of n_embd = \(width)")
        }
        let layout = NetworkLayout(
            depth: try configuration.positive("n_layer", limit: 1 << 12), width: width, heads: heads,
            headWidth: width / heads, mlpWidth: try configuration.positive("n_inner", default: 4 * width),
            vocabulary: try configuration.positive("vocab_size"),
            maximumPositions: try configuration.positive("n_positions"))
        let epsilon = try configuration.number("layer_norm_epsilon", default: 1e-5)
        let activation = try configuration.activation("activation_function", default: "gelu_new")
        let isScaled = try configuration.flag("scale_attn_weights", default: true)
        let isScaledByLayer = try configuration.flag("scale_attn_by_inverse_layer_idx", default: false)

        // Some checkpoints carry the prefix of the class they were saved from.
        let root = try weights.has("transformer.wte.weight") ? weights("transformer") : weights
        let tokens = try root("wte").tensor("weight", shape: [layout.vocabulary, width])
        let blocks = try (0..<layout.depth).map { layer in
            let block = root("h.\(layer)")
            var scale: Float = isScaled ? 1 / Float(layout.headWidth).squareRoot() : 1
            if isScaledByLayer { scale /= Float(layer + 1) }
            return DecoderBlock(
                attentionNorm: try block.layerNorm("ln_1", width, epsilon: epsilon),
                attention: SelfAttention(
                    projection: .fused(
                        try block.linear(
                            "attn.c_attn", inputs: width, outputs: 3 * width, bias: true,
                            layout: .inputsByOutputs)),
                    output: try block.linear(
                        "attn.c_proj", inputs: width, outputs: width, bias: true, layout: .inputsByOutputs),
                    heads: heads, keyValueHeads: heads, headWidth: layout.headWidth, scale: scale, window: 0,
                    rotary: nil),
                mlpNorm: try block.layerNorm("ln_2", width, epsilon: epsilon),
                mlp: FeedForward(
                    gate: nil,
                    up: try block.linear(
                        "mlp.c_fc", inputs: width, outputs: layout.mlpWidth, bias: true,
                        layout: .inputsByOutputs),
                    down: try block.linear(
                        "mlp.c_proj", inputs: layout.mlpWidth, outputs: width, bias: true,
                        layout: .inputsByOutputs),
                    activation: activation))
        }
        return DecoderNetwork(
            layout: layout, tokens: tokens,
            positions: try root("wpe").tensor("weight", shape: [layout.maximumPositions, width]),
            blocks: blocks,
            finalNorm: try root.layerNorm("ln_f", width, epsilon: epsilon),
            head: try head(weights, tied: configuration.flag("tie_word_embeddings", default: true), tokens))
    }
}
