import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Files of activations and dictionaries")
struct DictionaryFileTests {
    private static func dictionary(_ selection: SparseDictionary.Selection) throws -> SparseDictionary {
        var generator = SeededGenerator(seed: 4)
        func matrix() throws -> Tensor {
            try Tensor((0..<7).flatMap { _ in generator.unitVector(width: 5) }, shape: [7, 5])
        }
        return try SparseDictionary(
            encoder: matrix(), decoder: matrix(), encoderBias: (0..<7).map { Float($0) * 0.1 },
            decoderBias: [1, 2, 3, 4, 5], selection: selection, site: .residual(3), model: "tiny")
    }

    private static func rows(_ count: Int, _ width: Int) throws -> Tensor {
        var generator = SeededGenerator(seed: 6)
        return try Tensor(
            (0..<count * width).map { _ in Float(3 * generator.normal()) }, shape: [count, width])
    }

    @Test("a dictionary comes back from its folder, and a direction of it imports as a concept's")
    func folder() throws {
        let folder = try ProcessFolder()
        let rows = try Self.rows(40, 5)
        for selection in [
            SparseDictionary.Selection.largest(3), .above((0..<7).map { Float($0) * 0.2 }),
        ] {
            let original = try Self.dictionary(selection)
            try original.write(to: folder.path)
            let back = try SparseDictionary(folder: folder.path)
            #expect(back.selection == selection && back.site == .residual(3) && back.model == "tiny")
            #expect(try back.encode(rows) == original.encode(rows))
            #expect(try back.reconstruct(rows).elements == original.reconstruct(rows).elements)
            let feature = try SparseAutoencoder(folder: folder.path).feature(4)
            #expect(feature.vectors[.residual(3)] == (try original.direction(4)))
        }
    }

    @Test("codes are the definition's, in the formula's own words")
    func definition() throws {
        let rows = try Self.rows(9, 5)
        let x = rows.elements
        for selection in [
            SparseDictionary.Selection.largest(2), .above([Float](repeating: 1, count: 7)),
        ] {
            let dictionary = try Self.dictionary(selection)
            let (reading, writing) = (dictionary.encoder.elements, dictionary.decoder.elements)
            let codes = try dictionary.encode(rows)
            let out = try dictionary.reconstruct(rows).elements
            for row in 0..<9 {
                let before = (0..<7).map { latent in
                    (0..<5).reduce(Double(dictionary.encoderBias[latent])) {
                        $0 + Double(x[row * 5 + $1] - dictionary.decoderBias[$1])
                            * Double(reading[latent * 5 + $1])
                    }
                }
                var active = (0..<7).filter { before[$0] > 0 }
                if case .largest = selection {
                    active = active.sorted { before[$0] > before[$1] }.prefix(2).sorted()
                } else {
                    active = active.filter { before[$0] > 1 }
                }
                #expect(codes[row].map(\.column) == active)
                for (entry, latent) in zip(codes[row], active) {
                    #expect(abs(Double(entry.value) - before[latent]) < 1e-4)
                }
                for j in 0..<5 {
                    let expected = active.reduce(Double(dictionary.decoderBias[j])) {
                        $0 + before[$1] * Double(writing[$1 * 5 + j])
                    }
                    #expect(abs(Double(out[row * 5 + j]) - expected) < 1e-4)
                }
            }
        }
    }

