import Foundation
import VaneSites
import VaneTensors
package import VaneWeights

extension Concept {
    /// The version of the file format this library writes.
    public static let formatVersion = 1

    /// What every version of the format begins with.
    private struct Version: Codable {
        let format: Int
    }

    /// The JSON text under the key `vane.concept` of a concept file.
    private struct Metadata: Codable {
        let format: Int
        let name: String
        let siteConvention: String
        let layers: [LayerResult]
        let defaultSites: [Site]
        let provenance: Provenance
        let verdict: Verdict
        let effect: Effect?
    }

    /// Writes the concept to `path`: safetensors with the parameters of each site and one JSON text of facts.
    /// The file appears whole or not at all; the same concept gives the same bytes.
    ///
    /// - Throws: `WeightsError` `unwritable`.
    public func write(to path: String) throws {
        var tensors: [String: Tensor] = [:]
        for layer in layers {
            tensors["\(layer.site).weight"] = try Tensor(
                layer.probe.weights, shape: [layer.probe.weights.count])
            tensors["\(layer.site).bias"] = try Tensor([layer.probe.bias], shape: [1])
            if layer.steering != layer.probe {
                tensors["\(layer.site).steering.weight"] = try Tensor(
                    layer.steering.weights, shape: [layer.steering.weights.count])
                tensors["\(layer.site).steering.bias"] = try Tensor([layer.steering.bias], shape: [1])
            }
            tensors["\(layer.site).meanDifference"] = try Tensor(
                layer.meanDifference, shape: [layer.meanDifference.count])
        }
        let metadata = Metadata(
            format: Concept.formatVersion, name: name, siteConvention: Site.convention,
            layers: layers.map(\.result),
            defaultSites: defaultSites, provenance: provenance, verdict: verdict, effect: effect)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(metadata) else {
            throw WeightsError(
                .unwritable, "cannot write \(path): a result of '\(name)' is not a finite number")
        }
        let json = String(decoding: data, as: UTF8.self)
        try SafetensorsFile.write(tensors, metadata: ["vane.concept": json], to: path)
    }

    /// Reads a concept file.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` naming the key that is wrong;
    ///   `WeightsError` when the container is damaged.
    public init(contentsOf path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ConceptError(.missingFile, "there is no concept file \(path)")
        }
        try self.init(SafetensorsFile(path: path))
    }

    /// Reads a concept from the open file that holds it.
    ///
    /// - Throws: as ``init(contentsOf:)``.
    package init(_ file: SafetensorsFile) throws {
        let path = file.name
        func malformed(_ what: String) -> ConceptError { ConceptError(.malformedFile, "\(path): \(what)") }
        guard let text = file.metadata["vane.concept"] else {
            throw malformed("it is a safetensors file without the metadata key 'vane.concept', not a concept")
        }
        func decode<Part: Decodable>(_ part: Part.Type) throws -> Part {
            do { return try JSONDecoder().decode(part, from: Data(text.utf8)) } catch let error
                as DecodingError
            {
                throw malformed("the metadata does not read: \(Concept.explain(error))")
            }
        }
        let version = try decode(Version.self).format
        guard version == Concept.formatVersion else {
            throw malformed("it has format version \(version), this Vane reads \(Concept.formatVersion)")
        }
        let metadata = try decode(Metadata.self)
        guard metadata.siteConvention == Site.convention else {
            throw malformed("its layers are counted by another convention: '\(metadata.siteConvention)'")
        }
        let layout = metadata.provenance.model.layout
        func vector(_ name: String, _ count: Int) throws -> [Float] {
            guard let tensor = try file.tensor(named: name) else {
                throw malformed("the tensor '\(name)' is missing")
            }
            // Compared as arrays: a file may claim a negative width, which no shape can have.
            guard tensor.shape.array == [count] else {
                throw malformed("'\(name)' has shape \(tensor.shape), expected [\(count)]")
            }
            let elements = tensor.elements
            guard elements.allSatisfy({ $0.isFinite }) else {
                throw malformed("'\(name)' holds NaN or infinity")
            }
            return elements
        }
        let layers = try metadata.layers.map { result in
            guard let width = try? layout.width(of: result.site) else {
                throw malformed("its model has no site \(result.site)")
            }
            func probe(_ prefix: String) throws -> LinearProbe {
                LinearProbe(
                    weights: try vector("\(prefix).weight", width), bias: try vector("\(prefix).bias", 1)[0])
            }
            let steering = "\(result.site).steering"
            let isApart = file.tensorNames.contains { $0.hasPrefix(steering + ".") }
            return Layer(
                site: result.site, probe: try probe("\(result.site)"),
                steering: isApart ? try probe(steering) : nil,
                meanDifference: try vector("\(result.site).meanDifference", width), result: result)
        }
        self.init(
            name: metadata.name, layers: layers, defaultSites: metadata.defaultSites,
            provenance: metadata.provenance, verdict: metadata.verdict, effect: metadata.effect)
        for site in defaultSites where !layers.contains(where: { $0.site == site }) {
            throw malformed("the default site \(site) has no probe")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' should be a \(type)"
        case .dataCorrupted(let context): context.debugDescription
        @unknown default: "\(error)"
        }
    }
}
