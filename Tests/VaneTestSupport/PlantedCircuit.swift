import Foundation
public import VaneModels
public import VaneTensors
import VaneWeights

/// Networks whose weights are written by hand, so that it is known which part does what.
public enum PlantedCircuit {
    /// The token that begins every sequence; the others are 1 to 7.
    public static let start = 0
    /// The head that copies what came before into each state.
    public static let previousTokenHead = (layer: 0, head: 1)
    /// The head that finds where the present token came before and writes what followed.
    public static let inductionHead = (layer: 1, head: 2)

    /// A Llama of two blocks with four heads, that predicts what followed the last token's earlier occurrence.
    ///
    /// `previousTokenHead` looks one token back by position (rotary) and copies the token it finds;
    /// `inductionHead` looks for a state with the present token in that copy, and writes that state's own token to where the
    /// logits read. The other six heads have small random weights and write where the logits hardly read; MLPs are 0.
    public static func induction(seed: UInt64 = 1) throws -> DecoderNetwork {
        let (width, heads, headWidth, vocabulary) = (64, 4, 16, 8)
        let base = 1e8
        var generator = SeededGenerator(seed: seed)
        var tensors = shell(width: width, vocabulary: vocabulary, blocks: 2, mlp: 4)
        // The stream: 0..<8 the token, 8..<16 the one before, 16..<24 the prediction, 24 a constant, 32... noise.
        var embedding = [Float](repeating: 0, count: vocabulary * width)
        for token in 0..<vocabulary {
            embedding[token * width + token] = 1
            embedding[token * width + 24] = 1
        }
        tensors["model.embed_tokens.weight"] = try Tensor(embedding, shape: [vocabulary, width])
        var output = [Float](repeating: 0, count: vocabulary * width)
        for token in 0..<vocabulary {
            output[token * width + 16 + token] = 2
            for j in 32..<width { output[token * width + j] = Float(generator.normal()) * 0.05 }
        }
        tensors["lm_head.weight"] = try Tensor(output, shape: [vocabulary, width])
        // What a norm multiplies a stream entry of 1 with, at the input of each block.
        let scale = [(64.0 / 2).squareRoot(), (64.0 / 3).squareRoot()]
        for layer in 0..<2 {
            var query = Matrix(rows: heads * headWidth, columns: width)
            var key = Matrix(rows: heads * headWidth, columns: width)
            var value = Matrix(rows: heads * headWidth, columns: width)
            var out = Matrix(rows: width, columns: heads * headWidth)
            for head in 0..<heads {
                let first = head * headWidth
                if (layer, head) == previousTokenHead {
                    for pair in 0..<4 {
                        let angle = pow(base, -Double(pair) / 8)
                        // Turned one position ahead, the query fits the key of the position before best.
                        query[first + pair, 24] = 3.2 * cos(-angle) / scale[0]
                        query[first + pair + 8, 24] = 3.2 * sin(-angle) / scale[0]
                        key[first + pair, 24] = 3.2 / scale[0]
                    }
                    // Scores are divided by 4; the sum over four pairs falls by at least 0.2 off its peak.
                    for row in first..<first + headWidth { query.multiply(row: row, by: 8) }
                    for token in 0..<8 {
                        value[first + token, token] = 1 / scale[0]
                        out[8 + token, first + token] = 1
                    }
                } else if (layer, head) == inductionHead {
                    for token in 0..<8 {
                        // Pairs 4 to 7 hardly turn within a few hundred positions.
                        let entry = first + (token < 4 ? 4 + token : 8 + token)
                        query[entry, token] = 12 / scale[1]
                        key[entry, 8 + token] = 12 / scale[1]
                        value[first + token, token] = 1 / scale[1]
                        out[16 + token, first + token] = 1
                    }
                } else {
                    for row in first..<first + headWidth {
                        for column in 0..<width {
                            query[row, column] = generator.normal() * 0.05
                            key[row, column] = generator.normal() * 0.05
                            value[row, column] = generator.normal() * 0.05
                        }
                        for entry in 32..<width { out[entry, row] = generator.normal() * 0.05 }
                    }
                }
            }
            let name = "model.layers.\(layer).self_attn"
            tensors["\(name).q_proj.weight"] = try query.tensor
            tensors["\(name).k_proj.weight"] = try key.tensor
            tensors["\(name).v_proj.weight"] = try value.tensor
            tensors["\(name).o_proj.weight"] = try out.tensor
        }
        let configuration = try configuration(
            width: width, vocabulary: vocabulary, blocks: 2, heads: heads, mlp: 4, ropeBase: base)
        return try network(configuration, tensors)
    }

    /// A text `start a b … a`, whose next token is b: the same tokens drawn once, then the first again.
    public static func repeating(_ generator: inout SeededGenerator, then last: Int = 0) -> [Int] {
        let order = generator.shuffled(1..<8)
        return [start] + order + [order[last % order.count]]
    }

    /// A Llama of one block without attention, in which token t of 8 has three bits and MLP neuron k of 16:
    ///
    /// | neurons | fire on | write |
    /// |---|---|---|
    /// | 0, 1, 2 | bit 0, 1, 2 of the token | raise the logit of token 8 + k against that of token 11 + k |
    /// | 3, 4, 5 | the same bits | nothing |
    /// | 6 … 15 | at random | a little, anywhere |
    ///
    /// Without its bit the logit of 11 + k is the higher one.
    public static func neurons(seed: UInt64 = 2) throws -> DecoderNetwork {
        let parts = try neuronParts(seed: seed)
        return try network(parts.configuration, parts.tensors)
    }