    @Test("another program's folder is read, and what cannot be read is refused by name")
    func hostile() throws {
        let fixture = try SparseDictionary(folder: Fixtures.url("exchange/sae").path)
        #expect(fixture.latents == 5 && fixture.width == 8 && fixture.site == .residual(2))
        let folder = try ProcessFolder()
        try Self.dictionary(.largest(3)).write(to: folder.path)
        let configuration = try #require(
            try JSONSerialization.jsonObject(with: folder.read("cfg.json")) as? [String: Any])
        for (key, value, word) in [
            ("architecture", "gated" as Any, "gated"), ("k", 0, "'k'"), ("k", "many", "'k'"),
            ("normalize_activations", "layer_norm", "layer_norm"), ("d_sae", 9, "d_sae"),
            ("architecture", "jumprelu", "threshold"), ("metadata", ["vane_site": "nowhere"], "nowhere"),
        ] {
            var changed = configuration
            changed[key] = value
            try folder.write(JSONSerialization.data(withJSONObject: changed), to: "cfg.json")
            let error = #expect(throws: EvidenceError.self) { try SparseDictionary(folder: folder.path) }
            #expect(
                error?.code == .malformedFile && error?.message.contains(word) == true,
                "\(key): \(error as Any)")
        }
        try folder.write("[1, 2", to: "cfg.json")
        #expect(throws: EvidenceError.self) { try SparseDictionary(folder: folder.path) }
        #expect(throws: EvidenceError.self) { try SparseDictionary(folder: folder.file("none")) }
        var old = configuration
        (old["architecture"], old["k"], old["activation_fn_str"]) = (nil, nil, "topk")
        old["activation_fn_kwargs"] = ["k": 2]
        try folder.write(JSONSerialization.data(withJSONObject: old), to: "cfg.json")
        #expect(try SparseDictionary(folder: folder.path).selection == .largest(2))
        // x·W + b of a program that does not take the centre from the input.
        var own = configuration
        own["apply_b_dec_to_input"] = false
        try folder.write(JSONSerialization.data(withJSONObject: own), to: "cfg.json")
        let original = try Self.dictionary(.largest(7))
        let moved = try SparseDictionary(folder: folder.path)
        let shift = zip(moved.encoderBias, original.encoderBias).map { $0 - $1 }
        for latent in 0..<7 {
            let expected = (0..<5).reduce(Float(0)) {
                $0 + original.decoderBias[$1] * original.encoder.elements[latent * 5 + $1]
            }
            #expect(abs(shift[latent] - expected) < 1e-5)
        }
    }

    @Test("activations in a file are those of the network, in each type")
    func store() throws {
        let network = try ModelFixture.gpt2.load()
        let texts = (0..<6).map { network.layout.randomTokens(4 + $0 % 3, seed: UInt64($0)) }
        let folder = try ProcessFolder()
        let expected = try MemoryActivations(texts, at: .residual(1), in: network)
        let all = Array(0..<expected.count)
        let numbers = try expected.rows(all).elements
        for (dtype, precision) in [(DType.float32, 0.0), (.bfloat16, 0x1p-8), (.float16, 0x1p-11)] {
            let store = try ActivationStore.harvest(
                texts, at: .residual(1), in: network, to: folder.file("\(dtype)"), dtype: dtype, run: "a",
                batchTokens: 7)
            #expect(store.count == expected.count && store.width == network.layout.width)
            for (own, number) in zip(try store.rows(all).elements, numbers) {
                #expect(Double(abs(own - number)) <= precision * Double(abs(number)) + 0x1p-25)
            }
            #expect(try store.rows([3, 1]).elements == store.rows(all).rowsForTest([3, 1]))
        }
        #expect(throws: EvidenceError.self) {
            _ = try ActivationStore.harvest(
                texts, at: .residual(1), in: network, to: folder.file("float32"), dtype: .float32, run: "b")
        }
    }

    @Test("a harvest that was killed anywhere goes on to the same bytes", .tags(.law))
    func resumed() throws {
        struct Stop: Error {}
        let network = try ModelFixture.gpt2.load()
        let texts = (0..<9).map { network.layout.randomTokens(3 + $0 % 4, seed: UInt64($0)) }
        let folder = try ProcessFolder()
        func harvest(_ name: String, stopAt: Int? = nil) throws {
            var calls = 0
            _ = try ActivationStore.harvest(
                texts, at: .residual(0), in: network, to: folder.file(name), dtype: .bfloat16, batchTokens: 8
            ) { _ in
                calls += 1
                if calls == stopAt { throw Stop() }
            }
        }
        try harvest("whole")
        let whole = try folder.read("whole")
        for stop in 1...4 {
            #expect(throws: Stop.self) { try harvest("part\(stop)", stopAt: stop) }
            #expect(try !folder.names().contains("part\(stop)"), "nothing under the name until it is whole")
            // A kill may leave half a row.
            var part = try folder.read("part\(stop).part")
            part.append(contentsOf: [1, 2, 3])
            try folder.write(stop == 4 ? part.prefix(5) : part, to: "part\(stop).part")
            try harvest("part\(stop)")
            #expect(try folder.read("part\(stop)") == whole)
        }
        for damaged in [whole.dropLast(), whole + [0], Data("VANEROWS".utf8), Data(), whole.dropFirst(1)] {
            try folder.write(Data(damaged), to: "damaged")
            #expect(throws: EvidenceError.self) { try ActivationStore(path: folder.file("damaged")) }
        }
        var header = whole
        header.replaceSubrange(8..<16, with: [255, 255, 255, 255, 255, 255, 255, 127])
        try folder.write(header, to: "damaged")
        #expect(throws: EvidenceError.self) { try ActivationStore(path: folder.file("damaged")) }
        #expect(throws: EvidenceError.self) { try ActivationStore(path: folder.file("none")) }
    }

    @Test("every row comes once before any comes again, whatever the sizes", .tags(.law))
    func order() throws {
        for (count, size) in [(1, 3), (100, 7), (256 * 64 + 300, 1000), (256 * 130, 4096)] {
            var order = try ShuffledRows(count: count, seed: 2)
            var seen = [Int](repeating: 0, count: count)
            let steps = 2 * count / size + 1
            for step in 1...steps {
                let numbers = order.numbers(step: step, size: size)
                #expect(numbers.count == size)
                for number in numbers { seen[number] += 1 }
                #expect((seen.max() ?? 0) - (seen.min() ?? 0) <= 1)
            }
            var again = try ShuffledRows(count: count, seed: 2)
            var first = try ShuffledRows(count: count, seed: 2)
            _ = first.numbers(step: 1, size: size)
            #expect(again.numbers(step: steps, size: size) == order.numbers(step: steps, size: size))
        }
        #expect(throws: EvidenceError.self) { try ShuffledRows(count: 0, seed: 1) }
    }
}

extension Tensor {
    fileprivate func rowsForTest(_ numbers: [Int]) -> [Float] {
        let (all, width) = (elements, shape[1])
        return numbers.flatMap { all[$0 * width..<($0 + 1) * width] }
    }
}
