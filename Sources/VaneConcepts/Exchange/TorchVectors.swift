import Foundation
public import VaneSites
import VaneTensors
import VaneWeights

/// Vectors that lie bare in a PyTorch file: one tensor, a list of them, or a dictionary from layers to
/// tensors.
///
/// Read without running anything (`TorchFile`). A bare vector does not say where it belongs: the caller names
/// a site, or the file's name does in the manner of contrastive activation addition (`vec_layer_13_…pt`),
/// whose layer is the output of a block.
public enum TorchVectors {
    /// What the rows of a matrix, the members of a list, or the layers in a dictionary's keys are.
    public enum Rows: String, Sendable, CaseIterable {
        /// Row `k` is for the output of block `k`.
        case blockOutputs
        /// As Hugging Face's `hidden_states`: row 0 is for the embedding, row `k` for the output of block `k
        /// - 1`.
        case hiddenStates

        func site(_ row: Int) -> Site {
            switch self {
            case .blockOutputs: .residual(row)
            case .hiddenStates: row == 0 ? .embedding : .residual(row - 1)
            }
        }
    }

    /// Reads such a file; `site` is where a single vector belongs, `rows` how several are counted.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` when a single vector has no site, `malformedFile` for
    ///   content that is no set of vectors; `WeightsError` for what the restricted reader refuses.
    public static func read(_ path: String, site: Site? = nil, rows: Rows = .blockOutputs) throws
        -> VectorFile
    {
        let file = try TorchFile(path: path)
        var vectors: [Site: [Float]] = [:]
        var notes: [String] = []
        func add(_ tensor: TorchTensor, at place: Site, _ what: String) throws {
            // Dimensions of 1 say nothing.
            guard tensor.shape.count(where: { $0 != 1 }) <= 1 else {
                throw ExchangeFile.malformed(path, "\(what) has shape \(tensor.shape), a vector is expected")
            }
            let vector = try tensor.load().elements
            try ExchangeFile.requireFinite(vector, what, in: path)
            guard vectors.updateValue(vector, forKey: place) == nil else {
                throw ExchangeFile.malformed(path, "it has two vectors for \(place)")
            }
        }
        switch file.value {
        case .tensor(let tensor) where tensor.shape.count(where: { $0 != 1 }) <= 1:
            try add(tensor, at: single(path, site, &notes), "its tensor")
        case .tensor(let tensor):
            let matrix = try tensor.load()
            let shape = tensor.shape.filter { $0 != 1 }
            guard shape.count == 2, let width = shape.last, width > 0 else {
                throw ExchangeFile.malformed(
                    path, "its tensor has shape \(tensor.shape), [layers, width] is expected")
            }
            let elements = matrix.elements
            for row in 0..<shape[0] {
                let vector = Array(elements[row * width..<(row + 1) * width])
                try ExchangeFile.requireFinite(vector, "row \(row)", in: path)
                vectors[rows.site(row)] = vector
            }
            notes.append("\(path) does not say what its rows are; they were read as \(rows.rawValue)")
        case .list(let items):
            for (row, item) in items.enumerated() {
                guard case .tensor(let tensor) = item else {
                    throw ExchangeFile.malformed(path, "entry \(row) of its list is no tensor")
                }
                try add(tensor, at: rows.site(row), "entry \(row)")
            }
            notes.append("\(path) does not say what its entries are; they were read as \(rows.rawValue)")
        case .dictionary(let pairs):
            let tensors = pairs.compactMap { key, value -> (TorchValue, TorchTensor)? in
                if case .tensor(let tensor) = value { (key, tensor) } else { nil }
            }
            for (key, tensor) in tensors {
                guard let layer = layer(of: key) else {
                    throw ExchangeFile.malformed(path, "a key of its dictionary names no layer: \(text(key))")
                }
                try add(tensor, at: rows.site(layer), "the vector of '\(text(key))'")
            }
            if tensors.count < pairs.count {
                notes.append(
                    "\(path): \(pairs.count - tensors.count) entries that are no tensors were passed over")
            }
            notes.append("\(path): the layers in its keys were read as \(rows.rawValue)")
        default: throw ExchangeFile.malformed(path, "it holds no tensor")
        }
        try ExchangeFile.requireOneWidth(vectors, in: path)
        return VectorFile(name: ExchangeFile.stem(path), format: .torch, vectors: vectors, notes: notes)
    }

    /// Where a single vector belongs.
    private static func single(_ path: String, _ site: Site?, _ notes: inout [String]) throws -> Site {
        if let site { return site }
        let name = ExchangeFile.stem(path)
        if let match = name.firstMatch(of: /layer_?(\d{1,4})/), let layer = Int(match.1) {
            notes.append(
                "\(path): its name says layer \(layer), which was read as the output of block \(layer)")
            return .residual(layer)
        }
        throw ConceptError(
            .invalidOption, "\(path) holds one vector and does not say where it belongs: name a site")
    }

    /// The last number in a key; nil if there is none.
    private static func layer(of key: TorchValue) -> Int? {
        switch key {
        case .integer(let layer) where (0..<100_000).contains(layer): layer
        case .string(let text):
            text.split(whereSeparator: { !$0.isASCII || !$0.isNumber }).last.flatMap { Int($0) }
        default: nil
        }
    }

    private static func text(_ key: TorchValue) -> String {
        switch key {
        case .string(let text): text
        case .integer(let number): "\(number)"
        default: "something that is no text"
        }
    }
}