    /// What ``neurons(seed:)`` is made of, to be trained or changed.
    public static func neuronParts(seed: UInt64 = 2) throws -> (
        configuration: ModelConfiguration, tensors: [String: Tensor]
    ) {
        let (width, vocabulary, mlp) = (32, 16, 16)
        var generator = SeededGenerator(seed: seed)
        var tensors = shell(width: width, vocabulary: vocabulary, blocks: 1, mlp: mlp)
        // The stream: 0, 1, 2 the bits (±1), 3 a constant, 4, 5, 6 what the neurons write.
        var embedding = Matrix(rows: vocabulary, columns: width)
        for token in 0..<vocabulary {
            for bit in 0..<3 { embedding[token, bit] = (token >> bit) & 1 == 1 ? 1 : -1 }
            embedding[token, 3] = 1
            for j in 16..<width { embedding[token, j] = generator.normal() * 0.1 }
        }
        var output = Matrix(rows: vocabulary, columns: width)
        for k in 0..<3 {
            output[8 + k, 4 + k] = 2
            output[11 + k, 3] = 1.5
        }
        var gate = Matrix(rows: mlp, columns: width)
        var up = Matrix(rows: mlp, columns: width)
        var down = Matrix(rows: width, columns: mlp)
        for neuron in 0..<mlp {
            // A gate far above 0 passes its own value on: silu(x) is about x there.
            gate[neuron, 3] = 4
            if neuron < 6 {
                // Half the sum of bit and constant: 1 with the bit, 0 without.
                up[neuron, neuron % 3] = 0.05
                up[neuron, 3] = 0.05
                if neuron < 3 { down[4 + neuron, neuron] = 1 }
            } else {
                for j in 0..<3 { up[neuron, j] = generator.normal() * 0.05 }
                for j in 0..<width { down[j, neuron] = generator.normal() * 0.02 }
            }
        }
        tensors["model.embed_tokens.weight"] = try embedding.tensor
        tensors["lm_head.weight"] = try output.tensor
        tensors["model.layers.0.mlp.gate_proj.weight"] = try gate.tensor
        tensors["model.layers.0.mlp.up_proj.weight"] = try up.tensor
        tensors["model.layers.0.mlp.down_proj.weight"] = try down.tensor
        let configuration = try configuration(
            width: width, vocabulary: vocabulary, blocks: 1, heads: 2, mlp: mlp, ropeBase: 1e4)
        return (configuration, tensors)
    }

    /// Norms of factor 1 and zeros everywhere else.
    private static func shell(width: Int, vocabulary: Int, blocks: Int, mlp: Int) -> [String: Tensor] {
        func ones() -> Tensor {
            let tensor = Tensor(zeros: [width])
            tensor.write { base in for j in 0..<width { base[j] = 1 } }
            return tensor
        }
        var tensors: [String: Tensor] = ["model.norm.weight": ones()]
        for layer in 0..<blocks {
            let name = "model.layers.\(layer)"
            tensors["\(name).input_layernorm.weight"] = ones()
            tensors["\(name).post_attention_layernorm.weight"] = ones()
            for part in ["q", "k", "v", "o"] {
                tensors["\(name).self_attn.\(part)_proj.weight"] = Tensor(zeros: [width, width])
            }
            tensors["\(name).mlp.gate_proj.weight"] = Tensor(zeros: [mlp, width])
            tensors["\(name).mlp.up_proj.weight"] = Tensor(zeros: [mlp, width])
            tensors["\(name).mlp.down_proj.weight"] = Tensor(zeros: [width, mlp])
        }
        return tensors
    }

    /// A network of these weights.
    public static func network(
        _ configuration: ModelConfiguration, _ tensors: [String: Tensor]
    ) throws -> DecoderNetwork {
        try Registry.load(
            configuration: configuration,
            checkpoint: MemoryCheckpoint(name: "planted circuit", tensors: tensors))
    }

    private static func configuration(
        width: Int, vocabulary: Int, blocks: Int, heads: Int, mlp: Int, ropeBase: Double
    ) throws -> ModelConfiguration {
        let json = """
            {"model_type": "llama", "hidden_size": \(width), "intermediate_size": \(mlp), "vocab_size": \(vocabulary),
             "num_hidden_layers": \(blocks), "num_attention_heads": \(heads), "num_key_value_heads": \(heads),
             "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "rope_theta": \(ropeBase),
             "tie_word_embeddings": false, "hidden_act": "silu"}
            """
        return try ModelConfiguration(json: Data(json.utf8), name: "planted circuit")
    }

    /// A matrix that is filled entry by entry.
    private struct Matrix {
        let rows: Int
        let columns: Int
        private var values: [Float]

        init(rows: Int, columns: Int) {
            self.rows = rows
            self.columns = columns
            values = [Float](repeating: 0, count: rows * columns)
        }

        subscript(row: Int, column: Int) -> Double {
            get { Double(values[row * columns + column]) }
            set { values[row * columns + column] = Float(newValue) }
        }

        mutating func multiply(row: Int, by factor: Float) {
            for column in 0..<columns { values[row * columns + column] *= factor }
        }

        var tensor: Tensor {
            get throws { try Tensor(values, shape: [rows, columns]) }
        }
    }
}
