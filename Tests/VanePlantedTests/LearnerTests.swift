import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

/// Every learner against worlds in which the direction is known: those it should find, and those built against it.
@Suite("Learners of directions", .tags(.planted))
struct LearnerTests {
    private static let width = 32
    private static let noise = LearningOptions(pooling: .last, isStandardised: false, resamples: 10)

    private func learner(_ id: String) throws -> any Learner { try #require(Learners.learner(id: id)) }

    private func found(_ concept: Concept, _ truth: [Float]) -> Double {
        cosine(concept.layers[0].probe.direction, truth)
    }

    /// Two classes along a direction in round noise, in front of 400 rows that belong to neither.
    private func plain(seed: UInt64, margin: Double = 2) throws -> (
        network: PlantedTokens, labels: [Bool], truth: [Float]
    ) {
        var world = try PlantedActivations(width: Self.width, seed: seed)
        let concept = try world.plant(PlantedConcepts(margins: [margin]))
        return (
            PlantedTokens(world, rows: 0..<2000), concept.labels(0, rows: 0..<1600), concept.directions[0]
        )
    }

    @Test("ids are unique, and every learner is found by its own", .tags(.law))
    func registry() {
        let ids = Learners.all.map(\.method.id)
        #expect(Set(ids).count == ids.count && Learners.learner(id: "no such") == nil)
        for learner in Learners.all {
            #expect(Learners.learner(id: learner.method.id)?.method == learner.method)
        }
    }

    @Test(
        "round noise: the direction is found",
        arguments: [
            "logistic", "ridge", "difference-of-means", "mean-centring", "lda", "whitened-difference",
            "pair-pca",
            "icv", "icv-released", "lat",
        ])
    func round(_ id: String) throws {
        for seed in [1, 2, 3] as [UInt64] {
            let (network, labels, truth) = try plain(seed: seed)
            let concept = try learn(
                network, labels: labels, by: learner(id), background: 0..<2000, options: Self.noise)
            let result = concept.layers[0].result
            // LAT sees no labels and here no spread but the noise: it is the control that must fail.
            if id == "lat" {
                #expect(found(concept, truth) < 0.8, "seed \(seed)")
                continue
            }
            #expect(found(concept, truth) >= 0.95, "seed \(seed): \(found(concept, truth))")
            #expect(result.accuracy.value > 0.93 && concept.verdict.isFound)
            #expect(abs(result.shuffledAUROC.value - 0.5) < 0.2, "shuffled labels, seed \(seed)")
        }
    }

    @Test("controls: a random direction, and the centred component of pairs that differ alike, miss it")
    func controls() throws {
        for seed in [1, 2, 3] as [UInt64] {
            let (network, labels, truth) = try plain(seed: seed)
            for id in ["random", "pair-pca-centred"] {
                let concept = try learn(network, labels: labels, by: learner(id), options: Self.noise)
                #expect(abs(found(concept, truth)) < 0.8, "\(id), seed \(seed)")
            }
        }
    }

    /// Noise that is wide along a direction at 45 degrees to the concept's: the difference of means is the concept's own
    /// direction, but the best reader turns away from the noise.
    @Test(
        "noise along an axis that leans on the concept: discriminants read better, the mean difference keeps the direction"
    )
    func leaning() throws {
        var generator = SeededGenerator(seed: 5)
        let truth = generator.unitVector(width: Self.width)
        let other = generator.unitVector(width: Self.width)
        let lean = zip(truth, other).map { 0.7 * Double($0) + 0.7 * Double($1) }
        let labels = (0..<1200).map { $0 % 2 == 0 }
        let rows = labels.map { label in
            let loud = 4 * generator.normal()
            return (0..<Self.width).map {
                (label ? 1 : -1) * 1.5 * Double(truth[$0]) + loud * lean[$0] + 0.5 * generator.normal()
            }
        }
        let network = PlantedTokens(rows)
        func learnt(_ id: String) throws -> Concept {
            try learn(network, labels: labels, by: learner(id), options: Self.noise)
        }
        let means = try learnt("difference-of-means")
        #expect(found(means, truth) >= 0.95)
        for id in ["logistic", "ridge", "lda", "whitened-difference"] {
            let concept = try learnt(id)
            #expect(
                concept.layers[0].result.auroc.value > means.layers[0].result.auroc.value + 0.1, "\(id)")
            #expect(found(concept, truth) < 0.9, "\(id) turns away from the noise")
        }
    }

