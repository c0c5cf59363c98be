import Foundation
import VaneSites
import VaneWeights

/// IBM's `.svec`: JSON with `model_type`, `directions` (layer number to numbers) and `explained_variances`.
///
/// Direction `k` is learnt from the output of block `k` and applied to the *input* of block `k`, one block
/// earlier. Vane keeps what the tool does: entry `k` is `blocks[k-1].residual`, and entry 0 is `embedding`,
/// which is the input of block 0.
public enum SVec {
    private struct Content: Decodable {
        let model_type: String?
        let directions: [String: [Float]]
        let explained_variances: [String: Double]?
    }

    /// Reads an `.svec` file.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` naming the key.
    public static func read(_ path: String) throws -> VectorFile {
        let data = try ExchangeFile.data(path)
        let content: Content
        do { content = try JSONDecoder().decode(Content.self, from: data) } catch {
            throw ExchangeFile.malformed(
                path,
                "it is not JSON with 'model_type' and 'directions' from layer numbers to lists of numbers")
        }
        var vectors: [Site: [Float]] = [:]
        for (key, vector) in content.directions {
            let site = try SVec.site(key, "directions", in: path)
            try ExchangeFile.requireFinite(vector, "the direction of layer \(key)", in: path)
            guard vectors.updateValue(vector, forKey: site) == nil else {
                throw ExchangeFile.malformed(path, "it has the layer \(key) twice, in two spellings")
            }
        }
        try ExchangeFile.requireOneWidth(vectors, in: path)
        var facts: [String: String] = [:]
        for (key, value) in content.explained_variances ?? [:] {
            facts["explained_variance.\(try SVec.site(key, "explained_variances", in: path))"] = "\(value)"
        }
        return VectorFile(
            name: ExchangeFile.stem(path), format: .svec, modelHint: content.model_type, vectors: vectors,
            notes: [
                "\(path): the tool that made it applies entry k before block k, though it measured after it"
            ],
            facts: facts)
    }

    private static func site(_ key: String, _ name: String, in path: String) throws -> Site {
        guard let layer = Int32(key), layer >= 0 else {
            throw ExchangeFile.malformed(path, "\(name) has the key '\(key)', a layer number is expected")
        }
        return layer == 0 ? .embedding : .residual(Int(layer) - 1)
    }

    /// Writes an `.svec` file that IBM's tool applies where the sites say, and returns what the user should
    /// know.
    ///
    /// Explained variances come from the facts `explained_variance.<site>`; where there is none, 0 is
    /// written. The same content gives the same bytes.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for a projection or a site other than the embedding or a
    ///   block's residual; `WeightsError` `unwritable`.
    @discardableResult
    public static func write(_ file: VectorFile, to path: String) throws -> [String] {
        func refused(_ what: String) -> ConceptError {
            ConceptError(.invalidOption, "'\(file.name)' cannot be an svec file: \(what)")
        }
        guard file.kind == .add, file.furtherVectors.isEmpty else { throw refused("it is a projection") }
        guard file.width != nil else { throw refused("it has no vector, or vectors of several widths") }
        var directions: [String] = []
        var variances: [String] = []
        var isMissing = false
        for site in file.sites {
            let layer: Int
            switch site {
            case .embedding: layer = 0
            case .residual(let block): layer = block + 1
            default: throw refused("\(site) is not the input of a block")
            }
            let vector = file.vectors[site] ?? []
            guard vector.allSatisfy({ $0.isFinite }) else { throw refused("\(site) holds NaN or infinity") }
            directions.append("\"\(layer)\":[\(vector.map { "\($0)" }.joined(separator: ","))]")
            let variance = file.facts["explained_variance.\(site)"].flatMap(Double.init)
            isMissing = isMissing || variance == nil
            variances.append("\"\(layer)\":\(variance.map { $0.isFinite ? $0 : 0 } ?? 0)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        let model = String(decoding: try encoder.encode(file.modelHint ?? "unknown"), as: UTF8.self)
        let text =
            "{\"model_type\":\(model),\"directions\":{\(directions.joined(separator: ","))},"
            + "\"explained_variances\":{\(variances.joined(separator: ","))}}\n"
        try AtomicFile.write(Data(text.utf8), to: path)
        return isMissing ? ["explained variances that are not known are written as 0"] : []
    }
}
