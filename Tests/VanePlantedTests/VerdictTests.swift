import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

/// A verdict must say what speaks against a concept.
@Suite("Verdicts", .tags(.planted))
struct VerdictTests {
    private static let options = LearningOptions(pooling: .mean, resamples: 200)

    private func world(margin: Double) throws -> (network: PlantedTokens, labels: [Bool]) {
        var world = try PlantedActivations(width: 16, seed: 11)
        let concept = try world.plant(PlantedConcepts(margins: [margin]))
        return (PlantedTokens(world, rows: 0..<2000), concept.labels(0, rows: 0..<2000))
    }

    /// Texts of two tokens each of the wanted class; with `longer`, positives have four.
    private func learn(
        _ network: PlantedTokens, _ labels: [Bool], longer: Bool = false, repeated: Bool = false,
        by learner: any Learner = LogisticCAV()
    ) throws -> Concept {
        func texts(_ wanted: Bool) -> [[Int]] {
            let tokens = labels.indices.filter { labels[$0] == wanted }
            let length = longer && wanted ? 4 : 2
            let count = repeated ? 40 : 120
            let texts = (0..<count).map { Array(tokens[$0 * length..<($0 + 1) * length]) }
            return repeated ? texts + texts + texts : texts
        }
        return try ConceptLearner(learner, Self.options).learn(
            "v", positive: texts(true), negative: texts(false), digest: "", in: network,
            model: network.identity)
    }

    @Test("a clean concept has no caution, agrees with itself and beats random directions")
    func clean() throws {
        let (network, labels) = try world(margin: 2)
        let concept = try learn(network, labels)
        let result = concept.layers[0].result
        #expect(concept.verdict.cautions.isEmpty, "\(concept.verdict.cautions)")
        #expect(concept.verdict.isFound && concept.verdict.maximumPValue < 0.01)
        #expect(result.agreement > 0.7 && result.averagePrecision > 0.95)
        #expect(result.randomAUROC < result.auroc.low && result.qValue < 0.01)
    }

    @Test("pure noise: not found, halves disagree, random directions do as well")
    func noise() throws {
        let (network, labels) = try world(margin: 0)
        let concept = try learn(network, labels)
        let result = concept.layers[0].result
        #expect(!concept.verdict.isFound && concept.verdict.maximumPValue > 0.05)
        #expect(abs(result.agreement) < 0.6 && abs(result.averagePrecision - 0.5) < 0.2)
        #expect(concept.verdict.cautions.contains { $0.contains("different directions") })
    }

    @Test("positives that are longer, and near copies across the split, are named")
    func confounds() throws {
        let (network, labels) = try world(margin: 0.5)
        let longer = try learn(network, labels, longer: true).verdict.cautions
        #expect(longer.contains { $0.contains("number of tokens") }, "\(longer)")
        let repeated = try learn(network, labels, repeated: true).verdict.cautions
        #expect(repeated.contains { $0.contains("nearly the same as a training text") }, "\(repeated)")
        let neither = try learn(network, labels).verdict.cautions
        #expect(!neither.contains { $0.contains("number of tokens") || $0.contains("nearly the same") })
    }
}
