import ArgumentParser
import Foundation
import Vane

@main
struct VaneBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vane-bench",
        abstract: "Measures Vane's engine on random-weight models: median and range of interleaved repeats.")

    @Option(help: "Shapes to measure.")
    var shapes: [String] = RandomModel.allCases.map(\.rawValue) + [DictionaryBench.shape]

    @Option(help: "Measure only works whose name begins so.")
    var works = ""

    @Option(help: "Repeats of each measurement.")
    var repeats = 5

    @Flag(help: "Print JSON.")
    var json = false

    struct Row: Encodable {
        let shape: String
        let work: String
        let tokensPerSecond: Double
        let lowest: Double
        let highest: Double
    }

    func run() throws {
        var rows: [Row] = []
        for name in shapes {
            if name == DictionaryBench.shape {
                rows += try measureDictionary()
                continue
            }
            guard let shape = RandomModel(rawValue: name) else {
                throw ValidationError("unknown shape '\(name)'")
            }
            let parts = try shape.parts()
            rows += try shape == .small ? measureSteps(parts) : measure(shape.rawValue, parts)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return print(String(decoding: try encoder.encode(rows), as: UTF8.self))
        }
        print("\(Compute.instructionSet), \(Compute.threads) threads, float32, \(repeats) repeats")
        for row in rows {
            print(
                row.shape.padding(toLength: 12, withPad: " ", startingAt: 0)
                    + row.work.padding(toLength: 40, withPad: " ", startingAt: 0)
                    + String(
                        format: "%8.1f tokens/s [%.1f – %.1f]", row.tokensPerSecond, row.lowest, row.highest))
        }
    }

    private func measure(_ shape: String, _ parts: RandomModel.Parts) throws -> [Row] {
        let network = try parts.network()
        let vocabulary = network.layout.vocabulary
        let prompt = (0..<512).map { ($0 * 37 + 11) % vocabulary }
        let texts = (0..<32).map { text in (0..<64).map { (text * 64 + $0) * 31 % vocabulary } }
        let residuals = (0..<network.layout.depth).map(Site.residual)
        let works: [(String, () throws -> Double)] = [
            ("prefill 512", { try VaneBench.prefill(network, prompt) }),
            ("decode 128", { try VaneBench.decode(network, Hooks()) }),
            (
                "decode 128, GCAV at one layer",
                { try VaneBench.decode(network, gcav(network, [.residual(5)])) }
            ),
            ("decode 128, GCAV at all layers", { try VaneBench.decode(network, gcav(network, residuals)) }),
            ("capture of all layers, 32 × 64", { try VaneBench.capture(network, texts, residuals) }),
            ("forward + backward, 8 × 64, all weights", { try VaneBench.train(parts, texts) }),
        ]
        return try measure(shape, works)
    }

    /// Whole steps of a trainer: loss, gradients, clipping, AdamW.
    private func measureSteps(_ parts: RandomModel.Parts) throws -> [Row] {
        var generator = SeededGenerator(seed: 2)
        let works = [(32, 128), (16, 256)].map { count, length -> (String, () throws -> Double) in
            let texts = (0..<count).map { _ in (0...length).map { _ in generator.integer(below: 2048) } }
            return ("training step, \(count) × \(length)", { try VaneBench.step(parts, texts) })
        }
        return try measure(RandomModel.small.rawValue, works)
    }

    /// Steps of dictionary training; tokens are rows of activations.
    private func measureDictionary() throws -> [Row] {
        let activations = try DictionaryBench.activations()
        return try measure(
            DictionaryBench.shape,
            SparseTrainer.Kind.allCases.map { kind in
                ("\(kind.rawValue) training, 768 to 3072", { try DictionaryBench.train(kind, activations) })
            })
    }

    /// Interleaved repeats of `works`, each of which returns its tokens per second.
    private func measure(_ shape: String, _ works: [(String, () throws -> Double)]) throws -> [Row] {
        let works = works.filter { $0.0.hasPrefix(self.works) }
        var samples = works.map { _ in [Double]() }
        for (i, work) in works.enumerated() { _ = (try work.1(), i) }
        for _ in 0..<repeats {
            for (i, work) in works.enumerated() { samples[i].append(try work.1()) }
        }
        return zip(works, samples).map { work, speeds in
            let sorted = speeds.sorted()
            return Row(
                shape: shape, work: work.0, tokensPerSecond: sorted[sorted.count / 2], lowest: sorted[0],
                highest: sorted[sorted.count - 1])
        }
    }

    private static func prefill(_ network: DecoderNetwork, _ prompt: [Int]) throws -> Double {
        let start = ContinuousClock.now
        let input = SequenceInput(state: network.makeSequence(), tokens: prompt, promptLength: prompt.count)
        _ = try network.forward([input], output: .lastLogits)
        return Double(prompt.count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private static func decode(_ network: DecoderNetwork, _ hooks: Hooks) throws -> Double {
        let state = network.makeSequence()
        func step(_ token: Int) throws {
            let input = SequenceInput(state: state, tokens: [token], hooks: hooks, promptLength: 1)
            _ = try network.forward([input], output: .lastLogits)
        }
        try step(0)
        let start = ContinuousClock.now
        for token in 1...128 { try step(token) }
        return 128 / ((ContinuousClock.now - start) / .seconds(1))
    }

    private static func capture(_ network: DecoderNetwork, _ texts: [[Int]], _ sites: [Site]) throws -> Double
    {
        let start = ContinuousClock.now
        _ = try Harvest(texts, at: sites, in: network, pooling: .mean, batchTokens: 2048)
        return Double(texts.count * texts[0].count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Loss and the gradients of all parameters, weights packed anew as in a training step.
    private static func train(_ parts: RandomModel.Parts, _ texts: [[Int]]) throws -> Double {
        let objective = LanguageModelLoss(parts.configuration)
        let batch = texts.prefix(8).map { $0 + [1] }
        let start = ContinuousClock.now
        let tape = Tape()
        let names = parts.tensors.keys.sorted()
        let variables = parts.tensors.mapValues { tape.watch($0) }
        let loss = try objective(variables, batch)
        _ = try tape.gradients(of: loss, at: names.compactMap { variables[$0] })
        return Double(batch.count * 64) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// The mean speed of two steps after one that fills the pools of memory.
    private static func step(_ parts: RandomModel.Parts, _ texts: [[Int]]) throws -> Double {
        let objective = LanguageModelLoss(parts.configuration)
        var start = ContinuousClock.now
        _ = try Trainer(Trainer.Options(rate: LearningRate(peak: 1e-3, steps: 3))).run(
            parts.tensors, loss: { variables, _ in try objective(variables, texts) },
            progress: { if $0.step == 1 { start = ContinuousClock.now } })
        let tokens = texts.reduce(0) { $0 + $1.count - 1 }
        return 2 * Double(tokens) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Edits that move every state: a probe that no random state satisfies.
    private func gcav(_ network: DecoderNetwork, _ sites: [Site]) throws -> Hooks {
        var generator = SeededGenerator(seed: 3)
        let layers = sites.map { site in
            Concept.Layer.bare(
                site: site,
                probe: LinearProbe(weights: generator.unitVector(width: network.layout.width), bias: -50))
        }
        return try SteeringPlan([SteeringPlan.Entry(concept: "random", goal: .add, target: 0.9, sites: sites)]
        )
        .compile(with: [Concept.bare("random", layers, network.layout)], for: network.layout).hooks
    }
}

extension Concept.Layer {
    /// A layer with a probe and no results.
    static func bare(site: Site, probe: LinearProbe) -> Self {
        let none = Estimate(value: 0, low: 0, high: 0)
        return Self(
            site: site, probe: probe, meanDifference: probe.direction,
            result: Concept.LayerResult(
                site: site, accuracy: none, auroc: none, shuffledAccuracy: none, shuffledAUROC: none,
                pValue: 1,
                lambda: 1, typicalNorm: 1))
    }
}

extension Concept {
    /// A concept of these layers without provenance.
    static func bare(_ name: String, _ layers: [Layer], _ layout: NetworkLayout) -> Self {
        let model = ModelIdentity(
            name: "random", architecture: "random", fingerprint: "", tokenizerFingerprint: "", layout: layout)
        return Self(
            name: name, layers: layers, defaultSites: layers.map(\.site),
            provenance: Provenance(
                method: "random", options: LearningOptions(), model: model, positives: 0, negatives: 0,
                heldOut: 0,
                truncated: 0, examplesSHA256: "", vaneVersion: VaneVersion.current),
            verdict: Verdict(isFound: false, correctedPValue: 1, sentence: ""))
    }
}
