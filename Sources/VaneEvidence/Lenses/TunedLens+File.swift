import Foundation
public import VaneSites
import VaneTensors
import VaneWeights

/// A tuned lens as a safetensors file: `SITE.matrix` `[width, width]` holds `A` and `SITE.bias` `[width]` holds `b` of
/// `h + A h + b`; the metadata has `format` `vane-tuned-lens-1`, the model's `fingerprint` and the `fits` as JSON.
extension TunedLens {
    private static let format = "vane-tuned-lens-1"

    /// Writes the lens; the file is whole or the old one stays.
    ///
    /// - Throws: `WeightsError` `unwritable`.
    public func write(to path: String) throws {
        var tensors: [String: Tensor] = [:]
        for (site, translator) in translators {
            tensors["\(site).matrix"] = translator.matrix
            tensors["\(site).bias"] = translator.bias
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let measured = String(decoding: try encoder.encode(fits), as: UTF8.self)
        try SafetensorsFile.write(
            tensors, metadata: ["format": Self.format, "fingerprint": fingerprint, "fits": measured], to: path
        )
    }

    /// Reads a lens.
    ///
    /// - Throws: `WeightsError` for a file that is missing or no safetensors file; ``EvidenceError`` `malformedFile` for
    ///   another content.
    public init(contentsOf path: String) throws {
        let file = try SafetensorsFile(path: path)
        guard file.metadata["format"] == Self.format else {
            throw EvidenceError(.malformedFile, "\(path) is no tuned lens: its format is not \(Self.format)")
        }
        guard let fingerprint = file.metadata["fingerprint"], let measured = file.metadata["fits"],
            let fits = try? JSONDecoder().decode([Fit].self, from: Data(measured.utf8))
        else {
            throw EvidenceError(.malformedFile, "\(path): 'fingerprint' or 'fits' is missing or unreadable")
        }
        var translators: [Site: Translator] = [:]
        for fit in fits {
            let name = "\(fit.site)"
            guard let matrix = try file.tensor(named: name + ".matrix"),
                let bias = try file.tensor(named: name + ".bias"), matrix.dtype == .float32,
                bias.dtype == .float32, matrix.shape.rank == 2, matrix.shape[0] == matrix.shape[1],
                bias.shape == [matrix.shape[0]], (matrix.elements + bias.elements).allSatisfy(\.isFinite)
            else {
                throw EvidenceError(
                    .malformedFile,
                    "\(path): \(name) needs finite float32 tensors .matrix [width, width] and .bias [width]")
            }
            translators[fit.site] = Translator(matrix: matrix, bias: bias)
        }
        self.init(fits: fits, fingerprint: fingerprint, translators: translators)
    }

    /// - Throws: ``EvidenceError`` `unusableInputs` for a model with other weights than the lens was trained on.
    public func requireModel(_ identity: ModelIdentity) throws {
        guard identity.fingerprint == fingerprint else {
            throw EvidenceError(
                .unusableInputs,
                "the lens was trained on other weights than those of \(identity.name); train one on this model"
            )
        }
    }
}
