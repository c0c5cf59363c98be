import VaneSites
import VaneTensors
import VaneWeights

/// The safetensors of concept-guidance: `W` `[layers, width]` directions, `a` `[layers, 1]` slopes and `b`
/// `[layers]` biases of probes `σ(a·(x·w) + b)`.
///
/// The file does not say what the vectors were learnt from; the tool's default is the *normalised* input of
/// each block's attention, which it also edits there, keeping the norm. Vane has no site after a block's
/// first norm, so such vectors are put into the stream before block `k`, and a note says that this is not the
/// same. The probes read activations that were centred and scaled to length 1, and the centre is not in the
/// file: `a` and `b` become facts.
public enum ConceptGuidance {
    /// What the vectors were learnt from: the tool's option `representation`.
    public enum Representation: String, Sendable, CaseIterable {
        /// The normalised input of the attention; row `k` goes to the input of block `k`.
        case preAttention = "pre-attn"
        /// What the attention adds; row `k` goes to `blocks[k].attention`.
        case postAttention = "post-attn"
        /// What the MLP adds; row `k` goes to `blocks[k].mlp`.
        case mlp
        /// The outputs of blocks; row `k` goes to `blocks[k].residual`.
        case hiddens

        /// The site of row `row`.
        func site(_ row: Int) -> Site {
            switch self {
            case .preAttention: row == 0 ? .embedding : .residual(row - 1)
            case .postAttention: .attentionOutput(row)
            case .mlp: .mlpOutput(row)
            case .hiddens: .residual(row)
            }
        }
    }

    /// Reads such a file.
    ///
    /// - Throws: ``ConceptError`` `malformedFile`, naming file and tensor; `WeightsError` when the container
    ///   is damaged.
    public static func read(
        _ path: String, representation: Representation = .preAttention
    ) throws -> VectorFile {
        let file = try SafetensorsFile(path: path)
        guard let weights = try file.tensor(named: "W"), weights.shape.rank == 2, weights.shape[0] > 0 else {
            throw ExchangeFile.malformed(path, "it has no matrix 'W' of one direction a layer")
        }
        let layers = weights.shape[0]
        var facts = ["representation": representation.rawValue]
        for name in ["a", "b"] {
            guard let tensor = try file.tensor(named: name) else { continue }
            guard tensor.shape.count == layers else {
                throw ExchangeFile.malformed(
                    path, "'\(name)' has shape \(tensor.shape) for the \(layers) layers of 'W'")
            }
            let values = tensor.elements
            try ExchangeFile.requireFinite(values, "'\(name)'", in: path)
            for (row, value) in values.enumerated() {
                facts["\(name).\(representation.site(row))"] = "\(value)"
            }
        }
        var vectors: [Site: [Float]] = [:]
        for row in 0..<layers {
            let vector = try weights.rows(row..<row + 1).elements
            try ExchangeFile.requireFinite(vector, "row \(row) of 'W'", in: path)
            vectors[representation.site(row)] = vector
        }
        var notes = [
            "\(path) does not say what its vectors were learnt from; '\(representation.rawValue)' was assumed"
        ]
        if representation == .preAttention {
            notes.append(
                "\(path): its tool adds to the normalised input of the attention and keeps the norm; added "
                    + "to the stream before the block, the vectors act in other proportions")
        }
        return VectorFile(
            name: ExchangeFile.stem(path), format: .conceptGuidance, vectors: vectors, notes: notes,
            facts: facts)
    }
}
