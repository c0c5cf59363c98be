import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneTokenizers

@Suite("Reading a concept from what the model expects after examples")
struct ContextReaderTests {
    private let model: LanguageModel

    init() throws { model = try DefaultModel.load() }

    private func tokens(_ texts: [String]) -> [[Int]] { texts.map { model.tokenizer.encode($0) } }

    private func reader(_ positive: [[Int]], _ negative: [[Int]], count: Int = 4) -> ContextReader {
        ContextReader(
            positive: positive, negative: negative, count: count,
            limit: model.network.layout.maximumPositions, seed: 3)
    }

    @Test(
        "it tells sentences of a concept from others; with mixed examples it does not", .tags(.planted),
        arguments: ["formality", "sentiment", "film"])
    func tells(name: String) throws {
        let starter = try #require(StarterConcept.all.first { $0.name == name })
        let (examples, held) = (try starter.examples(60, seed: 5), try starter.examples(25, seed: 6))
        let texts = tokens(held.positive) + tokens(held.negative)
        let labels = held.positive.map { _ in true } + held.negative.map { _ in false }
        func area(_ positive: [[Int]], _ negative: [[Int]], count: Int = 4) throws -> Double {
            let readings = try reader(positive, negative, count: count).read(
                texts, from: texts.map { _ in 0 }, in: model)
            return Statistics.auroc(scores: readings, positive: labels)
        }
        let own = try area(tokens(examples.positive), tokens(examples.negative))
        var generator = SeededGenerator(seed: 7)
        // The mean of several drawings: each has contexts of its own.
        let mixed =
            try (0..<8).map { _ in
                let all = generator.shuffled(tokens(examples.positive) + tokens(examples.negative))
                return try area(Array(all.prefix(60)), Array(all.dropFirst(60)), count: 2)
            }.reduce(0, +) / 8
        print("\(name): AUROC \(own), mixed \(mixed)")
        #expect(own >= 0.65 && abs(mixed - 0.5) < 0.12)
    }

    @Test("it reads the continuation as the whole text gives it, after contexts that run once", .tags(.law))
    func whole() throws {
        let (shown, hidden) = (tokens(["It was lovely."]), tokens(["It was awful."]))
        let texts = tokens(["The pie was good.", "We", "The soup was cold and we left."])
        let starts = [3, 1, 0]
        let readings = try reader(shown, hidden, count: 1).read(texts, from: starts, in: model)
        for (number, text) in texts.enumerated() {
            func mean(_ context: [Int]) throws -> Double {
                let scores = try model.logProbabilities(of: [context + text])[0]
                let part = scores.dropFirst(context.count - 1 + starts[number])
                return part.reduce(0, +) / Double(max(1, part.count))
            }
            #expect(try abs(readings[number] - (mean(shown[0]) - mean(hidden[0]))) < 1e-4)
        }
    }
}
