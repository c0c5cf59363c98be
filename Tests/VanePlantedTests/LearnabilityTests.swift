import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Whether a concept is as learnable as the class it explains", .tags(.planted))
struct LearnabilityTests {
    private static let options = LearningOptions(
        pooling: .last, isStandardised: false, heldOut: 0.5, folds: 2, lambdas: [0.03], resamples: 100)

    /// A class and a concept of known margins in one world.
    private func learnability(concept margin: Double, target: Double, seed: UInt64) throws -> Learnability {
        var world = try PlantedActivations(width: 16, seed: seed)
        let planted = try world.plant(PlantedConcepts(margins: [margin, target]))
        let network = PlantedTokens(world, rows: 0..<500)
        func learnt(_ index: Int) throws -> (Concept, ProbeSetComparison.Texts) {
            let labels = planted.labels(index, rows: 0..<500)
            let texts = ProbeSetComparison.Texts(
                positive: labels.indices.filter { labels[$0] }.map { [$0] },
                negative: labels.indices.filter { !labels[$0] }.map { [$0] })
            let concept = try ConceptLearner(LogisticCAV(), Self.options).learn(
                "c\(index)", positive: texts.positive, negative: texts.negative, digest: "", in: network,
                model: network.identity)
            return (concept, texts)
        }
        let (concept, texts) = try learnt(0)
        let (aim, others) = try learnt(1)
        return try Learnability(of: concept, from: texts, explaining: aim, from: others, in: network)
    }

    @Test(
        "a concept that is harder than its class is flagged in 19 of 20 seeds; equals and easier ones are not"
    )
    func harder() throws {
        var (flagged, wrongly) = (0, 0)
        for seed in 0..<20 as Range<UInt64> {
            let hard = try learnability(concept: 0.5, target: 2, seed: seed)
            flagged += hard.isHarder ? 1 : 0
            #expect(hard.isHarder == (hard.caution != nil))
            for margin in [2.0, 3] {
                wrongly += try learnability(concept: margin, target: 2, seed: seed).isHarder ? 1 : 0
            }
        }
        print("harder concepts flagged in \(flagged) of 20 seeds, equal or easier ones in \(wrongly) of 40")
        #expect(flagged >= 19 && wrongly <= 2)
    }

    @Test("average precision at equal classes stays where positives are a tenth; the plain one does not")
    func frequency() throws {
        var generator = SeededGenerator(seed: 78)
        let positive = (0..<20_000).map { $0 % 2 == 0 }
        let scores = positive.map { ($0 ? 1.0 : 0) + generator.normal() }
        let kept = positive.indices.filter { !positive[$0] || $0 % 20 == 0 }
        let few = (scores: kept.map { scores[$0] }, positive: kept.map { positive[$0] })
        func plain(_ scores: [Double], _ positive: [Bool]) -> Double {
            var (right, sum) = (0.0, 0.0)
            for (rank, index) in scores.indices.sorted(by: { scores[$0] > scores[$1] }).enumerated()
            where positive[index] {
                right += 1
                sum += right / Double(rank + 1)
            }
            return sum / right
        }
        let (all, tenth) = (
            Learnability.precision(scores: scores, positive: positive, resamples: 5),
            Learnability.precision(scores: few.scores, positive: few.positive, resamples: 5)
        )
        print(
            "average precision \(all.value) and \(tenth.value) of a tenth; plain "
                + "\(plain(scores, positive)) and \(plain(few.scores, few.positive))")
        #expect(abs(all.value - tenth.value) < 0.02)
        #expect(plain(scores, positive) - plain(few.scores, few.positive) > 0.2, "the control")
    }
}
