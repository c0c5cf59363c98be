import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTestSupport

@Suite("Concept depth")
struct DepthTests {
    private func concept(_ accuracies: [Double], heldOut: Int = 40) -> Concept {
        let layers = accuracies.enumerated().map { block, accuracy in
            let estimate = Estimate(value: accuracy, low: 0, high: 1)
            return Concept.Layer(
                site: .residual(block), probe: LinearProbe(weights: [1, 0], bias: 0), meanDifference: [1, 0],
                result: Concept.LayerResult(
                    site: .residual(block), accuracy: estimate, auroc: estimate, shuffledAccuracy: estimate,
                    shuffledAUROC: estimate, pValue: 1, lambda: 1, typicalNorm: 1))
        }
        let layout = NetworkLayout(
            depth: accuracies.count, width: 2, heads: 1, headWidth: 2, mlpWidth: 2, vocabulary: 4,
            maximumPositions: 8)
        return Concept(
            name: "c", layers: layers, defaultSites: [.residual(0)],
            provenance: Concept.Provenance(
                method: "test", options: LearningOptions(),
                model: ModelIdentity(
                    name: "m", architecture: "test", fingerprint: "f", tokenizerFingerprint: "t",
                    layout: layout),
                positives: 20, negatives: 20, heldOut: heldOut, truncated: 0, examplesSHA256: "",
                vaneVersion: "0"),
            verdict: Concept.Verdict(isFound: true, correctedPValue: 0, sentence: ""))
    }

    @Test("the jump is the first step of a tenth, the convergence the last of three hundredths")
    func summaries() throws {
        let depth = try #require(concept([0.5, 0.52, 0.6, 0.8, 0.82, 0.83]).depth)
        #expect(depth.jump == .residual(2) && depth.convergence == .residual(3))
        let late = try #require(concept([0.5, 0.51, 0.5, 0.51, 0.5, 0.9]).depth)
        #expect(late.jump == .residual(5) && late.convergence == .residual(5))
        let falling = try #require(concept([0.9, 0.9, 0.8]).depth)
        #expect(falling.jump == nil && falling.convergence == .residual(2))
        let flat = try #require(concept([0.7, 0.7]).depth)
        #expect(flat.jump == nil && flat.convergence == .residual(0))
    }

    @Test("one layer has no curve, nor has a concept that was not tested")
    func none() {
        #expect(concept([0.9]).depth == nil)
        #expect(concept([0.5, 0.9], heldOut: 0).depth == nil)
    }
}
