import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("OtherVectorFormat: svec, concept-guidance, ds4, SAELens, PyTorch")
struct OtherVectorFormatTests {
    private let folder: ProcessFolder
    init() throws { folder = try ProcessFolder() }

    private func vector(_ layer: Int) -> [Float] { ExchangeFixtures.vector(layer, width: 8) }

    /// Expects a `malformedFile` that says `part`.
    private func expectMalformed(_ path: String, _ part: String, options: VectorReadingOptions = .init()) {
        let error = #expect(throws: ConceptError.self) { try VectorFile(contentsOf: path, options: options) }
        #expect(
            error?.code == .malformedFile && error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test("an svec's entry acts before its block", .tags(.golden))
    func svec() throws {
        let file = try VectorFile(contentsOf: ExchangeFixtures.path("happy.svec"))
        #expect(file.format == .svec && file.modelHint == "llama" && file.name == "happy")
        #expect(file.vectors == [.embedding: vector(0), .residual(1): vector(2)])
        #expect(file.facts["explained_variance.blocks[1].residual"] == "0.75")
        // Written and read again: the same, and the same bytes twice.
        #expect(try SVec.write(file, to: folder.file("happy.svec")).isEmpty)
        #expect(try VectorFile(contentsOf: folder.file("happy.svec")).vectors == file.vectors)
        try SVec.write(VectorFile(contentsOf: folder.file("happy.svec")), to: folder.file("again.svec"))
        #expect(try folder.read("again.svec") == folder.read("happy.svec"))
        let text = String(decoding: try folder.read("happy.svec"), as: UTF8.self)
        #expect(text.hasPrefix("{\"model_type\":\"llama\",\"directions\":{\"0\":[-0.5,-0.0625,"))
        #expect(text.hasSuffix("\"explained_variances\":{\"0\":0.5,\"2\":0.75}}\n"))
        // Every float survives the decimal text.
        var generator = SeededGenerator(seed: 3)
        let random = VectorFile(
            name: "r\"\n", modelHint: "a\"b",
            vectors: [.residual(4): (0..<500).map { _ in Float(generator.normal()) }])
        #expect(try SVec.write(random, to: folder.file("r.svec")).count == 1)
        let back = try VectorFile(contentsOf: folder.file("r.svec"))
        #expect(back.vectors == random.vectors && back.modelHint == "a\"b")
        for bad in [
            VectorFile(name: "m", vectors: [.mlpOutput(1): [1]]), VectorFile(name: "none", vectors: [:]),
            VectorFile(name: "p", kind: .project(.init(alpha: 1)), vectors: [.residual(1): [1]]),
        ] { #expect(throws: ConceptError.self) { try SVec.write(bad, to: folder.file("bad.svec")) } }
    }

    @Test("a wrong svec is refused")
    func hostileSvec() throws {
        let bad = [
            ("{", "not JSON"), ("{\"model_type\":\"x\"}", "'directions'"),
            ("{\"directions\":{\"x\":[1]}}", "'x'"), ("{\"directions\":{\"-1\":[1]}}", "'-1'"),
            ("{\"directions\":{\"99999999999\":[1]}}", "'99999999999'"),
            ("{\"directions\":{\"1\":[]}}", "empty"),
            ("{\"directions\":{}}", "no vector"), ("{\"directions\":{\"1\":[1],\"2\":[1,2]}}", "numbers"),
            ("{\"directions\":{\"1\":[1],\"01\":[2]}}", "twice"),
            ("{\"directions\":{\"1\":[1e99]}}", "not JSON"),
            ("{\"directions\":{\"1\":[\"1\"]}}", "lists of numbers"),
            ("{\"directions\":{\"1\":[NaN]}}", "not JSON"),
        ]
        for (text, part) in bad { expectMalformed(try folder.write(text, to: "bad.svec"), part) }
    }

    @Test("concept-guidance says nothing of where: the option decides, and the note tells", .tags(.golden))
    func guidance() throws {
        let path = ExchangeFixtures.path("guidance.safetensors")
        let file = try VectorFile(contentsOf: path)
        #expect(file.format == .conceptGuidance && file.notes.count == 2)
        #expect(file.vectors == [.embedding: vector(0), .residual(0): vector(1), .residual(1): vector(2)])
        #expect(file.facts["b.blocks[0].residual"] == "-0.5" && file.facts["a.embedding"] == "2.0")
        let hidden = try ConceptGuidance.read(path, representation: .hiddens)
        #expect(hidden.sites == [.residual(0), .residual(1), .residual(2)] && hidden.notes.count == 1)
        let attention = try ConceptGuidance.read(path, representation: .postAttention)
        #expect(attention.vectors[.attentionOutput(2)] == vector(2))
        let mlp = try ConceptGuidance.read(path, representation: .mlp)
        #expect(mlp.vectors[.mlpOutput(2)] == vector(2))
        let bad = folder.file("bad.safetensors")
        try SafetensorsFile.write(
            ["W": Tensor(zeros: [2, 3]), "b": Tensor(zeros: [3])], metadata: [:], to: bad)
        expectMalformed(bad, "'b' has shape [3]")
        try SafetensorsFile.write(["W": Tensor(zeros: [3])], metadata: [:], to: bad)
        expectMalformed(bad, "'W'")
        try SafetensorsFile.write(["V": Tensor(zeros: [3])], metadata: [:], to: bad)
        expectMalformed(bad, "without the tensor 'W'")
    }

    @Test(
        "the published concept-guidance files", .enabled(if: Fixtures.shared != nil),
        arguments: ["humor", "truthfulness"])
    func realGuidance(name: String) throws {
        let path = try #require(Fixtures.shared)
            .appendingPathComponent("concept_vectors/concept_guidance_mistral7b_\(name).safetensors").path
        let file = try VectorFile(contentsOf: path)
        #expect(file.vectors.count == 32 && file.width == 4096 && file.sites.first == .embedding)
        for site in file.sites {
            let norm = (file.vectors[site] ?? []).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm - 1) < 1e-3, "\(site): \(norm)")
        }
    }

