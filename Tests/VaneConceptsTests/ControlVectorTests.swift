import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("GGUF control vectors")
struct ControlVectorTests {
    private let folder: ProcessFolder
    init() throws { folder = try ProcessFolder() }

    /// Writes a control vector with these tensors and metadata.
    private func file(
        _ tensors: [(name: String, tensor: Tensor)], _ metadata: [(key: String, value: GGUFValue)] = []
    ) throws -> String {
        let path = folder.file("made.gguf")
        try GGUFFile.write(
            metadata: [("general.architecture", .string("controlvector"))] + metadata, tensors: tensors,
            to: path)
        return path
    }

    private func tensor(_ values: Float...) throws -> Tensor { try Tensor(values, shape: [values.count]) }

    @Test("what the gguf package wrote is read at the sites where llama.cpp applies it", .tags(.golden))
    func golden() throws {
        let file = try VectorFile(contentsOf: ExchangeFixtures.path("control.gguf"))
        #expect(file.format == .controlVector && file.kind == .add && file.modelHint == "llama")
        #expect(file.name == "planted" && file.notes.isEmpty && file.width == 48)
        #expect(file.sites == [.residual(1), .residual(2)] && file.facts == ["method": "by hand"])
        for layer in [1, 2] { #expect(file.vectors[.residual(layer)] == ExchangeFixtures.vector(layer)) }
        let repeng = try VectorFile(contentsOf: ExchangeFixtures.path("repeng.gguf"))
        #expect(
            repeng.format == .controlVector && repeng.vectors == file.vectors && repeng.modelHint == "llama")
        // The control: the generator of llama.cpp measures one block earlier.
        let path = ExchangeFixtures.path("generator.gguf")
        let applied = try ControlVector.read(path)
        let measured = try ControlVector.read(path, counting: .asMeasured)
        #expect(applied.vectors[.residual(2)] == ExchangeFixtures.vector(2))
        #expect(measured.sites == [.residual(0), .residual(1)])
        #expect(measured.vectors[.residual(1)] == ExchangeFixtures.vector(2))
    }

    @Test("Vane writes the bytes that the gguf package writes", .tags(.golden))
    func sameBytes() throws {
        let vectors = Dictionary(
            uniqueKeysWithValues: [1, 2].map { (Site.residual($0), ExchangeFixtures.vector($0)) })
        let file = VectorFile(
            name: "planted", modelHint: "llama", vectors: vectors, facts: ["method": "by hand"])
        #expect(try ControlVector.write(file, to: folder.file("own.gguf")).isEmpty)
        let golden = try Data(contentsOf: Fixtures.url("exchange/control.gguf"))
        #expect(try folder.read("own.gguf") == golden)
        // Read and written again: the same.
        let again = try VectorFile(contentsOf: folder.file("own.gguf"))
        try ControlVector.write(again, to: folder.file("again.gguf"))
        #expect(try folder.read("again.gguf") == golden)
    }

