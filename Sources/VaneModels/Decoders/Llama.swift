import VaneSites
import VaneTensors

/// Llama: rotary positions, root-mean-square normalisation, gated MLP, grouped key-value heads.
///
/// Touvron et al., LLaMA, arXiv 2302.13971; Llama 2, arXiv 2307.09288.
enum Llama: Architecture {
    static let modelTypes = ["llama"]

    static func load(_ configuration: ModelConfiguration, _ weights: WeightScope) throws -> DecoderNetwork {
        let width = try configuration.positive("hidden_size")
        let heads = try configuration.positive("num_attention_heads")
        let keyValueHeads = try configuration.positive("num_key_value_heads", default: heads)
        guard heads % keyValueHeads == 0 else {
            throw configuration.unexpected(
                "num_key_value_heads", "a divisor of num_attention_heads = \(heads)")
        }
        let headWidth = try configuration.positive("head_dim", default: max(1, width / heads))
        guard headWidth % 2 == 0 else { throw configuration.unexpected("head_dim", "an even number") }
        let layout = NetworkLayout(
            depth: try configuration.positive("num_hidden_layers", limit: 1 << 12), width: width,
            heads: heads,
            headWidth: headWidth, mlpWidth: try configuration.positive("intermediate_size"),
            vocabulary: try configuration.positive("vocab_size"),
            maximumPositions: try configuration.positive("max_position_embeddings", default: 2048))
        let epsilon = try configuration.number("rms_norm_eps", default: 1e-6)
        let activation = try configuration.activation("hidden_act", default: "silu")
        let attentionBias = try configuration.flag("attention_bias", default: false)
        let mlpBias = try configuration.flag("mlp_bias", default: false)
        guard layout.maximumPositions <= (1 << 28) / headWidth else {
            throw configuration.unexpected("max_position_embeddings", "at most \((1 << 28) / headWidth)")
        }
        let rotary = RotaryTable(
            dimensions: headWidth, positions: layout.maximumPositions, base: try rotaryBase(configuration))

        let root = weights("model")
        let tokens = try root("embed_tokens").tensor("weight", shape: [layout.vocabulary, width])
        let queries = heads * headWidth
        let keys = keyValueHeads * headWidth
        let blocks = try (0..<layout.depth).map { layer in
            let block = root("layers.\(layer)")
            let attention = block("self_attn")
            let mlp = block("mlp")
            return DecoderBlock(
                attentionNorm: try block.rmsNorm("input_layernorm", width, epsilon: epsilon),
                attention: SelfAttention(
                    projection: .separate(
                        query: try attention.linear(
                            "q_proj", inputs: width, outputs: queries, bias: attentionBias),
                        key: try attention.linear(
                            "k_proj", inputs: width, outputs: keys, bias: attentionBias),
                        value: try attention.linear(
                            "v_proj", inputs: width, outputs: keys, bias: attentionBias)),
                    output: try attention.linear(
                        "o_proj", inputs: queries, outputs: width, bias: attentionBias),
                    heads: heads, keyValueHeads: keyValueHeads, headWidth: headWidth,
                    scale: 1 / Float(headWidth).squareRoot(), window: 0, rotary: rotary),
                mlpNorm: try block.rmsNorm("post_attention_layernorm", width, epsilon: epsilon),
                mlp: FeedForward(
                    gate: try mlp.linear("gate_proj", inputs: width, outputs: layout.mlpWidth, bias: mlpBias),
                    up: try mlp.linear("up_proj", inputs: width, outputs: layout.mlpWidth, bias: mlpBias),
                    down: try mlp.linear("down_proj", inputs: layout.mlpWidth, outputs: width, bias: mlpBias),
                    activation: activation))
        }
        return DecoderNetwork(
            layout: layout, tokens: tokens, positions: nil, blocks: blocks,
            finalNorm: try root.rmsNorm("norm", width, epsilon: epsilon),
            head: try head(weights, tied: configuration.flag("tie_word_embeddings", default: false), tokens))
    }

    /// The base of the rotary angles; a scaled variant is refused rather than ignored.
    private static func rotaryBase(_ configuration: ModelConfiguration) throws -> Double {
        let parameters = try configuration.object("rope_parameters")
        for source in [parameters, try configuration.object("rope_scaling")].compactMap({ $0 }) {
            let kind = try source.string("rope_type", default: source.string("type", default: "default"))
            guard kind == "default" else {
                throw source.unsupported("rope_type", "'\(kind)'", "'default' only")
            }
        }
        guard try configuration.number("partial_rotary_factor", default: 1) == 1 else {
            throw configuration.unsupported("partial_rotary_factor", "not 1", "rotation of whole heads only")
        }
        let base = try configuration.number("rope_theta", default: 10000)
        return try parameters?.number("rope_theta", default: base) ?? base
    }
}
