import Crypto
import Foundation
import VaneSites
import VaneTensors
package import VaneWeights

/// GGUF Layer Projection (GLP, versions 1 and 2): a control vector whose metadata say what to do with it.
///
/// `h′ = h - Σ_j α_(L,j) (h·d_j) d_j` with `α_(L,j) = alpha_default · dir_scales[j] · layer_scales[L]`.
/// The tensor `direction.N` acts at block `N` and is direction 0; `direction.N.j` are the others of an
/// orthonormal frame. `glp.hook_point` says where: `residual_stream_post_layer` is Vane's
/// `blocks[N].residual`, `ffn_out_pre_residual` is `blocks[N].mlp`, `attn_out_pre_residual` is
/// `blocks[N].attention`.
///
/// Refused, as the specification asks: an unknown mode, version or hook point, `direction.0`, a frame that is
/// not orthonormal, directions that are not of length 1, several directions or scales under version 1, layer
/// numbers or a hash that contradict the tensors. Two projections are never merged
/// (``VectorFile/adding(_:)``). Specification: msuiche/weightless, spec/GLP.md.
public enum LayerProjection {
    /// How far the products of two directions may lie from those of an orthonormal frame.
    public static let tolerance = 1e-3

    static let residualHook = "residual_stream_post_layer"
    static let mlpHook = "ffn_out_pre_residual"
    static let attentionHook = "attn_out_pre_residual"

    /// Reads a projection file, or one that says `add`.
    ///
    /// - Throws: ``ConceptError`` `malformedFile`, naming file and key or tensor; `WeightsError` when the
    ///   container is damaged.
    public static func read(_ path: String) throws -> VectorFile { try read(GGUFFile(path: path)) }

    /// As ``read(_:)``, of an open file.
    package static func read(_ file: GGUFFile) throws -> VectorFile {
        let path = file.name
        func malformed(_ what: String) -> ConceptError { ExchangeFile.malformed(path, what) }
        guard try ControlVector.format(file) == .layerProjection else {
            throw malformed("it has no glp keys: it is to be read as a control vector")
        }
        let mode = try string("glp.mode", file) ?? "add"
        guard mode == "project" || mode == "add" else {
            throw malformed("glp.mode is '\(mode)', 'project' and 'add' are known")
        }
        let version = file.metadata["glp.spec_version"]?.integer
        guard version == 1 || version == 2 || (version == nil && mode == "add") else {
            throw malformed("glp.spec_version is \(version.map { "\($0)" } ?? "missing"), 1 and 2 are known")
        }
        var notes: [String] = []
        let place = try hook(file, &notes)
        let layers = try directions(of: file, &notes)
        let rank = layers.first?.directions.count ?? 0
        try check(layers, rank: rank, version: version ?? 1, mode: mode, in: file)
        var vectors: [Site: [Float]] = [:]
        var further: [Site: [[Float]]] = [:]
        for (layer, directions) in layers {
            vectors[place(layer)] = directions.first
            if rank > 1 { further[place(layer)] = Array(directions.dropFirst()) }
        }
        try ExchangeFile.requireOneWidth(vectors, in: path)
        let kind =
            mode == "add"
            ? VectorFile.Kind.add
            : .project(try strengths(of: file, rank: rank, layers: layers.map(\.layer), place, &notes))
        if mode == "project" {
            notes.append(
                "\(path) is a projection: a reader that knows control vectors only would add it instead")
        }
        return VectorFile(
            name: file.metadata["general.name"]?.string ?? ExchangeFile.stem(path), format: .layerProjection,
            kind: kind,
            modelHint: file.metadata["general.base_model.0.name"]?.string
                ?? file.metadata["controlvector.model_hint"]?.string,
            vectors: vectors, furtherVectors: further, notes: notes,
            facts: ControlVector.facts(file, besides: knownKeys))
    }

