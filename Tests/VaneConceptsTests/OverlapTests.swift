import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneTestSupport

@Suite("What two concepts have to do with each other")
struct OverlapTests {
    private static let model = PlantedNetwork(amplitudes: [1, 1], seed: 1).identity()

    /// A concept of one layer in a plane: probes of these lengths at these angles, in degrees.
    private func concept(
        _ name: String = "a", length: Double, at angle: Double, steeredAt steering: Double? = nil,
        site: Site = .residual(0), model: ModelIdentity = OverlapTests.model
    ) -> Concept {
        func probe(_ angle: Double) -> LinearProbe {
            let turn = angle * .pi / 180
            var weights = [Float](repeating: 0, count: 16)
            weights[0] = Float(length * cos(turn))
            weights[1] = Float(length * sin(turn))
            return LinearProbe(weights: weights, bias: 0.3)
        }
        let guess = Estimate(value: 0.5, low: 0, high: 1)
        return Concept(
            name: name,
            layers: [
                Concept.Layer(
                    site: site, probe: probe(angle), steering: steering.map(probe),
                    meanDifference: [Float](repeating: 0, count: 16),
                    result: Concept.LayerResult(
                        site: site, accuracy: guess, auroc: guess, shuffledAccuracy: guess,
                        shuffledAUROC: guess, pValue: 1, lambda: 0, typicalNorm: 1))
            ], defaultSites: [site],
            provenance: Concept.Provenance(
                method: "planted", options: LearningOptions(), model: model, positives: 0, negatives: 0,
                heldOut: 0, truncated: 0, examplesSHA256: "", vaneVersion: ""),
            verdict: Concept.Verdict(isFound: false, correctedPValue: 1, sentence: ""))
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    @Test(
        "at a known angle cosine and moved probability are what the angle says", .tags(.planted),
        arguments: [0, 30, 59, 61, 90, 125, 180])
    func angles(_ angle: Double) throws {
        let (own, other) = (concept(length: 2, at: 10), concept(length: 3, at: 10 + angle))
        let overlap = try own.overlap(with: other)[0]
        let cosine = cos(angle * .pi / 180)
        #expect(abs(overlap.steeringCosine - cosine) < 1e-6 && abs(overlap.probeCosine - cosine) < 1e-6)
        #expect(abs(overlap.otherReaches - sigmoid(log(19) * 3 / 2 * cosine)) < 1e-6)
        #expect(abs(overlap.ownReaches - sigmoid(log(19) * 2 / 3 * cosine)) < 1e-6)
        #expect(overlap.isEntangled == (abs(cosine) > 0.5))
        // The step itself, on a state where both probes read 0.5: `-0.3` along each would do for one; take
        // what solves both.
        guard angle > 0 && angle < 180 else { return }
        let (p, q) = (own.layers[0].probe, other.layers[0].probe)
        let (a, b, c, d) = (p.weights[0], p.weights[1], q.weights[0], q.weights[1])
        var state = [Float](repeating: 0, count: 16)
        let determinant = a * d - b * c
        state[0] = (-p.bias * d + q.bias * b) / determinant
        state[1] = (-q.bias * a + p.bias * c) / determinant
        let step = Float(log(19) / p.norm)
        let moved = zip(state, p.direction).map { $0 + step * $1 }
        func read(_ probe: LinearProbe, _ state: [Float]) -> Double {
            sigmoid(zip(probe.weights, state).reduce(Double(probe.bias)) { $0 + Double($1.0 * $1.1) })
        }
        #expect(abs(read(p, state) - 0.5) < 1e-4 && abs(read(q, state) - 0.5) < 1e-4)
        #expect(abs(read(p, moved) - 0.95) < 1e-4)
        #expect(abs(read(q, moved) - overlap.otherReaches) < 1e-4)
    }

    @Test("what steers one and what reads the other are compared, not what reads both", .tags(.planted))
    func steeredApart() throws {
        let own = concept(length: 2, at: 0, steeredAt: 90)
        let other = concept(length: 2, at: 0)
        let overlap = try own.overlap(with: other)[0]
        #expect(abs(overlap.steeringCosine) < 1e-6 && abs(overlap.probeCosine - 1) < 1e-6)
        #expect(abs(overlap.otherReaches - 0.5) < 1e-6 && abs(overlap.ownReaches - 0.95) < 1e-6)
        #expect(!overlap.isEntangled)
        // A probe without length moves nothing and is not moved.
        let nothing = try concept(length: 0, at: 0).overlap(with: other)[0]
        #expect(nothing.steeringCosine == 0 && nothing.otherReaches == 0.5 && nothing.ownReaches == 0.5)
    }

    @Test("concepts of two models, or without a common site, are refused")
    func refused() {
        let own = concept(length: 1, at: 0)
        func code(_ other: Concept) -> ConceptError.Code? {
            do {
                _ = try own.overlap(with: other)
                return nil
            } catch { return (error as? ConceptError)?.code }
        }
        let network = PlantedNetwork(amplitudes: [1, 1], seed: 1)
        #expect(code(concept(length: 1, at: 0, site: .residual(1))) == .unknownSite)
        #expect(code(concept(length: 1, at: 0, model: network.identity(fingerprint: "x"))) == .wrongModel)
        #expect(code(own) == nil)
    }
}