    @Test("block 0 is accepted with a note, and left out of what llama.cpp is to read")
    func blockZero() throws {
        let path = try file([("direction.0", tensor(1, 2)), ("direction.3", tensor(3, 4))])
        let read = try VectorFile(contentsOf: path)
        #expect(read.format == .easySteer && read.vectors == [.residual(0): [1, 2], .residual(3): [3, 4]])
        #expect(read.notes.count == 1 && read.notes[0].contains("llama.cpp would refuse"))
        let notes = try ControlVector.write(read, to: folder.file("own.gguf"))
        #expect(notes.count == 1 && notes[0].contains("blocks[0].residual is left out"))
        #expect(try GGUFFile(path: folder.file("own.gguf")).tensorNames == ["direction.3"])
        // With nothing else there is nothing to write.
        let alone = VectorFile(name: "alone", vectors: [.residual(0): [1]])
        let error = #expect(throws: ConceptError.self) {
            try ControlVector.write(alone, to: folder.file("alone.gguf"))
        }
        #expect(error?.code == .invalidOption)
        #expect(throws: ConceptError.self) { try ControlVector.read(path, counting: .asMeasured) }
    }

    @Test("repeats are summed as llama.cpp sums them, and both types of the count are read")
    func repeats() throws {
        let path = try file(
            [
                ("direction.2", tensor(1, 2)), ("direction.02", tensor(10, 20)),
                ("direction.2.1", tensor(100, 200)),
            ],
            [("controlvector.layer_count", .int32(3)), ("controlvector.normalize", .float32(1))])
        let read = try ControlVector.read(path)
        #expect(read.vectors == [.residual(2): [111, 222]] && read.notes.count == 1)
        #expect(read.facts["controlvector.normalize"] == "1.0")
        let wrong = try file([("direction.2", tensor(1))], [("controlvector.layer_count", .uint32(9))])
        #expect(try ControlVector.read(wrong).notes.contains { $0.contains("claims 9 vectors") })
        let half = try file([("direction.2", tensor(1, -2).roundedToBFloat16())])
        let narrow = try ControlVector.read(half)
        #expect(narrow.vectors[.residual(2)] == [1, -2] && narrow.notes.contains { $0.contains("F32 only") })
    }

    @Test("several files add up, a projection does not")
    func sum() throws {
        let a = VectorFile(name: "a", vectors: [.residual(1): [1, 2]], notes: ["n"], facts: ["k": "1"])
        let b = VectorFile(
            name: "b", vectors: [.residual(1): [10, 20], .residual(2): [5, 6]], notes: ["n", "m"])
        let sum = try a.adding(b)
        #expect(sum.vectors == [.residual(1): [11, 22], .residual(2): [5, 6]])
        #expect(sum.notes == ["n", "m"] && sum.facts == ["k": "1"])
        let projection = VectorFile(
            name: "p", kind: .project(.init(alpha: 1)), vectors: [.residual(1): [1, 0]])
        #expect(throws: ConceptError.self) { try a.adding(projection) }
        #expect(throws: ConceptError.self) { try projection.adding(a) }
        #expect(throws: ConceptError.self) {
            try a.adding(VectorFile(name: "c", vectors: [.residual(1): [1]]))
        }
    }

    @Test("what is no control vector is refused by name")
    func refused() throws {
        let bad: [([(name: String, tensor: Tensor)], String)] = [
            ([("vector.1", try tensor(1))], "direction.<layer>"),
            ([("direction.x", try tensor(1))], "'direction.x'"),
            ([("direction.1.2.3", try tensor(1))], "'direction.1.2.3'"),
            ([("direction.-1", try tensor(1))], "'direction.-1'"),
            ([("direction.99999999999", try tensor(1))], "'direction.99999999999'"),
            ([("direction.1", try Tensor([1, 2], shape: [2, 1]))], "one dimension"),
            ([("direction.1", try tensor(.nan))], "NaN"),
            ([("direction.1", try Tensor([], shape: [0]))], "empty"),
            ([("direction.1", try tensor(1)), ("direction.2", try tensor(1, 2))], "numbers"),
            ([("direction.1", try tensor(1)), ("direction.01", try tensor(1, 2))], "expected 1"),
        ]
        for (tensors, part) in bad {
            let path = try file(tensors)
            let error = #expect(throws: ConceptError.self, "\(part)") { try VectorFile(contentsOf: path) }
            #expect(error?.code == .malformedFile && error?.message.contains(path) == true)
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
        let model = folder.file("model.gguf")
        try GGUFFile.write(
            metadata: [("general.architecture", .string("llama"))], tensors: [("direction.1", tensor(1))],
            to: model)
        #expect(throws: ConceptError.self) { try VectorFile(contentsOf: model) }
        let old = try file([("direction.1", tensor(1))], [("dspark.mode", .string("project"))])
        #expect(throws: ConceptError.self) { try VectorFile(contentsOf: old) }
    }

    @Test("only what llama.cpp can apply is written")
    func unwritable() throws {
        let path = folder.file("no.gguf")
        for file in [
            VectorFile(name: "p", kind: .project(.init(alpha: 1)), vectors: [.residual(1): [1]]),
            VectorFile(name: "m", vectors: [.mlpOutput(1): [1]]), VectorFile(name: "none", vectors: [:]),
            VectorFile(name: "w", vectors: [.residual(1): [1], .residual(2): [1, 2]]),
            VectorFile(name: "n", vectors: [.residual(1): [.infinity]]),
        ] {
            let error = #expect(throws: ConceptError.self) { try ControlVector.write(file, to: path) }
            #expect(error?.code == .invalidOption && error?.message.contains("'\(file.name)'") == true)
        }
        #expect(try folder.names().isEmpty)
    }

    @Test("a concept gives its unit steering directions times the strength", .tags(.planted))
    func concept() throws {
        let concept = try PlantedConcepts.learnt()
        let file = try VectorFile(concept, strength: 4)
        #expect(file.sites == concept.defaultSites.sorted() && file.kind == .add)
        for layer in try concept.defaultLayers {
            let vector = try #require(file.vectors[layer.site])
            let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm - 4) < 1e-5)
            #expect(vector == layer.steering.direction.map { $0 * 4 })
        }
        #expect(file.facts["examples_sha256"] == concept.provenance.examplesSHA256)
        try file.requireFit(PlantedConcepts.network.layout)
        // The control: another width does not fit, and neither does a block that is not there.
        let wide = VectorFile(name: "wide", vectors: [.residual(0): [1, 2, 3]])
        #expect(throws: ConceptError.self) { try wide.requireFit(PlantedConcepts.network.layout) }
        let deep = VectorFile(name: "deep", vectors: [.residual(99): [Float](repeating: 1, count: 16)])
        #expect(throws: SiteError.self) { try deep.requireFit(PlantedConcepts.network.layout) }
        #expect(throws: ConceptError.self) { try VectorFile(concept, strength: .nan) }
        let projection = try VectorFile(concept, projectingOut: 1.5)
        #expect(projection.kind == .project(.init(alpha: 1.5)))
    }

    @Test(
        "EasySteer's files: 28 layers from 0, 1536 wide, with a note", .enabled(if: Fixtures.shared != nil),
        arguments: [
            ("easysteer_happy_diffmean", "diffmean"), ("easysteer_refuse_pca", "center"),
            ("easysteer_style_probe", "linear_probe"),
        ])
    func easySteer(name: String, method: String) throws {
        let path = try #require(Fixtures.shared).appendingPathComponent("concept_vectors/\(name).gguf").path
        let file = try VectorFile(contentsOf: path)
        #expect(file.format == .easySteer && file.width == 1536 && file.sites == (0..<28).map(Site.residual))
        #expect(file.notes.contains { $0.contains("direction.0") })
        #expect(file.facts["controlvector.method"] == method)
        #expect(file.modelHint?.isEmpty == false)
        // Without block 0 and with our keys, it reads back the same.
        let notes = try ControlVector.write(file, to: folder.file("own.gguf"))
        #expect(notes.contains { $0.contains("left out") })
        let own = try VectorFile(contentsOf: folder.file("own.gguf"))
        #expect(own.format == .controlVector && own.sites == (1..<28).map(Site.residual))
        for site in own.sites { #expect(own.vectors[site] == file.vectors[site]) }
        #expect(own.facts["source.controlvector.method"] == method)
    }
}

/// Files that `generate_exchange.py` made, and the numbers in them.
enum ExchangeFixtures {
    static func path(_ name: String) -> String { Fixtures.url("exchange/\(name)").path }
    static func vector(_ layer: Int, width: Int = 48) -> [Float] {
        (0..<width).map { Float((7 * $0 + 13 * layer) % 17 - 8) / 16 }
    }
}