    /// Keys that a ``VectorFile`` holds elsewhere, or that follow from the tensors.
    private static let knownKeys: Set<String> = [
        "general.name", "general.base_model.0.name", "general.base_model.count", "general.type",
        "controlvector.model_hint", "controlvector.layer_count", "glp.mode", "glp.spec_version",
        "glp.alpha_default",
        "glp.rank", "glp.orthonormal", "glp.dir_scales", "glp.layer_scales", "glp.hook_point",
        "glp.content_sha256", "glp.layer_ids_zero_based",
    ]

    /// A key's text; nil if there is none.
    private static func string(_ key: String, _ file: GGUFFile) throws -> String? {
        guard let value = file.metadata[key] else { return nil }
        guard let text = value.string else {
            throw ExchangeFile.malformed(file.name, "\(key) is a \(value.kind), a string is expected")
        }
        return text
    }

    /// From layer numbers to sites.
    private static func hook(_ file: GGUFFile, _ notes: inout [String]) throws -> (Int) -> Site {
        let name = try string("glp.hook_point", file)
        if let derived = try string("glp.derived_at", file), derived != name ?? residualHook {
            notes.append(
                "\(file.name): its directions were measured at \(derived) and are for \(name ?? residualHook)"
            )
        }
        switch name {
        case nil:
            notes.append("\(file.name) has no glp.hook_point; \(residualHook) is assumed")
            return { .residual($0) }
        case residualHook: return { .residual($0) }
        case mlpHook: return { .mlpOutput($0) }
        case attentionHook: return { .attentionOutput($0) }
        case let name?:
            throw ExchangeFile.malformed(
                file.name,
                "glp.hook_point is '\(name)'; \(residualHook), \(mlpHook) and \(attentionHook) are known")
        }
    }

    /// The directions of each layer, in the order of the layers and of their own numbers.
    private static func directions(
        of file: GGUFFile, _ notes: inout [String]
    ) throws -> [(layer: Int, directions: [[Float]])] {
        var found: [Int: [Int: [Float]]] = [:]
        for name in file.tensorNames {
            guard let parts = ControlVector.layers(of: name), let layer = parts.first, parts.count <= 2,
                parts.count == 1 || parts[1] > 0
            else {
                throw ExchangeFile.malformed(
                    file.name,
                    "the tensor '\(name)' is not called direction.<layer> or direction.<layer>.<index>")
            }
            guard layer > 0 else {
                throw ExchangeFile.malformed(
                    file.name, "it has '\(name)': a projection file cannot name block 0")
            }
            let vector = try ControlVector.vector(named: name, in: file, notes: &notes)
            guard
                found[layer, default: [:]].updateValue(vector, forKey: parts.count == 2 ? parts[1] : 0) == nil
            else {
                throw ExchangeFile.malformed(file.name, "it has '\(name)' twice, in two spellings")
            }
        }
        return try found.sorted { $0.key < $1.key }.map { layer, byIndex in
            guard byIndex.keys.max() == byIndex.count - 1 else {
                throw ExchangeFile.malformed(
                    file.name, "the directions of layer \(layer) are not numbered from 0 without gaps")
            }
            return (layer, byIndex.sorted { $0.key < $1.key }.map(\.value))
        }
    }

