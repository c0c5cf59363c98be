import Testing
import VaneConcepts
import VaneDefaultModel
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Concepts from words alone")
struct WordConceptTests {
    private let model: BuiltIn

    init() throws { model = try BuiltIn() }

    private static let good = [
        "lovely", "wonderful", "splendid", "delightful", "excellent", "superb", "charming", "brilliant",
    ]
    private static let bad = [
        "awful", "terrible", "dreadful", "horrible", "disappointing", "miserable", "boring", "dull",
    ]

    @Test(
        "sentiment's words part sentences near the output, those with none of the words too; random words do not",
        .tags(.planted, .slow))
    func sentiment() throws {
        let starter = try #require(StarterConcept.all.first { $0.name == "sentiment" })
        let set = try starter.examples(200, seed: 77)
        let named = Self.good + Self.bad
        let texts = [set.positive, set.negative].map { texts in
            texts.filter { text in !named.contains { text.lowercased().contains($0) } }
        }
        let labels = texts[0].map { _ in true } + texts[1].map { _ in false }
        let depth = model.network.layout.depth
        let sites = [2, depth - 2, depth - 1].map(Site.residual)
        let harvest = try Harvest(
            texts.joined().map(model.tokens), at: sites, in: model.network, pooling: .mean)
        var generator = SeededGenerator(seed: 9)
        let source = try WordDirection(model.network)
        func tokens(_ words: [String]) -> [[Int]] { words.map { model.tokens(" " + $0) } }
        func drawn() -> [[Int]] {
            (0..<8).map { _ in [generator.integer(below: model.network.layout.vocabulary)] }
        }
        let direction = try source.direction(of: tokens(Self.good), against: tokens(Self.bad))
        let random = try (0..<20).map { _ in try source.direction(of: drawn(), against: drawn()) }

        for site in sites {
            let values = try #require(harvest.activations[site]).elements
            func area(_ direction: [Float], resamples: Int) -> Estimate {
                let scores = harvest.rows.map { range in
                    range.reduce(0.0) {
                        $0 + dot(Array(values[$1 * model.width..<($1 + 1) * model.width]), direction)
                    } / Double(range.count)
                }
                return Statistics.auroc(
                    scores: scores, positive: labels, resamples: resamples, generator: &generator)
            }
            let found = area(direction, resamples: 500)
            let chance = random.map { area($0, resamples: 1).value }
            print(
                "words of sentiment at \(site): AUROC \(found.value) [\(found.low), \(found.high)]; random words "
                    + "\(chance.min() ?? 0) to \(chance.max() ?? 0)")
            let farthest = chance.map { abs($0 - 0.5) }.max() ?? 1
            if site == .residual(2) {
                // The known limit: far from the output the vocabulary says nothing of the states.
                #expect(found.low < 0.5)
            } else {
                #expect(found.low > 0.58 && found.value - 0.5 > 1.5 * farthest)
            }
        }
    }
}
