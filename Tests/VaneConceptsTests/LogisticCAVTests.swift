import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Concept activation vectors of a network with known directions", .tags(.planted))
struct LogisticCAVTests {
    private func learn(
        _ network: PlantedNetwork, count: Int = 400, seed: UInt64 = 0, resamples: Int = 100
    ) throws -> Concept {
        try ConceptLearner(LogisticCAV(), LearningOptions(pooling: .last, resamples: resamples, seed: seed))
            .learn(
                "parity", positive: PlantedNetwork.texts(positive: true, count: count),
                negative: PlantedNetwork.texts(positive: false, count: count), digest: "d", in: network,
                model: network.identity())
    }

    /// The part of examples the best possible probe gets right: `Φ(amplitude)`.
    private func bayes(_ amplitude: Double) -> Double { 0.5 * erfc(-amplitude / 2.0.squareRoot()) }

    private func cosine(_ a: [Float], _ b: [Float]) -> Double {
        let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        return dot / (PlantedRows.distance(a, a.map { _ in 0 }) * PlantedRows.distance(b, b.map { _ in 0 }))
    }

    @Test("the strong layer is found, with its direction and its accuracy")
    func found() throws {
        var (strong, weak) = (0, 0)
        for seed in 0..<10 {
            let network = PlantedNetwork(amplitudes: [0.5, 2, 0], seed: UInt64(seed))
            let concept = try learn(network, count: 600, seed: UInt64(seed))
            let layers = concept.layers
            #expect(concept.verdict.isFound && concept.bestLayer?.site == .residual(1), "seed \(seed)")
            #expect(concept.defaultSites.contains(.residual(1)))
            #expect(cosine(layers[1].probe.direction, network.directions[1]) >= 0.95, "seed \(seed)")
            #expect(cosine(layers[1].meanDifference, network.directions[1]) >= 0.95, "seed \(seed)")
            #expect(
                abs(cosine(layers[1].probe.direction, network.directions[0])) < 0.9, "the wrong direction")
            #expect(layers[1].result.auroc.value > 0.97)
            // Both controls: shuffled labels, and the layer without signal.
            #expect(abs(layers[1].result.shuffledAccuracy.value - 0.5) < 0.15, "seed \(seed)")
            #expect(abs(layers[1].result.shuffledAUROC.value - 0.5) < 0.15, "seed \(seed)")
            #expect(abs(layers[2].result.auroc.value - 0.5) < 0.15, "seed \(seed)")
            func covers(_ estimate: Estimate, _ truth: Double) -> Int {
                estimate.low <= truth && truth <= estimate.high ? 1 : 0
            }
            strong += covers(layers[1].result.accuracy, bayes(2))
            weak += covers(layers[0].result.accuracy, bayes(0.5))
        }
        // 95% intervals around a probe a little below the best one.
        #expect(strong >= 8 && weak >= 8, "\(strong) and \(weak) of 10 intervals hold the best accuracy")
    }

    @Test("a concept that is not there is not found")
    func notFound() throws {
        var found = 0
        var accuracy = 0.0
        for seed in 0..<100 {
            let network = PlantedNetwork(amplitudes: [0, 0], width: 8, seed: UInt64(seed))
            let concept = try learn(network, count: 40, seed: UInt64(seed), resamples: 2)
            found += concept.verdict.isFound ? 1 : 0
            accuracy += concept.layers[0].result.accuracy.value / 100
        }
        // At the 1% level with correction over layers, 1 of 100 at most is expected.
        #expect(found <= 5, "\(found) of 100 pure noise concepts were 'found'")
        #expect(abs(accuracy - 0.5) < 0.05, "held-out accuracy on noise must be chance")
        // Control: the same size with a signal is found.
        let real = try learn(PlantedNetwork(amplitudes: [3, 0], width: 8, seed: 1), count: 40, resamples: 2)
        #expect(real.verdict.isFound && real.verdict.correctedPValue < 1e-3)
    }

    @Test("the p-value is the binomial tail, corrected over the layers")
    func pValue() throws {
        let concept = try learn(PlantedNetwork(amplitudes: [0.5, 0.3, 0], seed: 3), count: 40)
        for layer in concept.layers {
            let right = Int((layer.result.accuracy.value * 20).rounded())
            let tail = Statistics.binomialTail(successes: right, of: 20, chance: 0.5)
            #expect(abs(layer.result.pValue - tail) < 1e-12)
        }
        let smallest = concept.layers.map(\.result.pValue).min() ?? 1
        #expect(concept.verdict.correctedPValue == min(1, smallest * 3))
        #expect(concept.provenance.heldOut == 20 && concept.provenance.positives == 40)
    }

    @Test("the same seed gives the same concept, another seed another split")
    func determinism() throws {
        let network = PlantedNetwork(amplitudes: [0.5, 1], seed: 5)
        let concept = try learn(network, count: 30)
        Compute.threads = 1
        let again = try learn(network, count: 30)
        Compute.threads = 2
        #expect(again == concept && concept.hashValue == again.hashValue)
        let other = try learn(network, count: 30, seed: 1)
        #expect(other.layers.map(\.probe) != concept.layers.map(\.probe))
    }

    @Test("standardisation keeps the probe in the activations' own units")
    func units() throws {
        // Entries from a hundredth to a hundred times as wide, as real residual streams have them.
        let uneven = (0..<16).map { pow(10, Double($0 % 5) - 2) }
        for (isStandardised, stretch) in [(true, uneven), (true, nil), (false, nil)] {
            let network = PlantedNetwork(amplitudes: [2], stretch: stretch, seed: 8)
            let options = LearningOptions(pooling: .last, isStandardised: isStandardised, resamples: 10)
            let concept = try ConceptLearner(LogisticCAV(), options).learn(
                "p", positive: PlantedNetwork.texts(positive: true, count: 200),
                negative: PlantedNetwork.texts(positive: false, count: 200), digest: "", in: network,
                model: network.identity())
            let right = (1000..<1400).count { token in
                (concept.layers[0].probe.logit(network.activation(layer: 0, token: token)) > 0)
                    == (token % 2 == 1)
            }
            // Φ(2) = 97.7% of unseen tokens; three standard deviations of 400 draws are 2.2%.
            #expect(right >= 380, "\(right) of 400")
        }
    }

    @Test("options outside their range and classes too small to split are refused")
    func refused() throws {
        for options in [
            LearningOptions(heldOut: 0), LearningOptions(heldOut: 1), LearningOptions(folds: 1),
            LearningOptions(lambdas: []), LearningOptions(lambdas: [-1]),
            LearningOptions(resamples: 0),
        ] {
            let error = #expect(throws: ConceptError.self) { try ConceptLearner(LogisticCAV(), options) }
            #expect(error?.code == .invalidOption)
        }
        let network = PlantedNetwork(amplitudes: [1], seed: 1)
        for (positive, negative) in [(0, 5), (5, 0), (0, 0), (1, 5)] {
            let error = #expect(throws: ConceptError.self) {
                try ConceptLearner().learn(
                    "p", positive: PlantedNetwork.texts(positive: true, count: positive),
                    negative: PlantedNetwork.texts(positive: false, count: negative), digest: "", in: network,
                    model: network.identity())
            }
            #expect(error?.code == .unusableExamples)
        }
    }

    @Test("texts longer than the context are cut and counted")
    func truncation() throws {
        let network = PlantedNetwork(amplitudes: [2], seed: 2)
        let long = [[Int](repeating: 1, count: 65), [Int](repeating: 3, count: 64)]
        let concept = try ConceptLearner().learn(
            "p", positive: PlantedNetwork.texts(positive: true, count: 10) + long,
            negative: PlantedNetwork.texts(positive: false, count: 12), digest: "", in: network,
            model: network.identity())
        #expect(concept.provenance.truncated == 1)
    }
}
