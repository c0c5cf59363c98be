import CVaneDefaultModel
import Foundation
public import VaneConcepts
public import VaneGeneration
import VaneModels
import VaneTensors
import VaneTokenizers
import VaneWeights

/// The small language model that is part of Vane, with a starter concept for each attribute it can be steered by.
///
/// It writes the planted language (`PlantedLanguage`) and was trained by ``DefaultModelRecipe``. It needs no
/// file and no network.
///
///     let engine = Engine(try DefaultModel.load())
///     let sentiment = try DefaultModel.concept(named: "sentiment")
public enum DefaultModel {
    /// The model's name.
    public static let name = "vane-default"

    /// Loads the model.
    ///
    /// - Throws: errors of loading; none are expected of the files that are shipped.
    public static func load() throws -> LanguageModel {
        try LanguageModel(
            name: name, at: name,
            configuration: ModelConfiguration(json: data("config.json"), name: "\(name)/config.json"),
            tokenizer: Tokenizer(json: data("tokenizer.json"), name: "\(name)/tokenizer.json"),
            checkpoint: FolderCheckpoint(file("model.safetensors"), name: name))
    }

    /// Loads a folder that ``DefaultModelRecipe/train(into:documents:checkpointEvery:progress:)`` wrote, under the
    /// built-in model's name: concepts that are learnt on it say so.
    ///
    /// - Throws: errors of loading.
    public static func load(folder: String) throws -> LanguageModel {
        try LanguageModel(
            name: name, at: folder, configuration: ModelConfiguration(folder: folder),
            tokenizer: Tokenizer(folder: folder), checkpoint: FolderCheckpoint(folder: folder))
    }

    /// The names of the starter concepts.
    public static var conceptNames: [String] {
        files.keys.compactMap { path in
            path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count).dropLast(suffix.count)) : nil
        }.sorted()
    }

    /// The starter concept with this name; nil if there is none.
    ///
    /// - Throws: errors of reading; none are expected of the files that are shipped.
    public static func concept(named name: String) throws -> Concept? {
        let path = prefix + name + suffix
        return try files[path] == nil ? nil : Concept(file(path))
    }

    /// Writes the model as a Hugging Face folder, its concepts in `concepts/`.
    ///
    /// - Throws: `WeightsError` `unwritable`.
    public static func write(to folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder + "/concepts", withIntermediateDirectories: true)
        } catch {
            throw WeightsError(
                .unwritable, "cannot make the folder \(folder)/concepts: \(error.localizedDescription)")
        }
        for path in files.keys.sorted() { try AtomicFile.write(data(path), to: "\(folder)/\(path)") }
    }

    /// How many weights the model has.
    ///
    /// - Throws: errors of reading; none are expected of the files that are shipped.
    public static var parameterCount: Int {
        get throws {
            let weights = try file("model.safetensors")
            return try weights.tensorNames.reduce(0) {
                try $0 + (weights.tensor(named: $1)?.shape.count ?? 0)
            }
        }
    }

    /// The size of all files in bytes.
    public static var byteCount: Int { files.values.reduce(0) { $0 + $1.count } }

    private static let prefix = "concepts/"
    private static let suffix = ".vane"

    /// The embedded files by path. The bytes are constants of the program.
    private nonisolated(unsafe) static let files: [String: UnsafeRawBufferPointer] = {
        var count = 0
        let start = vdm_files(&count)
        return Dictionary(
            uniqueKeysWithValues: UnsafeBufferPointer(start: start, count: count).map {
                (String(cString: $0.name), UnsafeRawBufferPointer(start: $0.bytes, count: $0.count))
            })
    }()

    private static func data(_ path: String) -> Data { files[path].map { Data($0) } ?? Data() }

    private static func file(_ path: String) throws -> SafetensorsFile {
        try SafetensorsFile(
            bytes: files[path] ?? UnsafeRawBufferPointer(start: nil, count: 0), name: "\(name)/\(path)")
    }
}
