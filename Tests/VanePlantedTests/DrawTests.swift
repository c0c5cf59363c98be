import Testing
import VanePlanted
import VaneTensors
import VaneTestSupport

@Suite("What planted worlds draw", .tags(.planted))
struct DrawTests {
    private struct Everything {
        var world: PlantedActivations
        let concepts: Planted<PlantedConcepts>
        let codes: Planted<PlantedCodes>
        let mixture: Planted<PlantedMixture>
        let massive: Planted<MassiveActivations>

        init(seed: UInt64, noise: Double = 1) throws {
            var world = try PlantedActivations(width: 24, noise: noise, seed: seed)
            concepts = try world.plant(PlantedConcepts(margins: [1, 2, 0.5], correlation: 0.6, rate: 0.3))
            codes = try world.plant(
                PlantedCodes(features: 50, probability: 0.04, magnitude: .exponential(mean: 2)))
            mixture = try world.plant(PlantedMixture(weights: [1, 0, 3], distance: 5))
            try world.plant(PlantedCircle(radius: 2))
            massive = try world.plant(MassiveActivations(coordinates: [5], value: 900, at: .every(8)))
            self.world = world
        }
    }

    @Test("the same seed gives the same bytes, another seed others")
    func determinism() throws {
        let (a, b, c) = (try Everything(seed: 1), try Everything(seed: 1), try Everything(seed: 2))
        let bits = a.world.activations(0..<100).elements.map(\.bitPattern)
        #expect(bits == b.world.activations(0..<100).elements.map(\.bitPattern))
        #expect(a.codes.directions == b.codes.directions)
        #expect(bits != c.world.activations(0..<100).elements.map(\.bitPattern))
        // In pieces, and beside rows that nobody asked for.
        let pieces = [0..<1, 1..<40, 40..<100].flatMap { a.world.activations($0).elements }
        #expect(pieces.map(\.bitPattern) == bits)
        #expect(a.concepts.latents(40..<60) == Array(a.concepts.latents(0..<100)[40..<60]))
        // A fingerprint (FNV-1a) of what whole-number arithmetic decides, so that a changed draw is noticed;
        // activations themselves go through the C library's logarithm and cosine.
        let decisions =
            a.concepts.latents(0..<200).flatMap { $0.map { $0 ? 1 : 0 } } + a.mixture.clusters(0..<200)
            + a.codes.latents(0..<20).flatMap { $0.map { $0 == 0 ? 0 : 1 } }
        let hash = decisions.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        #expect(hash == 16_401_213_094_396_031_433, "\(hash)")
    }

    @Test("planting more leaves what was planted as it was")
    func stability() throws {
        let a = try Everything(seed: 1, noise: 0)
        var b = try Everything(seed: 1, noise: 0)
        let added = try b.world.plant(PlantedConcepts(margins: [3]))
        let labels = added.labels(0, rows: 0..<20)
        let (before, after) = (a.world.activations(0..<20).elements, b.world.activations(0..<20).elements)
        for i in 0..<before.count {
            let expected = before[i] + (labels[i / 24] ? 3 : -3) * added.directions[0][i % 24]
            #expect(abs(after[i] - expected) < 1e-4, "element \(i)")
        }
    }

    @Test("without noise a row is the sum of its parts")
    func sum() throws {
        var world = try PlantedActivations(width: 24, noise: 0, seed: 4)
        let concepts = try world.plant(PlantedConcepts(margins: [1, 2]))
        let codes = try world.plant(PlantedCodes(features: 50, probability: 0.1))
        let mixture = try world.plant(PlantedMixture(clusters: 3, distance: 5))
        let (rows, values) = (10..<40, world.activations(10..<40).elements)
        let table = codes.codes(rows).elements
        for (i, row) in rows.enumerated() {
            for j in 0..<24 {
                var expected = mixture.centres[mixture.clusters(rows)[i]][j]
                for k in 0..<2 {
                    let sign: Float = concepts.labels(k, rows: rows)[i] ? 1 : -1
                    expected += sign * Float(concepts.part.margins[k]) * concepts.directions[k][j]
                }
                for k in 0..<50 { expected += table[i * 50 + k] * codes.directions[k][j] }
                #expect(abs(values[i * 24 + j] - expected) < 1e-4, "row \(row), entry \(j)")
            }
        }
    }

    @Test("rates, magnitudes, weights and correlations are those asked for")
    func statistics() throws {
        let everything = try Everything(seed: 5)
        let rows = 0..<8000
        let labels = (0..<3).map { everything.concepts.labels($0, rows: rows) }
        for k in 0..<3 {
            // Four standard deviations of 8000 draws are 0.02.
            #expect(abs(Double(labels[k].count { $0 }) / 8000 - 0.3) < 0.02, "concept \(k)")
            for other in 0..<k {
                #expect(abs(correlation(labels[k], labels[other]) - 0.6) < 0.05, "\(k), \(other)")
            }
        }
        let codes = everything.codes.codes(rows).elements.filter { $0 != 0 }
        #expect(abs(Double(codes.count) / (8000 * 50) - 0.04) < 0.002)
        #expect(abs(codes.reduce(0) { $0 + Double($1) } / Double(codes.count) - 2) < 0.07)
        let clusters = everything.mixture.clusters(rows)
        #expect(!clusters.contains(1))
        #expect(abs(Double(clusters.count { $0 == 0 }) / 8000 - 0.25) < 0.02)
        let values = everything.world.activations(0..<80).elements
        for (row, isMassive) in everything.massive.latents(0..<80).enumerated() {
            #expect(isMassive == (row % 8 == 0) && (values[row * 24 + 5] > 300) == isMassive, "row \(row)")
        }
    }

    @Test("what cannot be planted is refused in one sentence")
    func refused() throws {
        var world = try PlantedActivations(width: 4, seed: 0)
        try world.plant(PlantedCircle(radius: 1))
        let full = #expect(throws: PlantedError.self) {
            try world.plant(PlantedMixture(clusters: 3, distance: 1))
        }
        #expect(full?.code == .tooManyDirections)
        for part in [
            PlantedConcepts(margins: [.nan]), PlantedConcepts(margins: [1], correlation: -0.1),
            PlantedConcepts(margins: [1], cosine: 1), PlantedConcepts(margins: [1], rate: 2),
            PlantedCodes(features: 0, probability: 0.1), PlantedCodes(features: 1, probability: 1.1),
            PlantedCircle(radius: .infinity), PlantedCircle(radius: 1, points: 0),
            PlantedMixture(clusters: 0, distance: 1), PlantedMixture(weights: [1, -1], distance: 1),
            PlantedMixture(clusters: 1, distance: 1, spread: -1),
            MassiveActivations(coordinates: [4], value: 1, at: .every(1)),
            MassiveActivations(coordinates: [0], value: 1, at: .every(0)),
            MassiveActivations(coordinates: [0], value: 1, at: .random(probability: 2)),
        ] as [any PlantedPart] {
            let error = #expect(throws: PlantedError.self, "\(part)") { try part.validate(width: 4) }
            #expect(error?.code == .invalidParameter, "\(part)")
        }
        #expect(throws: PlantedError.self) { try world.plant(PlantedCircle(radius: .nan)) }
        #expect(throws: PlantedError.self) { try PlantedActivations(width: 0, seed: 0) }
        #expect(throws: PlantedError.self) { try PlantedActivations(width: 1, noise: -1, seed: 0) }
    }
}
