import Foundation
import Vane

/// Models of well-known shapes with random weights: for speed only, they write nonsense.
enum RandomModel: String, CaseIterable {
    /// 124.4 million weights: 12 blocks, width 768, 12 heads, vocabulary 50257.
    case gpt2
    /// 134.5 million weights, the shape of SmolLM2-135M: 30 blocks, width 576, 9 heads on 3 key-value heads.
    case llama135M = "llama-135m"
    /// 3.1 million weights, the shape of a small model trained on a laptop: 6 blocks, width 192, 6 heads,
    /// vocabulary 2048, 256 positions. Measured in training only.
    case small

    /// Configuration and weights.
    struct Parts {
        let configuration: ModelConfiguration
        let tensors: [String: Tensor]

        func network() throws -> DecoderNetwork {
            try Registry.load(
                configuration: configuration, checkpoint: MemoryCheckpoint(name: "random", tensors: tensors))
        }
    }

    func parts() throws -> Parts {
        switch self {
        case .gpt2: try gpt2()
        case .llama135M:
            try llama(
                width: 576, depth: 30, vocabulary: 49152, hidden: 1536, heads: 9, keyValueHeads: 3,
                positions: 2048)
        case .small:
            try llama(
                width: 192, depth: 6, vocabulary: 2048, hidden: 512, heads: 6, keyValueHeads: 6,
                positions: 256)
        }
    }

    private func gpt2() throws -> Parts {
        let (width, depth, vocabulary, positions) = (768, 12, 50257, 1024)
        var weights = Weights()
        weights.add("wte.weight", [vocabulary, width])
        weights.add("wpe.weight", [positions, width])
        for layer in 0..<depth {
            let block = "h.\(layer)."
            for norm in ["ln_1", "ln_2"] { weights.addNorm(block + norm, width) }
            weights.addLinear(block + "attn.c_attn", [width, 3 * width])
            weights.addLinear(block + "attn.c_proj", [width, width])
            weights.addLinear(block + "mlp.c_fc", [width, 4 * width])
            weights.addLinear(block + "mlp.c_proj", [4 * width, width])
        }
        weights.addNorm("ln_f", width)
        return try weights.parts(
            """
            {"model_type": "gpt2", "n_embd": \(width), "n_layer": \(depth), "n_head": 12, "n_positions": \(positions),
             "vocab_size": \(vocabulary), "activation_function": "gelu_new"}
            """)
    }

    private func llama(
        width: Int, depth: Int, vocabulary: Int, hidden: Int, heads: Int, keyValueHeads: Int, positions: Int
    ) throws -> Parts {
        let keys = width / heads * keyValueHeads
        var weights = Weights()
        weights.add("model.embed_tokens.weight", [vocabulary, width])
        for layer in 0..<depth {
            let block = "model.layers.\(layer)."
            for norm in ["input_layernorm", "post_attention_layernorm"] {
                weights.add(block + norm + ".weight", [width], 1)
            }
            weights.add(block + "self_attn.q_proj.weight", [width, width])
            weights.add(block + "self_attn.k_proj.weight", [keys, width])
            weights.add(block + "self_attn.v_proj.weight", [keys, width])
            weights.add(block + "self_attn.o_proj.weight", [width, width])
            weights.add(block + "mlp.gate_proj.weight", [hidden, width])
            weights.add(block + "mlp.up_proj.weight", [hidden, width])
            weights.add(block + "mlp.down_proj.weight", [width, hidden])
        }
        weights.add("model.norm.weight", [width], 1)
        return try weights.parts(
            """
            {"model_type": "llama", "hidden_size": \(width), "num_hidden_layers": \(depth), "num_attention_heads": \(heads),
             "num_key_value_heads": \(keyValueHeads), "intermediate_size": \(hidden), "vocab_size": \(vocabulary),
             "max_position_embeddings": \(positions), "tie_word_embeddings": true}
            """)
    }
}

/// Tensors of small random numbers.
private struct Weights {
    private var tensors: [String: Tensor] = [:]
    private var generator = SeededGenerator(seed: 1)

    mutating func add(_ name: String, _ dimensions: [Int], _ centre: Float = 0) {
        let shape = Shape(dimensions)
        let values = (0..<shape.count).map { _ in
            centre + Float(generator.uniform() - 0.5) * 0.07
        }
        tensors[name] = try? Tensor(values, shape: shape)
    }

    mutating func addLinear(_ name: String, _ dimensions: [Int]) {
        add(name + ".weight", dimensions)
        add(name + ".bias", [dimensions[1]])
    }

    mutating func addNorm(_ name: String, _ width: Int) {
        add(name + ".weight", [width], 1)
        add(name + ".bias", [width])
    }

    func parts(_ configuration: String) throws -> RandomModel.Parts {
        RandomModel.Parts(
            configuration: try ModelConfiguration(json: Data(configuration.utf8), name: "random"),
            tensors: tensors)
    }
}
