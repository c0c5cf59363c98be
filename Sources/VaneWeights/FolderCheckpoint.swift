import Foundation
public import VaneTensors

/// The weights of a Hugging Face model folder: `model.safetensors`, or several files joined by
/// `model.safetensors.index.json`.
public struct FolderCheckpoint: Checkpoint {
    /// The folder.
    public let name: String
    private let files: [SafetensorsFile]
    private let fileOfTensor: [String: Int]

    /// Opens the weights in `folder`.
    ///
    /// - Throws: ``WeightsError`` `unreadable` when there are none (a folder with pickled weights only is
    ///   told so), `malformed` when a file or the index contradicts itself.
    public init(folder: String) throws {
        name = folder
        let single = folder + "/model.safetensors"
        let index = single + ".index.json"
        let manager = FileManager.default
        if manager.fileExists(atPath: single) {
            let file = try SafetensorsFile(path: single)
            files = [file]
            fileOfTensor = Dictionary(uniqueKeysWithValues: file.tensorNames.map { ($0, 0) })
        } else if manager.fileExists(atPath: index) {
            (files, fileOfTensor) = try FolderCheckpoint.shards(folder: folder, index: index)
        } else if manager.fileExists(atPath: folder + "/pytorch_model.bin") {
            throw WeightsError(
                .unreadable,
                "\(folder) holds pytorch_model.bin only: a pickle can run code, so Vane does not open it; save "
                    + "the model as safetensors")
        } else {
            throw WeightsError(
                .unreadable, "\(folder) has neither model.safetensors nor model.safetensors.index.json")
        }
    }

    /// The weights in one file that is open already.
    package init(_ file: SafetensorsFile, name: String) {
        self.name = name
        files = [file]
        fileOfTensor = Dictionary(uniqueKeysWithValues: file.tensorNames.map { ($0, 0) })
    }

    private static func shards(folder: String, index: String) throws -> ([SafetensorsFile], [String: Int]) {
        let parsed = FileManager.default.contents(atPath: index).flatMap {
            try? JSONSerialization.jsonObject(with: $0)
        }
        guard let map = (parsed as? [String: Any])?["weight_map"] as? [String: String], !map.isEmpty else {
            throw WeightsError(.malformed, "\(index) has no weight_map from tensor names to file names")
        }
        let names = Set(map.values).sorted()
        var files: [SafetensorsFile] = []
        for name in names {
            // A shard lies beside its index; anything else would let the file choose what we open.
            guard !name.contains("/"), name != "..", name.hasSuffix(".safetensors") else {
                throw WeightsError(
                    .malformed, "\(index) names the shard '\(name)', which is not a file beside it")
            }
            files.append(try SafetensorsFile(path: folder + "/" + name))
        }
        var fileOfTensor: [String: Int] = [:]
        for (tensor, name) in map {
            guard let position = names.firstIndex(of: name),
                files[position].signature(of: tensor) != ""
            else {
                throw WeightsError(.malformed, "\(index) looks for '\(tensor)' in \(name), which lacks it")
            }
            fileOfTensor[tensor] = position
        }
        return (files, fileOfTensor)
    }

    /// The names of all tensors.
    public var tensorNames: [String] { fileOfTensor.keys.sorted() }

    /// The tensor called `name`, nil if there is none.
    public func tensor(named name: String) throws -> Tensor? {
        guard let file = fileOfTensor[name] else { return nil }
        return try files[file].tensor(named: name)
    }

    /// Name, element type, shape and sampled bytes of every tensor, in the order of the names: what a model's
    /// fingerprint is made of.
    ///
    /// At most 12 KiB of each tensor are read, so a fingerprint takes milliseconds. It tells models apart; it
    /// does not prove that a file was not tampered with.
    package func fingerprintParts(_ body: ([UInt8]) -> Void) {
        for name in tensorNames {
            guard let position = fileOfTensor[name] else { continue }
            body(Array("\(name) \(files[position].signature(of: name))\n".utf8))
            body(files[position].sample(of: name, length: 4096))
        }
    }
}
