import Foundation
import VaneSites
import VaneTensors
import VaneWeights

extension LayerProjection {
    /// Writes a projection file, or with `add` a control vector that says so, and returns what the user
    /// should know.
    ///
    /// Directions are stored at length 1; a site's further ones are made orthogonal to the ones before (Gram
    /// and Schmidt, in double precision) unless they are already. `alpha` and the scales go into the
    /// metadata, never into the directions. The same content gives the same bytes: no date is written.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for block 0, sites of several kinds or of a kind that the
    ///   format has no word for, several directions to add, numbers of directions or widths that differ, a
    ///   direction of length 0 or dependent on others; `WeightsError` `unwritable`.
    @discardableResult
    public static func write(_ file: VectorFile, to path: String) throws -> [String] {
        func refused(_ what: String) -> ConceptError {
            ConceptError(.invalidOption, "'\(file.name)' cannot be a projection file: \(what)")
        }
        let hooks = try Set(file.sites.map { try hook(of: $0, refused) })
        guard hooks.count == 1, let hook = hooks.first, file.width != nil else {
            throw refused("it has no vector, sites of several kinds, or vectors of several widths")
        }
        var notes: [String] = []
        var layers: [(layer: Int, directions: [[Float]])] = []
        for site in file.sites {
            guard let layer = site.layer, layer > 0 else {
                throw refused("the format cannot name block 0 (\(site))")
            }
            var directions = file.directions(at: site)
            guard directions.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
                throw refused("\(site) holds NaN or infinity")
            }
            if case .project = file.kind {
                let frame = try frame(directions) { refused("\(site) \($0)") }
                if frame != directions { notes.append("the directions at \(site) were made orthonormal") }
                directions = frame
            }
            layers.append((layer, directions))
        }
        let rank = layers.first?.directions.count ?? 0
        guard layers.allSatisfy({ $0.directions.count == rank }) else {
            throw refused("its sites have different numbers of directions")
        }
        var metadata: [(key: String, value: GGUFValue)] = [
            ("general.architecture", .string("controlvector")), ("general.type", .string("controlvector")),
            ("general.name", .string(file.name)),
            ("controlvector.layer_count", .uint32(UInt32(clamping: layers.count))),
        ]
        metadata += try strengths(of: file, rank: rank, hook: hook, refused)
        metadata.append(
            ("glp.layer_ids_zero_based", .string(layers.map { "\($0.layer)" }.joined(separator: ","))))
        metadata.append(("glp.content_sha256", .string(contentHash(layers))))
        for key in ["glp.derived_at", "glp.created", "glp.method", "glp.contrast"] {
            if let text = file.facts[key] { metadata.append((key, .string(text))) }
        }
        if let model = file.modelHint {
            metadata.append(("controlvector.model_hint", .string(model)))
            metadata.append(("general.base_model.count", .uint32(1)))
            metadata.append(("general.base_model.0.name", .string(model)))
            for part in ["organization", "version", "repo_url"] {
                let key = "general.base_model.0.\(part)"
                if let text = file.facts[key] { metadata.append((key, .string(text))) }
            }
        }
        // What stands in the file under its own key is not kept a second time.
        var rest = file
        for (key, _) in metadata { rest.facts[key] = nil }
        metadata += ControlVector.ownFacts(rest)
        let tensors = try layers.flatMap { layer, directions in
            try directions.enumerated().map { index, vector in
                (
                    name: index == 0 ? "direction.\(layer)" : "direction.\(layer).\(index)",
                    tensor: try Tensor(vector, shape: [vector.count])
                )
            }
        }
        try GGUFFile.write(metadata: metadata, tensors: tensors, to: path)
        return notes
    }

    private static func hook(of site: Site, _ failure: (String) -> ConceptError) throws -> String {
        switch site {
        case .residual: residualHook
        case .mlpOutput: mlpHook
        case .attentionOutput: attentionHook
        default: throw failure("it has no word for \(site)")
        }
    }

    /// Mode, version, strengths and hook point.
    private static func strengths(
        of file: VectorFile, rank: Int, hook: String, _ failure: (String) -> ConceptError
    ) throws -> [(key: String, value: GGUFValue)] {
        guard case .project(let projection) = file.kind else {
            guard rank == 1 else { throw failure("several vectors of one site cannot be added") }
            return [
                ("glp.mode", .string("add")), ("glp.spec_version", .uint32(1)), ("glp.rank", .uint32(1)),
                ("glp.hook_point", .string(hook)),
            ]
        }
        let scales = projection.directionScales
        guard projection.alpha.isFinite, scales.isEmpty || scales.count == rank,
            (scales + projection.siteScales.values).allSatisfy({ $0.isFinite }),
            projection.siteScales.keys.allSatisfy({ file.vectors[$0] != nil })
        else { throw failure("a strength is not finite, or belongs to no direction of it") }
        let usesVersion2 = rank > 1 || !scales.isEmpty || !projection.siteScales.isEmpty
        var keys: [(key: String, value: GGUFValue)] = [
            ("glp.mode", .string("project")), ("glp.spec_version", .uint32(usesVersion2 ? 2 : 1)),
            ("glp.alpha_default", .float32(projection.alpha)), ("glp.rank", .uint32(UInt32(clamping: rank))),
            ("glp.orthonormal", .bool(true)), ("glp.hook_point", .string(hook)),
        ]
        if !scales.isEmpty {
            keys.append(("glp.dir_scales", .string(scales.map { "\($0)" }.joined(separator: ","))))
        }
        if !projection.siteScales.isEmpty {
            let pairs = projection.siteScales.sorted { $0.key < $1.key }.map {
                "\($0.key.layer ?? 0):\($0.value)"
            }
            keys.append(("glp.layer_scales", .string(pairs.joined(separator: ","))))
        }
        return keys
    }

    /// The directions as an orthonormal frame; as they are if they are one to single precision.
    private static func frame(
        _ directions: [[Float]], _ failure: (String) -> ConceptError
    ) throws -> [[Float]] {
        var frame: [[Float]] = []
        for (index, direction) in directions.enumerated() {
            let isUnit = abs(Numbers.dot(direction, direction) - 1) <= 2e-6
            if isUnit && frame.allSatisfy({ abs(Numbers.dot($0, direction)) <= 2e-6 }) {
                frame.append(direction)
                continue
            }
            var rest = direction.map(Double.init)
            // Twice: what rounding leaves of the first pass is gone after the second.
            for _ in 0..<2 {
                for earlier in frame {
                    let part = zip(rest, earlier).reduce(0.0) { $0 + $1.0 * Double($1.1) }
                    rest = zip(rest, earlier).map { $0 - part * Double($1) }
                }
            }
            let length = rest.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
            guard length > 1e-6 * Numbers.norm(direction), length > 0 else {
                throw failure("has a direction \(index) of length 0, or one that follows from the others")
            }
            frame.append(rest.map { Float($0 / length) })
        }
        return frame
    }
}