    @Test(
        "a large part that all activations share: centring finds the concept, the bare mean finds that part")
    func shared() throws {
        var generator = SeededGenerator(seed: 6)
        let truth = generator.unitVector(width: Self.width)
        let common = generator.unitVector(width: Self.width).map { 40 * Double($0) }
        let labels = (0..<900).map { $0 < 300 }
        let rows = labels.map { label in
            (0..<Self.width).map {
                (label ? 2 : 0) * Double(truth[$0]) + common[$0] + generator.normal()
            }
        }
        // Negatives to measure with, and other rows as the background.
        let concept = try learn(
            PlantedTokens(rows), labels: Array(labels[..<600]), by: learner("mean-centring"),
            background: 600..<900, options: Self.noise)
        #expect(found(concept, truth) >= 0.95)
        let bare = (0..<Self.width).map { j in Float((0..<300).reduce(0) { $0 + rows[$1][j] } / 300) }
        #expect(abs(cosine(bare, truth)) <= 0.3, "the control: the mean without centring")
        #expect(throws: ConceptError.self, "no background") {
            try learn(
                PlantedTokens(rows), labels: Array(labels[..<600]), by: learner("mean-centring"),
                options: Self.noise)
        }
    }

    /// Both texts of a pair share what they are about, which differs widely from pair to pair.
    @Test("pairs that share a wide content: the component of their differences needs the pairs")
    func pairs() throws {
        var generator = SeededGenerator(seed: 7)
        let truth = generator.unitVector(width: Self.width)
        let topic = generator.unitVector(width: Self.width)
        var rows: [[Double]] = []
        for _ in 0..<200 {
            let about = 12 * generator.normal()
            for sign in [1.0, -1] {
                rows.append(
                    (0..<Self.width).map {
                        sign * Double(truth[$0]) + about * Double(topic[$0]) + 0.5 * generator.normal()
                    })
            }
        }
        let labels = rows.indices.map { $0 % 2 == 0 }
        var paired = Self.noise
        paired.isPaired = true
        for id in ["pair-pca", "icv"] {
            let concept = try learn(PlantedTokens(rows), labels: labels, by: learner(id), options: paired)
            #expect(found(concept, truth) >= 0.95, "\(id): \(found(concept, truth))")
            #expect(abs(concept.layers[0].result.shuffledAUROC.value - 0.5) < 0.2)
        }
        // The released form adds a unit vector about the mean to a mean of length 2: at one site that shows.
        let released = try learn(
            PlantedTokens(rows), labels: labels, by: learner("icv-released"), options: paired)
        #expect((0.8..<0.95).contains(found(released, truth)), "\(found(released, truth))")
        let unpaired = try learn(
            PlantedTokens(rows), labels: labels, by: learner("pair-pca"), options: Self.noise)
        #expect(abs(found(unpaired, truth)) < 0.5, "the control: pairs drawn at random differ in topic")
        #expect(throws: ConceptError.self, "not as many of both") {
            try learn(
                PlantedTokens(rows), labels: labels.map { _ in true }.dropLast(3) + [false, false, false],
                by: learner("pair-pca"), options: paired)
        }
    }

    @Test("tokens with massive entries are left out if asked")
    func massive() throws {
        var world = try PlantedActivations(width: Self.width, seed: 8)
        let concept = try world.plant(PlantedConcepts(margins: [1.5]))
        try world.plant(MassiveActivations(coordinates: [3], value: 5000, at: .every(4)))
        let network = PlantedTokens(world, rows: 0..<1600)
        // Texts of two tokens of one label; every second text begins with a massive one.
        let labels = concept.labels(0, rows: 0..<1600)
        let ordinary = [true, false].map { wanted in (0..<1600).filter { labels[$0] == wanted && $0 % 4 != 0 }
        }
        let massive = [true, false].map { wanted in (0..<1600).filter { labels[$0] == wanted && $0 % 4 == 0 }
        }
        func texts(_ group: Int) -> [[Int]] {
            ordinary[group].prefix(300).enumerated().map { index, token in
                index % 2 == group ? [massive[group][index / 2 % massive[group].count], token] : [token]
            }
        }
        func cosine(_ ratio: Double?) throws -> Double {
            var options = LearningOptions(pooling: .mean, isStandardised: false, resamples: 10)
            options.massiveRatio = ratio
            return try found(
                ConceptLearner(DifferenceOfMeans(), options).learn(
                    "m", positive: texts(0), negative: texts(1), digest: "", in: network,
                    model: network.identity), concept.directions[0])
        }
        #expect(try cosine(100) >= 0.95)
        #expect(try cosine(nil) < 0.5, "the control: without the guard")
    }

    @Test("balanced classes are as large as the smaller one, and the seed draws them")
    func balanced() throws {
        let (network, labels, truth) = try plain(seed: 4, margin: 2)
        let positives = labels.indices.filter { labels[$0] }
        var few = labels
        for index in positives.dropFirst(40) { few[index] = false }
        // Most negatives now show the concept as well: the classes are mixed, yet their means still differ.
        var options = Self.noise
        options.isBalanced = true
        let balanced = try learn(network, labels: few, by: DifferenceOfMeans(), options: options)
        let all = try learn(network, labels: few, by: DifferenceOfMeans(), options: Self.noise)
        #expect(balanced.layers[0].probe != all.layers[0].probe)
        #expect(found(balanced, truth) > 0.5 && found(all, truth) > 0.5)
        #expect(try learn(network, labels: few, by: DifferenceOfMeans(), options: options) == balanced)
    }
}
