import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("LayerProjection: GGUF files that say project")
struct LayerProjectionTests {
    private let folder: ProcessFolder
    private let good: GGUFFile

    init() throws {
        folder = try ProcessFolder()
        good = try GGUFFile(path: ExchangeFixtures.path("projection.gguf"))
    }

    /// What reading the good file says with some keys and tensors changed; nil when it reads. `nil` removes one.
    private func message(
        _ changes: [String: GGUFValue?] = [:], tensors changed: [String: [Float]?] = [:]
    ) throws -> String? {
        var metadata = good.keys.compactMap { key in good.metadata[key].map { (key: key, value: $0) } }
        metadata.removeAll { changes.keys.contains($0.key) }
        for (key, value) in changes { if let value { metadata.append((key, value)) } }
        var tensors: [(name: String, tensor: Tensor)] = []
        for name in good.tensorNames where !changed.keys.contains(name) {
            tensors.append((name, try #require(try good.tensor(named: name))))
        }
        for (name, values) in changed {
            if let values { tensors.append((name, try Tensor(values, shape: [values.count]))) }
        }
        let path = folder.file("changed.gguf")
        try GGUFFile.write(metadata: metadata, tensors: tensors, to: path)
        do { _ = try VectorFile(contentsOf: path) } catch {
            #expect((error as? ConceptError)?.code == .malformedFile && "\(error)".contains(path), "\(error)")
            return "\(error)"
        }
        return nil
    }

    @Test("a file of two directions a layer is read with all its strengths", .tags(.golden))
    func golden() throws {
        let file = try VectorFile(contentsOf: good.name)
        #expect(file.format == .layerProjection && file.name == "frame" && file.modelHint == "Tiny-4")
        #expect(file.sites == [.residual(1), .residual(3)])
        #expect(file.directions(at: .residual(1)) == [[0.6, 0.8, 0, 0], [-0.8, 0.6, 0, 0]])
        guard case .project(let strengths) = file.kind else {
            Issue.record("it is not a projection")
            return
        }
        #expect(strengths.strength(at: .residual(1), direction: 0) == 1.5)
        #expect(strengths.strength(at: .residual(1), direction: 1) == 0.75)
        #expect(strengths.strength(at: .residual(3), direction: 1) == 1.5)
        #expect(
            file.facts["general.base_model.0.version"] == "abc123" && file.facts["glp.method"] == "by hand")
        // Written again: the same content, and twice the same bytes.
        #expect(try LayerProjection.write(file, to: folder.file("a.gguf")).isEmpty)
        let again = try VectorFile(contentsOf: folder.file("a.gguf"))
        #expect(
            again.vectors == file.vectors && again.furtherVectors == file.furtherVectors
                && again.kind == file.kind)
        #expect(again.facts == file.facts && again.name == file.name && again.modelHint == file.modelHint)
        try LayerProjection.write(again, to: folder.file("b.gguf"))
        #expect(try folder.read("a.gguf") == folder.read("b.gguf"))
        let theirs = good.metadata["glp.content_sha256"]
        #expect(try GGUFFile(path: folder.file("a.gguf")).metadata["glp.content_sha256"] == theirs)
    }

    @Test("every lie about the tensors is refused")
    func refused() throws {
        #expect(try message() == nil)
        let cases: [([String: GGUFValue?], String)] = [
            (["glp.mode": .string("ablate")], "glp.mode is 'ablate'"), (["glp.mode": .uint32(1)], "glp.mode"),
            (["glp.mode": .string("add")], "adds, and has 2"),
            (["glp.spec_version": .uint32(1)], "need version 2"),
            (["glp.spec_version": .uint32(3)], "glp.spec_version is 3"),
            (["glp.spec_version": nil], "missing"),
            (["glp.hook_point": .string("kv_cache")], "'kv_cache'"),
            (["glp.rank": .uint32(1)], "glp.rank"), (["glp.orthonormal": .bool(false)], "glp.orthonormal"),
            (["glp.orthonormal": nil], "glp.orthonormal"),
            (["glp.content_sha256": .string(String(repeating: "0", count: 64))], "glp.content_sha256"),
            (["glp.layer_ids_zero_based": .string("0,2")], "glp.layer_ids_zero_based"),
            (["glp.dir_scales": .string("1")], "glp.dir_scales"),
            (["glp.dir_scales": .string("1,x")], "glp.dir_scales"),
            (["glp.layer_scales": .string("2:1")], "glp.layer_scales"),
            (["glp.layer_scales": .string("3:nan")], "glp.layer_scales"),
            (["glp.alpha_default": .string("4")], "glp.alpha_default"),
            (["glp.alpha_default": .float32(.infinity)], "glp.alpha_default"),
        ]
        for (changes, part) in cases {
            let text = try message(changes)
            #expect(text?.contains(part) == true, "\(changes): \(text ?? "it was read")")
        }
        let free: [String: GGUFValue?] = [
            "glp.content_sha256": nil, "glp.layer_ids_zero_based": nil,
        ]
        let frames: [([String: [Float]?], String)] = [
            (["direction.0": [1, 0, 0, 0]], "block 0"), (["direction.1": [0.6, 0.8, 0, 0.2]], "length"),
            (["direction.1.1": [0, 1, 0, 0]], "not orthogonal"), (["direction.1.1": nil], "others"),
            (["direction.3": [0, 0, 1]], "several widths"), (["direction.1": nil], "without gaps"),
            (["direction.1.3": [0, 0, 1, 0]], "without gaps"), (["other": [1, 0, 0, 0]], "'other'"),
            (["direction.01": [1, 0, 0, 0]], "twice"),
        ]
        for (tensors, part) in frames {
            let text = try message(free, tensors: tensors)
            #expect(text?.contains(part) == true, "\(tensors): \(text ?? "it was read")")
        }
        // One flipped number is noticed by the hash alone.
        let turned = try message(tensors: ["direction.3": [0, 0, -1, 0]])
        #expect(turned?.contains("glp.content_sha256") == true)
    }

