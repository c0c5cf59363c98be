import Foundation
import VaneSites
import VaneTensors
package import VaneWeights

/// GGUF control vectors of llama.cpp, repeng and EasySteer: `h′ = h + v` at the output of blocks.
///
/// The tensor `direction.k`, F32 of the residual stream's width, is added by llama.cpp to the output of block
/// `k` (counted from 0, after the residual sum) at every position: Vane's `blocks[k].residual`. llama.cpp
/// reads no metadata, refuses `direction.0`, and sums repeated layers. repeng counts alike. EasySteer counts
/// alike too, begins at 0, and writes files that llama.cpp therefore refuses.
///
/// llama.cpp's own generator is one block off its own loader: it stores what it measured after block `i` as
/// `direction.(i+1)`. Such a file is read as it would be applied, unless ``Counting/asMeasured`` is asked
/// for.
public enum ControlVector {
    /// How the number in `direction.k` is read.
    public enum Counting: String, Sendable, CaseIterable {
        /// As llama.cpp applies it: `direction.k` is `blocks[k].residual`.
        case asApplied
        /// As llama.cpp's generator measured it: `direction.k` is `blocks[k-1].residual`.
        case asMeasured
    }

    /// Reads a control vector; one that turns out to be a projection is refused (``LayerProjection`` reads
    /// those).
    ///
    /// - Throws: ``ConceptError`` `malformedFile`, naming file and tensor; `WeightsError` when the container
    ///   is damaged.
    public static func read(_ path: String, counting: Counting = .asApplied) throws -> VectorFile {
        try read(GGUFFile(path: path), counting: counting)
    }

    /// As ``read(_:counting:)``, of an open file.
    package static func read(_ file: GGUFFile, counting: Counting = .asApplied) throws -> VectorFile {
        let path = file.name
        let format = try format(file)
        guard format != .layerProjection else {
            throw ExchangeFile.malformed(
                path, "its metadata have glp keys: it is to be read as a projection file")
        }
        var notes: [String] = []
        var vectors: [Site: [Float]] = [:]
        var repeats = 0
        for name in file.tensorNames {
            guard let parts = layers(of: name), let layer = parts.first, parts.count <= 2 else {
                throw ExchangeFile.malformed(path, "the tensor '\(name)' is not called direction.<layer>")
            }
            if layer == 0 && counting == .asMeasured {
                throw ExchangeFile.malformed(path, "llama.cpp's generator makes no '\(name)'")
            }
            if layer == 0 {
                notes.append(
                    "\(path) has '\(name)': llama.cpp would refuse the file, as it never steers block 0")
            }
            let vector = try vector(named: name, in: file, notes: &notes)
            let site = Site.residual(counting == .asApplied ? layer : layer - 1)
            if let sum = vectors[site] {
                guard sum.count == vector.count else {
                    throw ExchangeFile.malformed(
                        path, "'\(name)' has \(vector.count) numbers, expected \(sum.count)")
                }
                repeats += 1
                vectors[site] = zip(sum, vector).map(+)
            } else {
                vectors[site] = vector
            }
        }
        try ExchangeFile.requireOneWidth(vectors, in: path)
        if repeats > 0 { notes.append("\(path) names layers more than once; their vectors are summed") }
        if let count = file.metadata["controlvector.layer_count"]?.integer, count != file.tensorNames.count {
            notes.append("\(path) claims \(count) vectors and holds \(file.tensorNames.count)")
        }
        return VectorFile(
            name: file.metadata["general.name"]?.string ?? ExchangeFile.stem(path), format: format,
            modelHint: file.metadata["controlvector.model_hint"]?.string, vectors: vectors, notes: notes,
            facts: facts(
                file, besides: ["general.name", "controlvector.model_hint", "controlvector.layer_count"]))
    }

