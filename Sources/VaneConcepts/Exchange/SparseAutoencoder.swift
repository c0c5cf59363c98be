import Foundation
public import VaneSites
import VaneTensors
import VaneWeights

/// A folder of a sparse autoencoder as SAELens saves it: `cfg.json` and `sae_weights.safetensors`.
///
/// Row `i` of the decoder `W_dec` `[features, width]` is the direction that feature `i` writes, a steering
/// vector. Only the rows asked for are read. The hook's name says where: `blocks.k.hook_resid_post` is Vane's
/// `blocks[k].residual`, `hook_resid_pre` is the output of the block before (of the embedding for block 0),
/// `hook_mlp_out`, `hook_attn_out` and `mlp.hook_post` are `blocks[k].mlp`, `blocks[k].attention` and
/// `blocks[k].mlpHidden`.
public struct SparseAutoencoder: Sendable {
    /// The folder.
    public let folder: String
    /// Where its directions act.
    public let site: Site
    /// The number of features.
    public let features: Int
    /// Numbers of one direction.
    public let width: Int
    /// The model named in the configuration.
    public let modelHint: String?
    private let decoder: Tensor
    private let notes: [String]
    private let facts: [String: String]

    /// Opens the folder and checks configuration and shapes.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` naming file and key, also for a hook that
    ///   has no site of Vane's; `WeightsError` when the weights are damaged.
    public init(folder: String) throws {
        let path = folder + "/cfg.json"
        guard
            let object = try? JSONSerialization.jsonObject(with: ExchangeFile.data(path, limit: 16 << 20)),
            let configuration = object as? [String: Any]
        else { throw ExchangeFile.malformed(path, "it is missing or no JSON object") }
        // Newer versions keep names under `metadata`, older ones beside the dimensions.
        let metadata = configuration["metadata"] as? [String: Any] ?? [:]
        func text(_ key: String) -> String? {
            metadata[key] as? String ?? configuration[key] as? String
        }
        guard let hook = text("hook_name") ?? text("hook_point") else {
            throw ExchangeFile.malformed(path, "it has no 'hook_name'")
        }
        let weights = try SafetensorsFile(path: folder + "/sae_weights.safetensors")
        guard let decoder = try weights.tensor(named: "W_dec"), decoder.shape.rank == 2 else {
            throw ExchangeFile.malformed(weights.name, "it has no matrix 'W_dec'")
        }
        let shape = [
            configuration["d_sae"] as? Int ?? decoder.shape[0],
            configuration["d_in"] as? Int ?? decoder.shape[1],
        ]
        guard decoder.shape.array == shape, decoder.shape.count > 0 else {
            throw ExchangeFile.malformed(
                weights.name, "'W_dec' has shape \(decoder.shape), the configuration says \(shape)")
        }
        self.folder = folder
        self.decoder = decoder
        site = try SparseAutoencoder.site(of: hook, in: path)
        features = decoder.shape[0]
        width = decoder.shape[1]
        modelHint = text("model_name")
        var facts = ["hook_name": hook]
        for key in ["architecture", "normalize_activations", "sae_lens_version", "neuronpedia_id"] {
            if let value = text(key) { facts[key] = value }
        }
        self.facts = facts
        var notes: [String] = []
        if let rule = facts["normalize_activations"], rule != "none" {
            notes.append(
                "\(folder): the autoencoder saw activations scaled by '\(rule)'; lengths are in that scale")
        }
        self.notes = notes
    }

    /// The direction of feature `index`, as it lies in the decoder.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for a number outside, `malformedFile` for NaN or infinity.
    public func feature(_ index: Int) throws -> VectorFile {
        guard index >= 0, index < features else {
            throw ConceptError(
                .invalidOption, "\(folder) has features 0 to \(features - 1), \(index) is asked for")
        }
        let row = try decoder.rows(index..<index + 1).elements
        try ExchangeFile.requireFinite(row, "row \(index) of 'W_dec'", in: folder)
        var facts = facts
        facts["feature"] = "\(index)"
        return VectorFile(
            name: "\((folder as NSString).lastPathComponent) feature \(index)", format: .saeLens,
            modelHint: modelHint, vectors: [site: row], notes: notes, facts: facts)
    }

    /// The site that a hook's name means.
    package static func site(of hook: String, in path: String) throws -> Site {
        let parts = hook.split(separator: ".", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[0] == "blocks", let layer = Int(parts[1]), layer >= 0 else {
            throw ExchangeFile.malformed(path, "the hook '\(hook)' is not one of a block")
        }
        switch parts[2] {
        case "hook_resid_post": return .residual(layer)
        case "hook_resid_pre": return layer == 0 ? .embedding : .residual(layer - 1)
        case "hook_mlp_out": return .mlpOutput(layer)
        case "hook_attn_out": return .attentionOutput(layer)
        case "mlp.hook_post": return .mlpHidden(layer)
        default:
            throw ExchangeFile.malformed(
                path, "the hook '\(hook)' has no site in Vane; residual, MLP and attention outputs have")
        }
    }
}