    @Test("ds4's floats are a projection at what the MLP adds", .tags(.golden))
    func ds4() throws {
        let path = ExchangeFixtures.path("terse.f32")
        let file = try VectorFile(contentsOf: path)
        #expect(file.format == .ds4 && file.kind == .project(.init(alpha: 1)))
        #expect(file.vectors == [.mlpOutput(1): [0.6, 0.8, 0, 0], .mlpOutput(2): [0, 0, 0, 1]])
        #expect(try DS4Directions.read(path, scale: -2).kind == .project(.init(alpha: -2)))
        let floats = try Data(contentsOf: URL(fileURLWithPath: path))
        func variant(_ json: String, _ data: Data) throws -> String {
            try folder.write(json, to: "v.json")
            return try folder.write(data, to: "v.f32")
        }
        let good = "{\"shape\":[3,4],\"component\":\"attn_out\"}"
        #expect(
            try VectorFile(contentsOf: variant(good, floats)).sites == [
                .attentionOutput(1), .attentionOutput(2),
            ])
        expectMalformed(try variant("{\"shape\":[3,4],\"component\":\"x\"}", floats), "'x'")
        expectMalformed(try variant("{\"shape\":[3,4]}", floats), "'component'")
        for shape in ["[4,4]", "[3]", "[0,4]", "[-3,-4]", "[3,4,1]", "[9223372036854775807,2]", "[4,0]"] {
            let json = "{\"shape\":\(shape),\"component\":\"ffn_out\"}"
            expectMalformed(try variant(json, floats), "not floats of the shape")
        }
        expectMalformed(try variant(good, floats + Data([0])), "49 bytes")
        expectMalformed(try variant(good, Data(count: 48)), "no vector")
        var longer = floats
        longer.replaceSubrange(16..<20, with: [0, 0, 0x80, 0x3F])
        #expect(
            try VectorFile(contentsOf: variant(good, longer)).notes.contains {
                $0.contains("row 1 has length")
            })
        try FileManager.default.removeItem(atPath: folder.file("v.json"))
        #expect(throws: ConceptError.self) { try DS4Directions.read(folder.file("v.f32")) }
    }

    @Test("a feature of an autoencoder is a row of its decoder, at its hook", .tags(.golden))
    func autoencoder() throws {
        let path = ExchangeFixtures.path("sae")
        var options = VectorReadingOptions()
        let error = #expect(throws: ConceptError.self) { try VectorFile(contentsOf: path) }
        #expect(error?.code == .invalidOption && error?.message.contains("features") == true)
        options.feature = 3
        let file = try VectorFile(contentsOf: path, options: options)
        #expect(
            file.format == .saeLens && file.vectors == [.residual(2): vector(3)] && file.modelHint == "tiny")
        #expect(file.facts["feature"] == "3" && file.facts["architecture"] == "jumprelu")
        let opened = try SparseAutoencoder(folder: path)
        #expect(opened.features == 5 && opened.width == 8 && opened.site == .residual(2))
        for wrong in [-1, 5] { #expect(throws: ConceptError.self) { try opened.feature(wrong) } }
    }

    @Test(
        "hooks become sites, in both generations of the configuration",
        arguments: [
            ("blocks.0.hook_resid_pre", Site.embedding), ("blocks.4.hook_resid_pre", .residual(3)),
            ("blocks.4.hook_resid_post", .residual(4)), ("blocks.1.hook_mlp_out", .mlpOutput(1)),
            ("blocks.1.hook_attn_out", .attentionOutput(1)), ("blocks.1.mlp.hook_post", .mlpHidden(1)),
        ])
    func hooks(name: String, site: Site) throws {
        let weights = ["W_dec": try Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])]
        try SafetensorsFile.write(weights, metadata: [:], to: folder.file("sae_weights.safetensors"))
        for json in [
            "{\"hook_name\":\"\(name)\",\"model_name\":\"m\",\"d_in\":2,\"d_sae\":3}",
            "{\"metadata\":{\"hook_name\":\"\(name)\",\"model_name\":\"m\"}}",
            "{\"hook_point\":\"\(name)\",\"normalize_activations\":\"layer_norm\"}",
        ] {
            try folder.write(json, to: "cfg.json")
            let file = try SparseAutoencoder(folder: folder.path).feature(1)
            #expect(file.vectors == [site: [3, 4]])
            #expect(file.notes.isEmpty != json.contains("layer_norm"))
        }
    }

    @Test("an autoencoder that contradicts itself is refused")
    func hostileAutoencoder() throws {
        var options = VectorReadingOptions()
        options.feature = 0
        expectMalformed(folder.path, "no cfg.json", options: options)
        try SafetensorsFile.write(
            ["W_dec": Tensor(zeros: [3, 2])], metadata: [:], to: folder.file("sae_weights.safetensors"))
        for (json, part) in [
            ("[]", "no JSON object"), ("{", "no JSON object"), ("{}", "'hook_name'"),
            ("{\"hook_name\":\"blocks.1.attn.hook_z\"}", "'blocks.1.attn.hook_z'"),
            ("{\"hook_name\":\"blocks.-1.hook_resid_post\"}", "not one of a block"),
            ("{\"hook_name\":\"hook_embed\"}", "not one of a block"),
            ("{\"hook_name\":\"blocks.1.hook_mlp_out\",\"d_in\":3}", "[3, 3]"),
        ] {
            try folder.write(json, to: "cfg.json")
            expectMalformed(folder.path, part, options: options)
        }
    }

    @Test("bare tensors of PyTorch: sites by option, by name, or by key", .tags(.golden))
    func torch() throws {
        let named = try VectorFile(contentsOf: ExchangeFixtures.path("vec_layer_3.pt"))
        #expect(named.format == .torch && named.vectors == [.residual(3): vector(3)])
        #expect(named.notes.contains { $0.contains("layer 3") })
        let legacy = ExchangeFixtures.path("legacy.pt")
        let error = #expect(throws: ConceptError.self) { try VectorFile(contentsOf: legacy) }
        #expect(error?.code == .invalidOption && error?.message.contains("name a site") == true)
        var options = VectorReadingOptions()
        options.site = .mlpOutput(5)
        #expect(try VectorFile(contentsOf: legacy, options: options).vectors == [.mlpOutput(5): vector(3)])
        let matrix = try VectorFile(contentsOf: ExchangeFixtures.path("matrix.pt"))
        #expect(matrix.sites == [.residual(0), .residual(1), .residual(2)])
        #expect(matrix.vectors[.residual(2)] == vector(2))
        let hidden = try TorchVectors.read(ExchangeFixtures.path("matrix.pt"), rows: .hiddenStates)
        #expect(hidden.sites == [.embedding, .residual(0), .residual(1)])
        let list = try VectorFile(contentsOf: ExchangeFixtures.path("list.pt"))
        #expect(list.vectors == [.residual(0): vector(0), .residual(1): vector(1)])
        for name in ["layers.pt", "named.pt"] {
            let file = try VectorFile(contentsOf: ExchangeFixtures.path(name))
            #expect(file.vectors == [.residual(4): vector(4), .residual(6): vector(6)], "\(name)")
        }
        expectMalformed(ExchangeFixtures.path("state.pt"), "names no layer")
        expectMalformed(ExchangeFixtures.path("legacy-dict.pt"), "names no layer")
        #expect(throws: WeightsError.self) {
            try VectorFile(contentsOf: ExchangeFixtures.path("refused/eval.pt"))
        }
    }

    @Test("the format is told by content, not by name")
    func detection() throws {
        let files: [(String, VectorFormat)] = [
            ("control.gguf", .controlVector), ("generator.gguf", .controlVector),
            ("projection.gguf", .layerProjection), ("happy.svec", .svec), ("terse.f32", .ds4),
            ("sae", .saeLens),
            ("guidance.safetensors", .conceptGuidance), ("layers.pt", .torch), ("legacy.pt", .torch),
        ]
        for (name, format) in files {
            #expect(try VectorFormat.detect(ExchangeFixtures.path(name)) == format, "\(name)")
            guard format != .ds4, format != .saeLens else { continue }
            let data = try Data(contentsOf: Fixtures.url("exchange/\(name)"))
            #expect(try VectorFormat.detect(folder.write(data, to: "no-name")) == format, "\(name)")
        }
        for (data, part) in [
            (Data(), "no format"), (Data("plain text".utf8), "no format"), (Data([1, 2, 3]), "no format"),
        ] { expectMalformed(try folder.write(data, to: "unknown"), part) }
        expectMalformed(ExchangeFixtures.path("sae/sae_weights.safetensors"), "name its folder")
        try PlantedConcepts.learnt().write(to: folder.file("own.vane"))
        expectMalformed(folder.file("own.vane"), "Vane's own")
        let absent = #expect(throws: ConceptError.self) { try VectorFile(contentsOf: folder.file("absent")) }
        #expect(absent?.code == .missingFile)
    }

    @Test(
        "damage never crashes, and what is read is finite",
        arguments: ["control.gguf", "projection.gguf", "guidance.safetensors", "happy.svec", "list.pt"])
    func damage(name: String) throws {
        let data = try Data(contentsOf: Fixtures.url("exchange/\(name)"))
        var refused = 0
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var damaged = data
            for _ in 0...generator.integer(below: 3) {
                damaged[generator.integer(below: damaged.count)] = UInt8(generator.integer(below: 256))
            }
            if seed % 3 == 0 { damaged = damaged.prefix(generator.integer(below: damaged.count)) }
            let path = try folder.write(damaged, to: "damaged")
            do {
                let file = try VectorFile(contentsOf: path)
                #expect(file.vectors.values.allSatisfy { $0.allSatisfy(\.isFinite) })
            } catch { refused += 1 }
        }
        #expect(refused > 80, "only \(refused) of 300 damaged files were refused")
    }
}
