import Foundation
import VaneConcepts
import VaneSites
import VaneTensors
import VaneWeights

/// SAELens folders: `cfg.json` and `sae_weights.safetensors` with `W_enc` `[width, latents]`, `W_dec` `[latents, width]`,
/// `b_enc`, `b_dec`, and `threshold` for JumpReLU.
extension SparseDictionary {
    /// Writes the folder; it is made if it does not exist. The weights come first and each file is whole, so a folder
    /// with a `cfg.json` can be read. A dictionary with thresholds, batch-top-k's too, is a `jumprelu` one.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption` for a dictionary that does not know its site; `WeightsError`
    ///   `unwritable`.
    public func write(to folder: String) throws {
        guard let site else {
            throw EvidenceError(
                .invalidOption, "a dictionary without a site cannot be written: nobody could use it")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw WeightsError(.unwritable, "cannot make the folder \(folder): \(error.localizedDescription)")
        }
        var tensors = [
            "W_enc": try encoder.transposed(), "W_dec": decoder,
            "b_enc": try Tensor(encoderBias, shape: [latents]),
            "b_dec": try Tensor(decoderBias, shape: [width]),
        ]
        var metadata: [String: Any] = [
            "hook_name": SparseDictionary.hook(of: site), "vane_site": site.description,
            "model_name": model ?? "unknown",
            // The layout of the file: readers take a folder without it for one of before version 6 and skip the names.
            "sae_lens_version": "6.0.0",
        ]
        if case .head(_, let head) = site { metadata["hook_head_index"] = head }
        var configuration: [String: Any] = [
            "d_in": width, "d_sae": latents, "dtype": "float32", "device": "cpu",
            "apply_b_dec_to_input": true,
            "normalize_activations": "none", "reshape_activations": "none", "metadata": metadata,
        ]
        switch selection {
        case .largest(let count):
            configuration["architecture"] = "topk"
            configuration["k"] = count
        case .above(let thresholds):
            configuration["architecture"] = "jumprelu"
            tensors["threshold"] = try Tensor(thresholds, shape: [latents])
        }
        try SafetensorsFile.write(tensors, metadata: [:], to: folder + "/sae_weights.safetensors")
        let json = try JSONSerialization.data(
            withJSONObject: configuration, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        try AtomicFile.write(json + Data("\n".utf8), to: folder + "/cfg.json")
    }

    /// Reads a folder of SAELens or of ``write(to:)``: architectures `topk`, `jumprelu` and `standard` (ReLU), without
    /// a normalisation of the activations.
    ///
    /// - Throws: ``EvidenceError`` `missingFile`, or `malformedFile` naming file and key; `WeightsError`.
    public init(folder: String) throws {
        let path = folder + "/cfg.json"
        func malformed(_ what: String) -> EvidenceError { EvidenceError(.malformedFile, "\(path): \(what)") }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw EvidenceError(.missingFile, "cannot read \(path)")
        }
        let data = (try? handle.read(upToCount: 16 << 20)) ?? Data()
        try? handle.close()
        guard let configuration = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
            throw malformed("it is no JSON object")
        }
        let metadata = configuration["metadata"] as? [String: Any] ?? [:]
        func text(_ key: String) -> String? { metadata[key] as? String ?? configuration[key] as? String }
        for key in ["normalize_activations", "reshape_activations"] {
            if let rule = text(key), rule != "none" {
                throw malformed("'\(key)' is '\(rule)'; only 'none' can be read")
            }
        }
        let file = try SafetensorsFile(path: folder + "/sae_weights.safetensors")
        func tensor(_ name: String, _ shape: [Int]?) throws -> Tensor {
            guard let tensor = try file.tensor(named: name) else {
                throw EvidenceError(.malformedFile, "\(file.name) has no '\(name)'")
            }
            guard tensor.shape.array == shape ?? tensor.shape.array, tensor.shape.count > 0 else {
                throw EvidenceError(
                    .malformedFile,
                    "\(file.name): '\(name)' has shape \(tensor.shape), expected \(shape ?? [])")
            }
            return tensor.copied()
        }
        let decoder = try tensor("W_dec", nil)
        guard decoder.shape.rank == 2 else {
            throw EvidenceError(.malformedFile, "\(file.name): 'W_dec' has shape \(decoder.shape), no matrix")
        }
        let (latents, width) = (decoder.shape[0], decoder.shape[1])
        for (key, number) in [("d_sae", latents), ("d_in", width)] {
            guard configuration[key] as? Int ?? number == number else {
                throw malformed("'\(key)' contradicts 'W_dec' of shape \(decoder.shape)")
            }
        }
        let encoder = try tensor("W_enc", [width, latents]).transposed()
        var bias = try tensor("b_enc", [latents]).elements
        let centre = try tensor("b_dec", [width]).elements
        if configuration["apply_b_dec_to_input"] as? Bool == false {
            // x·W + b = (x - c)·W + (b + c·W)
            let shift = try Tensor(centre, shape: [1, width]).linear(PackedMatrix(encoder)).elements
            bias = zip(bias, shift).map { $0 + $1 }
        }
        let selection: Selection
        // Before version 6 top-k was an activation function.
        let isOldTopK = (text("activation_fn_str") ?? text("activation_fn")) == "topk"
        switch isOldTopK ? "topk" : text("architecture") ?? "standard" {
        case "topk":
            let arguments = configuration["activation_fn_kwargs"] as? [String: Any]
            guard let k = configuration["k"] as? Int ?? arguments?["k"] as? Int, k > 0 else {
                throw malformed("'k' is no positive number")
            }
            selection = .largest(k)
        case "jumprelu": selection = .above(try tensor("threshold", [latents]).elements)
        case "standard": selection = .above([Float](repeating: 0, count: latents))
        case let other:
            throw malformed("the architecture '\(other)' cannot be read; topk, jumprelu and standard can")
        }
        let site: Site?
        if let own = text("vane_site") {
            guard let place = Site(own) else { throw malformed("'\(own)' is not a site") }
            site = place
        } else {
            site = try text("hook_name").map { try SparseAutoencoder.site(of: $0, in: path) }
        }
        do {
            try self.init(
                encoder: encoder, decoder: decoder, encoderBias: bias, decoderBias: centre,
                selection: selection,
                site: site, model: text("model_name"))
        } catch let error as EvidenceError { throw malformed(error.message) }
    }

    /// TransformerLens's name of a site.
    static func hook(of site: Site) -> String {
        switch site {
        case .embedding: "blocks.0.hook_resid_pre"
        case .residual(let layer): "blocks.\(layer).hook_resid_post"
        case .attentionOutput(let layer): "blocks.\(layer).hook_attn_out"
        case .head(let layer, _): "blocks.\(layer).attn.hook_z"
        case .mlpHidden(let layer): "blocks.\(layer).mlp.hook_post"
        case .mlpOutput(let layer): "blocks.\(layer).hook_mlp_out"
        case .finalNorm: "ln_final.hook_normalized"
        case .logits: "unembed.hook_out"
        }
    }
}
