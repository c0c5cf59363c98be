import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Hostile concept files")
struct HostileConceptTests {
    private let folder: ProcessFolder
    private let bytes: Data
    /// The parts of a good file, to be put together wrongly.
    private let tensors: [String: Tensor]
    private let json: String

    init() throws {
        folder = try ProcessFolder()
        let path = folder.file("good.vane")
        try PlantedConcepts.learnt().write(to: path)
        bytes = try folder.read("good.vane")
        let file = try SafetensorsFile(path: path)
        var tensors: [String: Tensor] = [:]
        for name in file.tensorNames { tensors[name] = try file.tensor(named: name) }
        self.tensors = tensors
        json = file.metadata["vane.concept"] ?? ""
    }

    /// What reading a file of these parts says; nil when it reads.
    private func message(
        tensors changed: [String: Tensor?] = [:], json: String? = nil, metadata: [String: String]? = nil
    ) throws -> String? {
        let tensors = self.tensors.merging(changed.compactMapValues { $0 }) { $1 }
            .filter { name, _ in changed[name].map { $0 != nil } ?? true }
        let path = folder.file("bad.vane")
        try SafetensorsFile.write(
            tensors, metadata: metadata ?? ["vane.concept": json ?? self.json], to: path)
        do { _ = try Concept(contentsOf: path) } catch {
            #expect((error as? ConceptError)?.code == .malformedFile, "\(error)")
            #expect("\(error)".contains(path))
            return "\(error)"
        }
        return nil
    }

    @Test("the parts themselves are good")
    func control() throws {
        #expect(try message() == nil)
        #expect(tensors.count == 6)
    }

    @Test("a tensor that is missing, misshapen or not finite is named")
    func tensorsWrong() throws {
        let name = "blocks[1].residual.weight"
        #expect(try message(tensors: [name: nil])?.contains("'\(name)' is missing") == true)
        let short = try Tensor([1, 2, 3], shape: [3])
        #expect(
            try message(tensors: [name: short])?.contains("'\(name)' has shape [3], expected [16]") == true)
        let flat = try Tensor([Float](repeating: 1, count: 16), shape: [4, 4])
        #expect(try message(tensors: [name: flat])?.contains("[4, 4]") == true)
        for value in [Float.nan, .infinity] {
            let bad = try Tensor([Float](repeating: 1, count: 15) + [value], shape: [16])
            #expect(try message(tensors: [name: bad])?.contains("'\(name)' holds NaN or infinity") == true)
        }
        let bias = try Tensor([.nan], shape: [1])
        #expect(try message(tensors: ["blocks[0].residual.bias": bias])?.contains("NaN") == true)
        let half = try message(tensors: ["blocks[0].residual.steering.bias": Tensor([1], shape: [1])])
        #expect(half?.contains("'blocks[0].residual.steering.weight' is missing") == true, "\(half ?? "")")
    }

    @Test(
        "metadata that do not fit say what is wrong",
        arguments: [
            ("\"format\":1", "\"format\":2", "format version 2"),
            ("\"format\":1,\"layers\"", "\"format\":7,\"levels\"", "format version 7"),
            ("counted from 0", "counted from 1", "another convention"),
            ("\"site\":\"blocks[0].residual\"", "\"site\":\"blocks[9].residual\"", "blocks[9].residual"),
            ("\"site\":\"blocks[0].residual\"", "\"site\":\"blocks[x].residual\"", "is not a site"),
            ("\"defaultSites\":[", "\"defaultSites\":[\"finalNorm\",", "finalNorm"),
            ("\"width\":16", "\"width\":-5", "expected [-5]"),
            ("\"width\":16", "\"width\":9000000000000000000", "shape"),
            ("\"depth\":2", "\"depth\":0", "blocks[0].residual"),
            ("\"provenance\":", "\"prov\":", "'provenance' is missing"),
            ("\"width\":16", "\"width\":\"16\"", "width"), ("\"format\":1", "\"format\":1e99", "metadata"),
            ("{", "", "metadata"),
        ])
    func metadata(old: String, new: String, part: String) throws {
        let changed = json.replacing(old, with: new, maxReplacements: 1)
        #expect(changed != json, "the file's text has changed; this test replaces nothing")
        let text = try message(json: changed)
        #expect(text?.contains(part) == true, "\(text ?? "it was read")")
    }

    @Test("a safetensors file that is no concept is told so")
    func notAConcept() throws {
        #expect(try message(metadata: [:])?.contains("not a concept") == true)
        let path = Fixtures.url("models/gpt2/model.safetensors").path
        let error = #expect(throws: ConceptError.self) { try Concept(contentsOf: path) }
        #expect(error?.code == .malformedFile && error?.message.contains("not a concept") == true)
        #expect(throws: WeightsError.self) {
            try Concept(contentsOf: folder.write("just some text, long enough", to: "x.vane"))
        }
    }

    @Test("a file cut short at any place is refused")
    func truncated() throws {
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 150)) {
            let path = try folder.write(bytes.prefix(count), to: "cut.vane")
            #expect(throws: (any Error).self, "\(count) of \(bytes.count) bytes") {
                try Concept(contentsOf: path)
            }
        }
    }

    @Test("random damage never crashes, and what is read is finite", arguments: 0..<3)
    func damage(part: Int) throws {
        var refused = 0
        for seed in part * 100..<(part + 1) * 100 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var damaged = bytes
            for _ in 0...generator.integer(below: 4) {
                // Half of the damage goes to the header, where the lies are.
                let reach = generator.uniform() < 0.5 ? min(400, damaged.count) : damaged.count
                damaged[generator.integer(below: reach)] = UInt8(generator.integer(below: 256))
            }
            let path = try folder.write(damaged, to: "damaged.vane")
            do {
                let concept = try Concept(contentsOf: path)
                #expect(concept.layers.allSatisfy { layer in layer.probe.weights.allSatisfy { $0.isFinite } })
            } catch { refused += 1 }
        }
        #expect(refused > 20, "only \(refused) of 100 damaged files were refused")
    }
}
