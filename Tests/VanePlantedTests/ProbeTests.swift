import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Probes of planted activations", .tags(.planted))
struct ProbeTests {
    @Test("margin 1.5, noise 1, width 32, 1200 rows: the direction is found, with all else planted around it")
    func found() throws {
        for seed in 0..<5 as Range<UInt64> {
            var world = try PlantedActivations(width: 32, seed: seed)
            let concept = try world.plant(PlantedConcepts(margins: [1.5]))
            try world.plant(PlantedCodes(features: 64, probability: 0.05))
            try world.plant(PlantedCircle(radius: 1))
            let labels = concept.labels(0, rows: 0..<1200)
            let learnt = try learn(world, labels: labels)
            let truth = concept.directions[0]
            let found = cosine(learnt.layers[0].probe.direction, truth)
            #expect(cosine(learnt.layers[0].meanDifference, truth) >= 0.95, "seed \(seed)")
            #expect(found >= 0.95 && learnt.verdict.isFound, "seed \(seed): cosine \(found)")

            // Controls: a random direction, and the same rows under shuffled labels.
            var generator = SeededGenerator(seed: seed, stream: 77)
            #expect(abs(cosine(generator.unitVector(width: 32), truth)) < 0.7, "seed \(seed)")
            let control = try learn(world, labels: generator.shuffled(labels))
            let missed = abs(cosine(control.layers[0].probe.direction, truth))
            #expect(missed < 0.7 && !control.verdict.isFound, "seed \(seed): shuffled \(missed)")
        }
    }

    @Test("correlated labels pull the mean difference towards the other concept, the probe far less")
    func correlated() throws {
        for seed in 0..<5 as Range<UInt64> {
            var world = try PlantedActivations(width: 32, seed: seed)
            let pair = try world.plant(PlantedConcepts(margins: [1, 2], correlation: 0.6))
            let learnt = try learn(world, labels: pair.labels(0, rows: 0..<1600)).layers[0]
            let (own, other) = (pair.directions[0], pair.directions[1])
            let pull = cosine(learnt.meanDifference, other)
            let rest = cosine(learnt.probe.direction, other)
            // In expectation the mean difference is m₀ d₀ + ρ m₁ d₁: a cosine of 1.2/√(1 + 1.2²) = 0.77.
            #expect(abs(pull - 0.768) < 0.05, "seed \(seed): \(pull)")
            // The probe's rest is no mistake: one label is evidence of the other, up to a point that no linear
            // function knows. It measures 0.27...0.32 here, with 0.93 along the concept's own direction.
            #expect(abs(rest) < pull - 0.3, "seed \(seed): \(rest) against \(pull)")
            let (near, far) = (cosine(learnt.probe.direction, own), cosine(learnt.meanDifference, own))
            #expect(near > 0.88 && near > far + 0.2, "seed \(seed): \(near) against \(far)")
            // Control: without correlation nothing pulls.
            var apart = try PlantedActivations(width: 32, seed: seed)
            let free = try apart.plant(PlantedConcepts(margins: [1, 2]))
            let control = try learn(apart, labels: free.labels(0, rows: 0..<1600)).layers[0]
            #expect(abs(cosine(control.meanDifference, free.directions[1])) < 0.2, "seed \(seed)")
        }
    }

    @Test("massive activations hide the concept from the mean difference, not from the probes")
    func massive() throws {
        for seed in 0..<5 as Range<UInt64> {
            var world = try PlantedActivations(width: 32, seed: seed)
            let concept = try world.plant(PlantedConcepts(margins: [1.5]))
            try world.plant(
                MassiveActivations(coordinates: [3, 17], value: 5000, at: .random(probability: 0.1)))
            let labels = concept.labels(0, rows: 0..<2000)
            // In the two coordinates the concept is lost, so the truth is asked for in the others.
            func rest(_ vector: [Float]) -> [Float] {
                vector.enumerated().map { $0.offset == 3 || $0.offset == 17 ? 0 : $0.element }
            }
            let truth = rest(concept.directions[0])
            // Standardised or not: a weight small enough for a huge entry costs the penalty nothing.
            for isStandardised in [true, false] {
                let learnt = try learn(world, labels: labels, isStandardised: isStandardised)
                let (probe, difference) = (learnt.layers[0].probe.direction, learnt.layers[0].meanDifference)
                #expect(cosine(rest(probe), truth) >= 0.95 && learnt.verdict.isFound, "seed \(seed)")
                #expect(abs(cosine(difference, concept.directions[0])) < 0.7, "seed \(seed)")
            }
        }
    }

    @Test("with few rows, standardisation keeps massive entries from deciding")
    func fewRows() throws {
        var right = [0, 0]
        let fresh = 10_000..<10_500
        for seed in 0..<20 as Range<UInt64> {
            var world = try PlantedActivations(width: 32, seed: seed)
            let concept = try world.plant(PlantedConcepts(margins: [1.5]))
            try world.plant(
                MassiveActivations(coordinates: [3, 17], value: 5000, at: .random(probability: 0.1)))
            let (rows, truth) = (world.activations(fresh).elements, concept.labels(0, rows: fresh))
            for (i, isStandardised) in [true, false].enumerated() {
                let probe = try learn(
                    world, labels: concept.labels(0, rows: 0..<40), isStandardised: isStandardised
                ).layers[0].probe
                right[i] += truth.indices.count {
                    (probe.logit(rows[$0 * 32..<$0 * 32 + 32]) > 0) == truth[$0]
                }
            }
        }
        // Of 10,000 unseen rows: 85% against 78%, where Φ(1.5) = 93% is the best without massive entries.
        #expect(right[0] > 8000 && right[0] > right[1] + 300, "\(right) of 10,000")
    }

    @Test("labels that have nothing to do with what is planted are not found")
    func notFound() throws {
        // 16 of 20 held-out rows must be right, by chance in 0.6% of the seeds.
        var found = 0
        for seed in 0..<100 as Range<UInt64> {
            var world = try PlantedActivations(width: 8, seed: seed)
            try world.plant(PlantedConcepts(margins: [2]))
            try world.plant(MassiveActivations(coordinates: [1], value: 5000, at: .random(probability: 0.1)))
            var generator = SeededGenerator(seed: seed, stream: 78)
            let labels = generator.shuffled((0..<80).map { $0 % 2 == 0 })
            found += try learn(world, labels: labels, resamples: 2, seed: seed).verdict.isFound ? 1 : 0
        }
        #expect(found <= 5, "\(found) of 100 unrelated labellings were 'found'")
    }
}
