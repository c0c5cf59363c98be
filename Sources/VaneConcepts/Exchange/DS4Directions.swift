import Foundation
import VaneSites

/// The raw directions of ds4: `layers × width` little-endian floats of length 1 a row, with a JSON file of
/// the same name beside them (`shape` `[layers, width]`, `component` `ffn_out` or `attn_out`).
///
/// Operation `y′ = y - s d (d·y)` on what block `k`'s MLP or attention *adds*, before the residual sum; a
/// positive `s` removes the direction. It is not interchangeable with an edit of the residual stream. Rows of
/// zeros do nothing and are left out.
public enum DS4Directions {
    private struct Companion: Decodable {
        let shape: [Int]
        let component: String
    }

    /// The JSON file that belongs to the floats at `path`.
    static func companion(of path: String) -> String { (path as NSString).deletingPathExtension + ".json" }

    /// Reads the floats at `path` and the JSON beside them, as a projection of strength `scale`.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` naming file and key.
    public static func read(_ path: String, scale: Float = 1) throws -> VectorFile {
        let beside = companion(of: path)
        guard FileManager.default.fileExists(atPath: beside) else {
            throw ConceptError(
                .missingFile, "\(path) needs \(beside), which says its shape and where it acts")
        }
        let facts: Companion
        do {
            facts = try JSONDecoder().decode(Companion.self, from: ExchangeFile.data(beside, limit: 16 << 20))
        } catch is DecodingError {
            throw ExchangeFile.malformed(beside, "it lacks 'shape', a list of two numbers, or 'component'")
        }
        let data = try ExchangeFile.data(path)
        guard facts.shape.count == 2, let layers = facts.shape.first, let width = facts.shape.last,
            layers > 0,
            width > 0, data.count / 4 / width == layers, data.count % (4 * width) == 0
        else {
            throw ExchangeFile.malformed(
                path,
                "it has \(data.count) bytes, which are not floats of the shape \(facts.shape) in \(beside)")
        }
        let place: (Int) -> Site
        switch facts.component {
        case "ffn_out": place = { .mlpOutput($0) }
        case "attn_out": place = { .attentionOutput($0) }
        default:
            throw ExchangeFile.malformed(
                beside, "'component' is '\(facts.component)', 'ffn_out' and 'attn_out' are known")
        }
        var vectors: [Site: [Float]] = [:]
        var notes: [String] = []
        for layer in 0..<layers {
            let vector = data.withUnsafeBytes { bytes in
                (layer * width..<(layer + 1) * width).map {
                    Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
            try ExchangeFile.requireFinite(vector, "row \(layer)", in: path)
            let norm = Numbers.norm(vector)
            if norm == 0 { continue }
            if abs(norm - 1) > LayerProjection.tolerance {
                notes.append("\(path): row \(layer) has length \(norm), so its effect is the square of that")
            }
            vectors[place(layer)] = vector
        }
        try ExchangeFile.requireOneWidth(vectors, in: path)
        return VectorFile(
            name: ExchangeFile.stem(path), format: .ds4, kind: .project(VectorFile.Projection(alpha: scale)),
            vectors: vectors, notes: notes, facts: ["component": facts.component])
    }
}
