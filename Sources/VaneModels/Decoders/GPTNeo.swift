import VaneSites
import VaneTensors

/// GPT-Neo: as GPT-2, with separate projections, blocks that see all positions or a window of them in turn,
/// and attention scores that are not divided by √headWidth.
///
/// Black et al., GPT-Neo, 2021 (doi 10.5281/zenodo.5297715); the missing division is a property of the
/// released weights.
enum GPTNeo: Architecture {
    static let modelTypes = ["gpt_neo"]

    static func load(_ configuration: ModelConfiguration, _ weights: WeightScope) throws -> DecoderNetwork {
        let width = try configuration.positive("hidden_size")
        let heads = try configuration.positive("num_heads")
        guard width % heads == 0 else {
            throw configuration.unexpected("num_heads", "a divisor of hidden_size = \(width)")
        }
        let layout = NetworkLayout(
            depth: try configuration.positive("num_layers", limit: 1 << 12), width: width, heads: heads,
            headWidth: width / heads,
            mlpWidth: try configuration.positive("intermediate_size", default: 4 * width),
            vocabulary: try configuration.positive("vocab_size"),
            maximumPositions: try configuration.positive("max_position_embeddings"))
        let epsilon = try configuration.number("layer_norm_epsilon", default: 1e-5)
        let activation = try configuration.activation("activation_function", default: "gelu_new")
        let windows = try windows(configuration, depth: layout.depth)

        let root = weights("transformer")
        let tokens = try root("wte").tensor("weight", shape: [layout.vocabulary, width])
        let blocks = try (0..<layout.depth).map { layer in
            let block = root("h.\(layer)")
            let attention = block("attn.attention")
            return DecoderBlock(
                attentionNorm: try block.layerNorm("ln_1", width, epsilon: epsilon),
                attention: SelfAttention(
                    projection: .separate(
                        query: try attention.linear("q_proj", inputs: width, outputs: width, bias: false),
                        key: try attention.linear("k_proj", inputs: width, outputs: width, bias: false),
                        value: try attention.linear("v_proj", inputs: width, outputs: width, bias: false)),
                    output: try attention.linear("out_proj", inputs: width, outputs: width, bias: true),
                    heads: heads, keyValueHeads: heads, headWidth: layout.headWidth, scale: 1,
                    window: windows[layer], rotary: nil),
                mlpNorm: try block.layerNorm("ln_2", width, epsilon: epsilon),
                mlp: FeedForward(
                    gate: nil,
                    up: try block.linear("mlp.c_fc", inputs: width, outputs: layout.mlpWidth, bias: true),
                    down: try block.linear("mlp.c_proj", inputs: layout.mlpWidth, outputs: width, bias: true),
                    activation: activation))
        }
        return DecoderNetwork(
            layout: layout, tokens: tokens,
            positions: try root("wpe").tensor("weight", shape: [layout.maximumPositions, width]),
            blocks: blocks,
            finalNorm: try root.layerNorm("ln_f", width, epsilon: epsilon),
            head: try head(weights, tied: configuration.flag("tie_word_embeddings", default: true), tokens))
    }

    /// The window of each block: 0 for `global`, `window_size` for `local`.
    private static func windows(_ configuration: ModelConfiguration, depth: Int) throws -> [Int] {
        let size = try configuration.positive("window_size", default: 256)
        var kinds = configuration.raw("attention_layers") as? [String] ?? []
        if kinds.isEmpty, let groups = configuration.raw("attention_types") as? [[Any]] {
            for group in groups {
                guard group.count == 2, let names = group[0] as? [String], let repeats = group[1] as? Int,
                    (0...depth).contains(repeats), names.count * repeats <= depth - kinds.count
                else {
                    throw configuration.unexpected(
                        "attention_types", "pairs of names and a count, \(depth) names in all")
                }
                for _ in 0..<repeats { kinds += names }
            }
        }
        guard kinds.count == depth else {
            throw configuration.unexpected("attention_layers", "\(depth) names, one a block")
        }
        return try kinds.map { kind in
            switch kind {
            case "global": return 0
            case "local": return size
            default: throw configuration.unsupported("attention_layers", "'\(kind)'", "global and local")
            }
        }
    }
}