    @Test("hook points become sites, and what is absent or transferred is noted")
    func hooks() throws {
        func read(_ changes: [String: GGUFValue?]) throws -> VectorFile {
            #expect(try message(changes) == nil)
            return try VectorFile(contentsOf: folder.file("changed.gguf"))
        }
        let mlp = try read(["glp.hook_point": .string("ffn_out_pre_residual")])
        #expect(mlp.sites == [.mlpOutput(1), .mlpOutput(3)])
        let attention = try read(["glp.hook_point": .string("attn_out_pre_residual")])
        #expect(attention.sites == [.attentionOutput(1), .attentionOutput(3)])
        let absent = try read(["glp.hook_point": nil])
        #expect(
            absent.sites == [.residual(1), .residual(3)] && absent.notes.contains { $0.contains("assumed") })
        let moved = try read(["glp.derived_at": .string("ffn_out_pre_residual")])
        #expect(moved.notes.contains { $0.contains("measured at ffn_out_pre_residual") })
        let strength = try read(["glp.alpha_default": nil])
        #expect(strength.notes.contains { $0.contains("glp.alpha_default") })
    }

    @Test("a frame is made orthonormal when written; what cannot be one is refused")
    func frames() throws {
        let skew = VectorFile(
            name: "skew", kind: .project(.init(alpha: 2)), vectors: [.mlpOutput(2): [3, 0, 0, 0]],
            furtherVectors: [.mlpOutput(2): [[1, 1, 0, 0], [1, 1, 1, 1]]])
        let notes = try LayerProjection.write(skew, to: folder.file("skew.gguf"))
        #expect(notes.count == 1 && notes[0].contains("orthonormal"))
        let read = try VectorFile(contentsOf: folder.file("skew.gguf"))
        let half = Float(0.5.squareRoot())
        #expect(read.directions(at: .mlpOutput(2)) == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, half, half]])
        // The strength stays a number of its own.
        #expect(read.kind == .project(.init(alpha: 2)))
        let bad = [
            VectorFile(name: "0", kind: .project(.init(alpha: 1)), vectors: [.residual(0): [1]]),
            VectorFile(name: "zero", kind: .project(.init(alpha: 1)), vectors: [.residual(1): [0, 0]]),
            VectorFile(
                name: "dependent", kind: .project(.init(alpha: 1)), vectors: [.residual(1): [1, 2]],
                furtherVectors: [.residual(1): [[2, 4]]]),
            VectorFile(
                name: "mixed", kind: .project(.init(alpha: 1)),
                vectors: [.residual(1): [1], .mlpOutput(1): [1]]),
            VectorFile(
                name: "head", kind: .project(.init(alpha: 1)), vectors: [.head(layer: 1, head: 0): [1]]),
            VectorFile(name: "nan", kind: .project(.init(alpha: .nan)), vectors: [.residual(1): [1]]),
            VectorFile(
                name: "scales", kind: .project(.init(alpha: 1, directionScales: [1, 2])),
                vectors: [.residual(1): [1]]),
        ]
        for file in bad {
            let error = #expect(throws: ConceptError.self, "\(file.name)") {
                try LayerProjection.write(file, to: folder.file("bad.gguf"))
            }
            #expect(error?.code == .invalidOption)
        }
        #expect(try folder.names() == ["skew.gguf"])
    }

    @Test("files that add say so, and stay control vectors for llama.cpp")
    func addition() throws {
        let file = VectorFile(name: "joy", modelHint: "llama", vectors: [.residual(2): [1, 2]])
        try LayerProjection.write(file, to: folder.file("add.gguf"))
        let read = try VectorFile(contentsOf: folder.file("add.gguf"))
        #expect(read.kind == .add && read.vectors == file.vectors && read.format == .layerProjection)
        #expect(try GGUFFile(path: folder.file("add.gguf")).metadata["glp.mode"] == .string("add"))
        #expect(throws: ConceptError.self) { try ControlVector.read(folder.file("add.gguf")) }
    }

    @Test(
        "strength and direction of a projection survive writing: by its formula a state loses the direction",
        .tags(.planted))
    func meaning() throws {
        let concept = try PlantedConcepts.learnt()
        let file = try VectorFile(concept, projectingOut: 1)
        let moved = try #require(file.sites.first)
        // Block 0 has no name in the format: the planted concept is put one block later.
        let later = VectorFile(
            name: "later", kind: file.kind, vectors: [.residual(7): try #require(file.vectors[moved])])
        try LayerProjection.write(later, to: folder.file("p.gguf"))
        let read = try VectorFile(contentsOf: folder.file("p.gguf"))
        let direction = try #require(read.vectors[.residual(7)])
        guard case .project(let strengths) = read.kind else {
            Issue.record("it is not a projection")
            return
        }
        let alpha = strengths.strength(at: .residual(7), direction: 0)
        var generator = SeededGenerator(seed: 5)
        let state = (0..<direction.count).map { _ in Float(generator.normal()) }
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let part = dot(state, direction)
        let projected = zip(state, direction).map { $0 - alpha * part * $1 }
        #expect(abs(part) > 0.05 && abs(dot(projected, direction)) < 1e-5)
        let added = zip(state, direction).map(+)
        #expect(abs(dot(added, direction)) > 0.05)
    }
}
