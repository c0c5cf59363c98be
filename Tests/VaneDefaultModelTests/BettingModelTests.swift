import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvidence
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Tests by betting on the built-in model", .tags(.planted))
struct BettingModelTests {
    /// Ten scores of each text: five concepts as their probes read them, two values of others, three random
    /// directions; and how much likelier the model finds words of praise than of blame afterwards.
    private func scores(_ count: Int) throws -> (names: [String], scores: [[Double]], outputs: [Double]) {
        let model = try BuiltIn()
        let names = [
            "sentiment", "formality", "politeness", "certainty", "first-person", "past", "food",
        ]
        let site = Site.residual(0)
        let concepts = try names.compactMap { try DefaultModel.concept(named: $0) }
        let probes = try concepts.map { try $0.layer(at: site).probe }
        let language = PlantedLanguage(seed: 2121)
        let sentences = (0..<count).map { language.text(at: $0).sentences.prefix(2).joined(separator: " ") }
        let texts = sentences.map { Array(model.tokens($0).prefix(48)) }
        let rows = try #require(
            try Harvest(texts, at: [site], in: model.network, pooling: .mean).activations[site]
        ).elements
        let question = model.tokens(" The film was")
        func words(_ list: [String]) -> [Int] {
            list.map { model.tokens(" " + $0) }.filter { $0.count == 1 }.flatMap { $0 }
        }
        let praise = words([
            "lovely", "wonderful", "splendid", "delightful", "excellent", "superb", "charming", "perfect",
        ])
        let blame = words([
            "awful", "terrible", "dreadful", "horrible", "miserable", "poor", "dull", "boring",
        ])
        try #require(praise.count > 2 && blame.count > 2)
        let outputs = try OutputGradients(
            of: Objective(praise, against: .tokens(blame)), texts.map { $0 + question }, at: [],
            in: model.network
        ).values
        var generator = SeededGenerator(seed: 5)
        let random = (0..<3).map { _ in generator.unitVector(width: model.width) }
        let scores = texts.indices.map { text in
            let row = Array(rows[text * model.width..<(text + 1) * model.width])
            return probes.map { $0.logit(row) } + random.map { dot($0, row) }
        }
        return (concepts.map(\.name) + ["random 1", "random 2", "random 3"], scores, outputs)
    }

    @Test("sentiment is the first of ten scores that bets find to matter for praise against blame")
    func order() throws {
        let (names, scores, outputs) = try scores(400)
        var first = 0
        var times = [[Int]](repeating: [], count: names.count)
        var randomLast = 0
        let repeats = 20
        for seed in 0..<repeats {
            var generator = SeededGenerator(seed: UInt64(seed))
            let order = generator.shuffled(outputs.indices)
            let ends = try names.indices.map { concept in
                let result = try SKIT().test(
                    outputs: order.map { outputs[$0] }, scores: order.map { scores[$0][concept] })
                times[concept].append(result.rejectedAt ?? 200)
                return result.rejectedAt ?? 201
            }
            first += ends.indices.allSatisfy { $0 == 0 || ends[$0] > ends[0] } ? 1 : 0
            randomLast += (ends.dropLast(3).max() ?? 0) <= (ends.suffix(3).min() ?? 0) ? 1 : 0
        }
        for (name, list) in zip(names, times) {
            print(
                "\(name): mean step \(Double(list.reduce(0, +)) / Double(repeats)), found \(list.count { $0 < 200 })"
            )
        }
        print("sentiment first in \(first) of \(repeats), the random ones last in \(randomLast)")
        #expect(first >= 18)
    }
}
