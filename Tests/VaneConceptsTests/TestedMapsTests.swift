import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Maps tested on texts held out")
struct TestedMapsTests {
    @Test("the distance in one dimension", .tags(.law))
    func wasserstein() {
        #expect(Statistics.wasserstein([1, 2, 3], [3, 1, 2]) == 0)
        #expect(Statistics.wasserstein([0, 1], [3, 2]) == 2)
        // Of 0 | 1 and 0 | 1 | 2 in sixths: 0 0 0 1 1 1 against 0 0 1 1 2 2.
        #expect(abs(Statistics.wasserstein([1, 0], [2, 0, 1]) - 0.5.squareRoot()) < 1e-12)
        #expect(Statistics.wasserstein([5], [1, 1, 1, 1, 1, 1, 1]) == 4)
        #expect(Statistics.wasserstein([], [1]).isNaN)
        var generator = SeededGenerator(seed: 1)
        let (a, b) = ((0..<37).map { _ in generator.normal() }, (0..<53).map { _ in generator.normal() })
        #expect(abs(Statistics.wasserstein(a, b) - Statistics.wasserstein(b, a)) < 1e-12)
        #expect(abs(Statistics.wasserstein(a, a.map { $0 + 3 }) - 3) < 1e-12)
        // Each value seven times is the same sample.
        let often = b.flatMap { [Double](repeating: $0, count: 7) }
        #expect(abs(Statistics.wasserstein(a, often) - Statistics.wasserstein(a, b)) < 1e-12)
    }

    private func maps(
        _ method: TestedMaps.Method, amplitude: Double, texts: Int = 400, seed: UInt64 = 0
    ) throws -> TestedMaps {
        let network = PlantedNetwork(amplitudes: [amplitude, amplitude], width: 16, seed: 40 + seed)
        return try TestedMaps(
            by: method, from: PlantedNetwork.texts(positive: false, count: texts),
            to: PlantedNetwork.texts(positive: true, count: texts), at: [.residual(0), .residual(1)],
            in: network, seed: seed)
    }

    @Test(
        "maps of two planted classes close the distance of texts held out; those of shuffled labels do not",
        .tags(.planted), arguments: ActivationTransport.Form.allCases, ActivationTransport.Estimation.allCases
    )
    func planted(_ form: ActivationTransport.Form, _ estimation: ActivationTransport.Estimation) throws {
        let maps = try maps(.transport(ActivationTransport(form, estimation: estimation)), amplitude: 4)
        print("\(form) \(estimation): closed \(maps.closed), by shuffled labels \(maps.closedByShuffled)")
        #expect(maps.learnt == [300, 300] && maps.heldOut == [100, 100])
        #expect(maps.closed > 0.85 && maps.carries && !maps.overshoots)
        #expect(maps.closedByShuffled < 0.3)
        for layer in maps.layers { #expect(layer.before > 3 * layer.sampling) }
    }

    @Test("classes of one law are not called carried more often than chance allows", .tags(.planted))
    func null() throws {
        var carried: [Double] = []
        for seed in 0..<40 as Range<UInt64> {
            let maps = try maps(
                .transport(ActivationTransport(estimation: .simultaneous)), amplitude: 0, texts: 100,
                seed: seed)
            if maps.carries { carried.append(maps.closed) }
        }
        print("called carried without a difference: \(carried.count) of 40, closed \(carried)")
        #expect(carried.count <= 20)
    }

    @Test("dampening leaves less of the units that tell the classes, and takes little with shuffled labels")
    func aura() throws {
        let maps = try maps(.aura(AurA()), amplitude: 4)
        for layer in maps.layers { #expect(layer.slope < layer.shuffledSlope - 0.05) }
    }

    @Test("the same seed gives the same maps; too few texts and odd pairs are refused")
    func edges() throws {
        let method = TestedMaps.Method.transport(ActivationTransport())
        #expect(try maps(method, amplitude: 1, texts: 20) == maps(method, amplitude: 1, texts: 20))
        let network = PlantedNetwork(amplitudes: [1], seed: 1)
        func texts(_ count: Int) -> [[Int]] { PlantedNetwork.texts(positive: true, count: count) }
        func code(_ a: Int, _ b: Int, _ sites: [Site], paired: Bool = false) -> ConceptError.Code? {
            do {
                _ = try TestedMaps(
                    by: method, from: texts(a), to: texts(b), at: sites, in: network, isPaired: paired)
                return nil
            } catch let error as ConceptError { return error.code } catch { return nil }
        }
        #expect(code(7, 20, [.residual(0)]) == .unusableExamples)
        #expect(code(20, 20, []) == .unusableExamples)
        #expect(code(20, 21, [.residual(0)], paired: true) == .unusableExamples)
        #expect(code(20, 20, [.residual(0)], paired: true) == nil)
    }
}
