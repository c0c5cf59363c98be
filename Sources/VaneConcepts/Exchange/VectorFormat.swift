import Foundation
public import VaneSites
import VaneWeights

/// The formats of concept vectors that can be read.
public enum VectorFormat: String, Sendable, Hashable, CaseIterable {
    /// A GGUF control vector of llama.cpp or repeng.
    case controlVector = "control-vector"
    /// A GGUF Layer Projection: a control vector whose metadata say what to do with it.
    case layerProjection = "glp"
    /// A GGUF control vector of EasySteer, whose layers begin at 0.
    case easySteer = "easysteer"
    /// IBM's `.svec` JSON.
    case svec
    /// The safetensors of concept-guidance.
    case conceptGuidance = "concept-guidance"
    /// The raw floats of ds4 with a JSON file beside them.
    case ds4
    /// A folder of a sparse autoencoder that SAELens saved.
    case saeLens = "saelens"
    /// Tensors that `torch.save` wrote.
    case torch

    /// The format of what lies at `path`, by its content; the name counts only for raw floats, which have no
    /// content to tell them by.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` for content of no known format;
    ///   `WeightsError` when a container is damaged.
    public static func detect(_ path: String) throws -> VectorFormat {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ConceptError(.missingFile, "there is no file \(path)")
        }
        if isFolder.boolValue {
            if FileManager.default.fileExists(atPath: path + "/cfg.json") { return .saeLens }
            throw ConceptError(
                .malformedFile, "the folder \(path) has no cfg.json, which a folder of SAELens begins with")
        }
        let start = try ExchangeFile.start(of: path, count: 64)
        if start.starts(with: "GGUF".utf8) { return try ControlVector.format(GGUFFile(path: path)) }
        if start.starts(with: [0x50, 0x4B]) || start.starts(with: [0x80, 0x02, 0x8A, 0x0A]) {
            return .torch
        }
        // 8 bytes of length, then a JSON object: safetensors.
        if start.count > 8, start[start.startIndex + 8] == UInt8(ascii: "{"),
            start.prefix(8).suffix(4).allSatisfy({ $0 == 0 })
        {
            return try detect(SafetensorsFile(path: path))
        }
        if start.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") { return .svec }
        if path.hasSuffix(".f32"), FileManager.default.fileExists(atPath: DS4Directions.companion(of: path)) {
            return .ds4
        }
        throw ConceptError(
            .malformedFile,
            "\(path) is of no format that Vane reads: "
                + allCases.map(\.rawValue).joined(separator: ", ") + " or a concept of Vane's own")
    }

    private static func detect(_ file: SafetensorsFile) throws -> VectorFormat {
        if file.metadata["vane.concept"] != nil {
            throw ConceptError(
                .malformedFile, "\(file.name) is a concept of Vane's own, not a file of another tool")
        }
        if file.tensorNames.contains("W") { return .conceptGuidance }
        if file.tensorNames.contains("W_dec") {
            throw ConceptError(
                .malformedFile,
                "\(file.name) holds an autoencoder's weights: name its folder, which has cfg.json too")
        }
        throw ConceptError(
            .malformedFile, "\(file.name) is a safetensors file without the tensor 'W' of concept-guidance")
    }
}

/// What a file cannot say of itself; each reader takes its own part.
public struct VectorReadingOptions: Sendable {
    /// Where a vector belongs whose file does not say (a bare tensor).
    public var site: Site?
    /// How the layers of a control vector are counted.
    public var counting = ControlVector.Counting.asApplied
    /// What the vectors of concept-guidance were learnt from.
    public var representation = ConceptGuidance.Representation.preAttention
    /// What rows of a matrix of PyTorch are.
    public var rows = TorchVectors.Rows.blockOutputs
    /// Which feature of an autoencoder to read.
    public var feature: Int?

    /// The default options.
    public init() {}
}

extension VectorFile {
    /// Reads vectors of any format that ``VectorFormat`` lists, found by content.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, `malformedFile` naming file and key, or `invalidOption` when
    ///   the file needs an option that is not set; `WeightsError` when a container is damaged.
    public init(contentsOf path: String, options: VectorReadingOptions = VectorReadingOptions()) throws {
        switch try VectorFormat.detect(path) {
        case .controlVector, .easySteer: self = try ControlVector.read(path, counting: options.counting)
        case .layerProjection: self = try LayerProjection.read(path)
        case .svec: self = try SVec.read(path)
        case .conceptGuidance: self = try ConceptGuidance.read(path, representation: options.representation)
        case .ds4: self = try DS4Directions.read(path)
        case .saeLens:
            guard let feature = options.feature else {
                throw ConceptError(
                    .invalidOption, "\(path) is an autoencoder: say which of its features to read")
            }
            self = try SparseAutoencoder(folder: path).feature(feature)
        case .torch: self = try TorchVectors.read(path, site: options.site, rows: options.rows)
        }
    }
}