    /// Writes a control vector that llama.cpp and repeng load, and returns what the user should know.
    ///
    /// The vector of `blocks[0].residual` is left out: llama.cpp refuses files that have one. Facts go under
    /// the prefix `vane.`, which other readers pass over. The same content gives the same bytes.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for a projection, several widths, a site other than a
    ///   block's residual, or nothing that can be written; `WeightsError` `unwritable`.
    @discardableResult
    public static func write(_ file: VectorFile, to path: String) throws -> [String] {
        func refused(_ what: String) -> ConceptError {
            ConceptError(.invalidOption, "'\(file.name)' cannot be a control vector of llama.cpp: \(what)")
        }
        guard file.kind == .add, file.furtherVectors.isEmpty else {
            throw refused("it is a projection, and llama.cpp would add it; write a projection file instead")
        }
        var tensors: [(name: String, tensor: Tensor)] = []
        var notes: [String] = []
        for site in file.sites {
            guard case .residual(let layer) = site, let vector = file.vectors[site] else {
                throw refused("\(site) is not the output of a block")
            }
            guard layer > 0 else {
                notes.append(
                    "\(site) is left out: llama.cpp cannot steer block 0 and refuses a file that tries")
                continue
            }
            guard vector.allSatisfy({ $0.isFinite }) else { throw refused("\(site) holds NaN or infinity") }
            tensors.append(("direction.\(layer)", try Tensor(vector, shape: [vector.count])))
        }
        guard !tensors.isEmpty, file.width != nil else {
            throw refused("it has no vector after block 1 or later, or vectors of several widths")
        }
        let metadata: [(key: String, value: GGUFValue)] =
            [
                ("general.architecture", .string("controlvector")), ("general.name", .string(file.name)),
                ("controlvector.model_hint", .string(file.modelHint ?? "unknown")),
                ("controlvector.layer_count", .uint32(UInt32(clamping: tensors.count))),
            ] + ownFacts(file)
        try GGUFFile.write(metadata: metadata, tensors: tensors, to: path)
        return notes
    }

    /// Which of the formats that share this container a file has.
    static func format(_ file: GGUFFile) throws -> VectorFormat {
        if file.keys.contains(where: { $0.hasPrefix("glp.") }) { return .layerProjection }
        if file.keys.contains(where: { $0.hasPrefix("dspark.") }) {
            throw ExchangeFile.malformed(
                file.name,
                "it has keys 'dspark.…' of an unpublished format that glp replaced; export it again")
        }
        if let architecture = file.metadata["general.architecture"]?.string, architecture != "controlvector" {
            throw ExchangeFile.malformed(
                file.name, "general.architecture is '\(architecture)', 'controlvector' is expected")
        }
        guard file.tensorNames.contains(where: { $0.hasPrefix("direction.") }) else {
            throw ExchangeFile.malformed(file.name, "it has no tensor called direction.<layer>")
        }
        let isEasySteer =
            file.metadata["controlvector.method"] != nil || file.tensorNames.contains("direction.0")
        return isEasySteer ? .easySteer : .controlVector
    }

    /// The numbers in `direction.<layer>[.<index>]`; nil for any other name.
    static func layers(of name: String) -> [Int]? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.first == "direction", parts.count > 1 else { return nil }
        var numbers: [Int] = []
        for part in parts.dropFirst() {
            guard part.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int32(part) else { return nil }
            numbers.append(Int(number))
        }
        return numbers
    }

    /// A one-dimensional float tensor of the file.
    static func vector(named name: String, in file: GGUFFile, notes: inout [String]) throws -> [Float] {
        guard let tensor = try file.tensor(named: name) else {
            throw ExchangeFile.malformed(file.name, "the tensor '\(name)' is missing")
        }
        // Outer dimensions of 1 say nothing; llama.cpp passes over them too.
        guard tensor.shape.rank > 0, tensor.shape.array.dropLast().allSatisfy({ $0 == 1 }) else {
            throw ExchangeFile.malformed(
                file.name, "'\(name)' has shape \(tensor.shape), one dimension is expected")
        }
        if tensor.dtype != .float32 {
            notes.append(
                "'\(name)' is stored as \(file.elementType(of: name) ?? ""): llama.cpp takes F32 only")
        }
        let vector = tensor.elements
        try ExchangeFile.requireFinite(vector, "'\(name)'", in: file.name)
        return vector
    }

    /// The scalars of the metadata as texts; Vane's own lose their prefix.
    static func facts(_ file: GGUFFile, besides known: Set<String>) -> [String: String] {
        var facts: [String: String] = [:]
        for (key, value) in file.metadata where !known.contains(key) && key != "general.architecture" {
            if key == "vane.site_convention" { continue }
            guard let text = value.text else { continue }
            facts[key.hasPrefix("vane.") ? String(key.dropFirst(5)) : key] = text
        }
        return facts
    }

    /// The facts under Vane's own prefix, in the order of their keys. What another format's keys say is kept
    /// under `vane.source.`, so that no reader takes it for its own.
    static func ownFacts(_ file: VectorFile) -> [(key: String, value: GGUFValue)] {
        let foreign = ["general.", "controlvector.", "glp."]
        var own: [String: String] = [:]
        for (key, value) in file.facts.sorted(by: { $0.key < $1.key }) where key != "site_convention" {
            own[foreign.contains { key.hasPrefix($0) } ? "vane.source.\(key)" : "vane.\(key)"] = value
        }
        return [("vane.site_convention", .string(Site.convention))]
            + own.sorted { $0.key < $1.key }.map { ($0.key, GGUFValue.string($0.value)) }
    }
}