    /// Everything that the metadata claim about the tensors.
    private static func check(
        _ layers: [(layer: Int, directions: [[Float]])], rank: Int, version: Int, mode: String,
        in file: GGUFFile
    ) throws {
        func malformed(_ what: String) -> ConceptError { ExchangeFile.malformed(file.name, what) }
        guard rank > 0 else { throw malformed("it holds no direction") }
        for (layer, directions) in layers where directions.count != rank {
            throw malformed("layer \(layer) has \(directions.count) directions, others \(rank)")
        }
        guard file.metadata["glp.rank"] == nil || file.metadata["glp.rank"]?.integer == rank else {
            throw malformed("glp.rank is not the \(rank) that its tensors have")
        }
        let usesScales = file.metadata["glp.dir_scales"] != nil || file.metadata["glp.layer_scales"] != nil
        guard version == 2 || (rank == 1 && !usesScales) else {
            throw malformed("glp.spec_version is \(version); several directions and scales need version 2")
        }
        guard rank == 1 || mode == "project" else {
            throw malformed("it adds, and has \(rank) directions a layer")
        }
        guard rank == 1 || file.metadata["glp.orthonormal"]?.bool == true else {
            throw malformed("it has \(rank) directions a layer and does not claim glp.orthonormal")
        }
        if mode == "project" {
            for (layer, directions) in layers { try requireFrame(directions, layer, malformed) }
        }
        if let list = try string("glp.layer_ids_zero_based", file) {
            let claimed = list.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard claimed == layers.map({ Optional($0.layer) }) else {
                throw malformed("glp.layer_ids_zero_based is '\(list)', its tensors are for other layers")
            }
        }
        if let hash = try string("glp.content_sha256", file), hash.lowercased() != contentHash(layers) {
            throw malformed("glp.content_sha256 is not the hash of its tensors: they were changed or damaged")
        }
    }

    /// Throws unless the directions have length 1 and are orthogonal to each other.
    private static func requireFrame(
        _ directions: [[Float]], _ layer: Int, _ failure: (String) -> ConceptError
    ) throws {
        for (i, a) in directions.enumerated() {
            for (j, b) in directions[...i].enumerated() {
                guard a.count == b.count else {
                    throw failure("layer \(layer) has directions of several widths")
                }
                let product = Numbers.dot(a, b)
                guard abs(product - (i == j ? 1 : 0)) <= tolerance else {
                    throw failure(
                        i == j
                            ? "direction \(i) of layer \(layer) has length \(product.squareRoot()), not 1"
                            : "directions \(j) and \(i) of layer \(layer) are not orthogonal: \(product)"
                    )
                }
            }
        }
    }

    /// SHA-256 over the little-endian floats, layer by layer and within a layer by number, as lowercase hex.
    static func contentHash(_ layers: [(layer: Int, directions: [[Float]])]) -> String {
        var hash = SHA256()
        for direction in layers.flatMap(\.directions) {
            hash.update(
                data: direction.flatMap { value in
                    withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
                })
        }
        return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The strengths that the metadata give.
    private static func strengths(
        of file: GGUFFile, rank: Int, layers: [Int], _ place: (Int) -> Site, _ notes: inout [String]
    ) throws -> VectorFile.Projection {
        func malformed(_ what: String) -> ConceptError { ExchangeFile.malformed(file.name, what) }
        let alpha = file.metadata["glp.alpha_default"]?.number
        if file.metadata["glp.alpha_default"] == nil {
            notes.append("\(file.name) has no glp.alpha_default; 1 is assumed, which removes the component")
        }
        guard file.metadata["glp.alpha_default"] == nil || alpha?.isFinite == true else {
            throw malformed("glp.alpha_default is no finite number")
        }
        var projection = VectorFile.Projection(alpha: Float(alpha ?? 1))
        if let list = try string("glp.dir_scales", file) {
            let scales = list.split(separator: ",").compactMap {
                Float($0.trimmingCharacters(in: .whitespaces))
            }
            guard scales.count == rank, list.split(separator: ",").count == rank,
                scales.allSatisfy({ $0.isFinite })
            else { throw malformed("glp.dir_scales is '\(list)', \(rank) numbers are expected") }
            projection.directionScales = scales
        }
        if let list = try string("glp.layer_scales", file) {
            for pair in list.split(separator: ",") {
                let parts = pair.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
                guard parts.count == 2, let layer = Int(parts[0]), let scale = Float(parts[1]),
                    scale.isFinite,
                    layers.contains(layer),
                    projection.siteScales.updateValue(scale, forKey: place(layer)) == nil
                else {
                    throw malformed(
                        "glp.layer_scales has '\(pair)', a layer of the file and a number are expected")
                }
            }
        }
        return projection
    }
}
