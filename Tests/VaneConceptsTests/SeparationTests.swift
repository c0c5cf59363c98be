import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Separation of a concept's classes", .tags(.law))
struct SeparationTests {
    private let concept: Concept

    init() throws { concept = try PlantedConcepts.learnt() }

    @Test(
        "the class means lie as far apart as asked; direction, boundary and results stay",
        arguments: [0.5, 2, 30])
    func separated(_ separation: Double) throws {
        let other = concept.separated(by: separation)
        for (before, after) in zip(concept.layers, other.layers) {
            #expect(abs(after.steeringSeparation - separation) < 1e-4 * separation)
            #expect(zip(before.probe.direction, after.steering.direction).allSatisfy { abs($0 - $1) < 1e-6 })
            #expect(after.result == before.result && after.meanDifference == before.meanDifference)
            #expect(after.probe == before.probe)
            // The boundary is where the logit is zero: `bias / norm` from the origin.
            let (a, b) = (
                Double(before.probe.bias) / before.probe.norm,
                Double(after.steering.bias) / after.steering.norm
            )
            #expect(abs(a - b) < 1e-5 * max(1, abs(a)))
        }
        #expect(other.name == concept.name && other.defaultSites == concept.defaultSites)
        #expect(abs(other.separated(by: 7).layers[0].steeringSeparation - 7) < 1e-3)
    }

    @Test("half the separation asks for twice the way from the boundary")
    func way() throws {
        let ways = try [4.0, 2, 1].map { separation in
            let probe = try concept.separated(by: separation).layer(at: .residual(1)).steering
            return LinearProbe.logit(ofProbability: 0.99) / probe.norm
        }
        #expect(abs(ways[1] / ways[0] - 2) < 1e-4 && abs(ways[2] / ways[0] - 4) < 1e-4, "\(ways)")
    }

    @Test("a layer whose means do not differ along its direction stays as it is")
    func flat() throws {
        let layers = concept.layers.map { layer in
            Concept.Layer(
                site: layer.site, probe: layer.probe, meanDifference: layer.meanDifference.map { -$0 },
                result: layer.result)
        }
        let flat = Concept(
            name: concept.name, layers: layers, defaultSites: concept.defaultSites,
            provenance: concept.provenance, verdict: concept.verdict)
        #expect(flat.separated(by: 3).layers == flat.layers)
    }

    @Test("other sites are steered, the rest stays")
    func sites() {
        let other = concept.steered(at: [.residual(0)])
        #expect(other.defaultSites == [.residual(0)] && other.layers == concept.layers)
    }
}
