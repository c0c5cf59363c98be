import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Concept files")
struct ConceptFileTests {
    private let folder: ProcessFolder
    private let concept: Concept

    init() throws {
        folder = try ProcessFolder()
        concept = try PlantedConcepts.learnt()
    }

    @Test("what was written is read, and the same concept gives the same bytes")
    func roundTrip() throws {
        try concept.write(to: folder.file("a.vane"))
        try concept.write(to: folder.file("b.vane"))
        let read = try Concept(contentsOf: folder.file("a.vane"))
        #expect(read == concept)
        #expect(try folder.read("a.vane") == folder.read("b.vane"))
        try read.write(to: folder.file("c.vane"))
        #expect(try folder.read("c.vane") == folder.read("a.vane"))
        var renamed = concept
        renamed.name = "other \"ü\"\n"
        try renamed.write(to: folder.file("b.vane"))
        #expect(try Concept(contentsOf: folder.file("b.vane")) == renamed)
        #expect(try folder.names() == ["a.vane", "b.vane", "c.vane"], "nothing else is left behind")
    }

    @Test("probes that steer are kept apart from those that read, with where they come from")
    func steering() throws {
        let steered = concept.steered(
            by: [.residual(1): LinearProbe(weights: (0..<16).map(Float.init), bias: -3)], from: "a test")
        #expect(steered != concept)
        try steered.write(to: folder.file("a.vane"))
        let read = try Concept(contentsOf: folder.file("a.vane"))
        #expect(read == steered)
        #expect(read.provenance.steering == "a test" && concept.provenance.steering == nil)
        #expect(read.layers.map(\.probe) == concept.layers.map(\.probe))
        #expect(read.layers[0].steering == read.layers[0].probe)
        #expect(read.layers[1].steering.bias == -3)
    }

    @Test("another model is refused with both fingerprints, another tokenizer too")
    func wrongModel() throws {
        let network = PlantedConcepts.network
        try concept.requireModel(network.identity())
        let model = #expect(throws: ConceptError.self) {
            try concept.requireModel(network.identity(fingerprint: "another"))
        }
        #expect(model?.code == .wrongModel)
        #expect(model?.message.contains("planted…") == true && model?.message.contains("another…") == true)
        let tokenizer = #expect(throws: ConceptError.self) {
            try concept.requireModel(network.identity(tokenizer: "odd ones"))
        }
        #expect(tokenizer?.code == .wrongModel)
        #expect(
            tokenizer?.message.contains("parity…") == true && tokenizer?.message.contains("odd ones…") == true
        )
    }

    @Test("readout and score agree with the probe on activations read by hand")
    func readings() throws {
        let network = PlantedConcepts.network
        let texts = [[11, 4, 7], [2], [9, 9]]
        let layer = try concept.layer(at: .residual(1))
        let expected = texts.map {
            $0.map { layer.probe.probability(network.activation(layer: 1, token: $0)) }
        }
        #expect(try concept.readout(of: texts, at: .residual(1), in: network) == expected)
        // The concept pools by the last token.
        let scores = try concept.score(texts, at: .residual(1), in: network)
        for (score, values) in zip(scores, expected) { #expect(abs(score - (values.last ?? 0)) < 1e-12) }
        #expect(try concept.readout(of: [], at: .residual(1), in: network).isEmpty)
        #expect(try concept.readout(of: (0..<40).map { [$0] }, at: .residual(0), in: network).count == 40)
        #expect(throws: ConceptError.self) { try concept.readout(of: texts, at: .residual(2), in: network) }
    }

    @Test("a missing file is said to be missing, and a bad place cannot be written")
    func places() throws {
        let error = #expect(throws: ConceptError.self) { try Concept(contentsOf: folder.file("nowhere")) }
        #expect(error?.code == .missingFile && error?.message.contains("nowhere") == true)
        let unwritable = #expect(throws: WeightsError.self) {
            try concept.write(to: folder.file("no/such/a.vane"))
        }
        #expect(unwritable?.code == .unwritable)
        #expect(try folder.names().isEmpty)
    }

    @Test("a concept with a number that is none is not written")
    func notANumber() throws {
        let first = concept.layers[0]
        let probe = LinearProbe(weights: first.probe.weights, bias: .nan)
        let layer = Concept.Layer(
            site: first.site, probe: probe, meanDifference: first.meanDifference, result: first.result)
        let broken = Concept(
            name: "broken", layers: [layer], defaultSites: [first.site], provenance: concept.provenance,
            verdict: concept.verdict)
        #expect(throws: (any Error).self) {
            try broken.write(to: folder.file("a.vane"))
            _ = try Concept(contentsOf: folder.file("a.vane"))
        }
    }
}

/// A small concept, learnt once for the whole suite.
enum PlantedConcepts {
    static let network = PlantedNetwork(amplitudes: [0.5, 2], seed: 4)
    private static let concept = Result<Concept, any Error> {
        try ConceptLearner(LogisticCAV(), LearningOptions(pooling: .last, resamples: 20)).learn(
            "parity", positive: PlantedNetwork.texts(positive: true, count: 20),
            negative: PlantedNetwork.texts(positive: false, count: 20), digest: "d", in: network,
            model: network.identity())
    }

    static func learnt() throws -> Concept { try concept.get() }
}
