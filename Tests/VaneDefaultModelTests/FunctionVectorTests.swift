import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Function vectors")
struct FunctionVectorTests {
    private let model: BuiltIn
    private let world = PlantedWorld(seed: 900)

    init() throws { model = try BuiltIn() }

    private func task(_ name: String) throws -> PlantedTask { try #require(PlantedTask.named(name)) }

    /// Pairs that documents may show, in a fixed random order.
    private func pairs(_ task: PlantedTask) -> [PlantedTask.Pair] {
        var generator = SeededGenerator(seed: 6)
        return generator.shuffled(task.pairs.filter { !$0.isHeldOut })
    }

    private func asked(_ prompt: String, _ pair: PlantedTask.Pair) -> PromptedText {
        PromptedText(prompt: model.tokens(prompt), continuation: model.tokens(" " + pair.answer))
    }

    private func demonstrated(_ task: PlantedTask, _ pairs: [PlantedTask.Pair]) -> [String] {
        pairs.enumerated().map { world.prompt(task, query: $1.query, demonstrations: 5, at: $0) }
    }

    private static let names = ["past", "third person", "opposite", "superlative"]

    /// A prompt whose demonstrations belong to several tasks with the same words, so that it leaves the task
    /// open. Shuffled labels do not: their form alone tells these tasks apart.
    private func corrupted(_ query: String, at index: Int) throws -> String {
        var generator = SeededGenerator(seed: 7, stream: UInt64(index))
        let names = ["past", "continuous", "third person", "comparative", "superlative", "opposite"]
        let lines = try (0..<5).map { place in
            let pairs = try task(names[(index + place) % names.count]).pairs.filter {
                !$0.isHeldOut && $0.query != query
            }
            return pairs[generator.integer(below: pairs.count)].line
        }
        return (lines + ["\(query):"]).joined(separator: "\n")
    }

    private struct Split {
        let prompts: [[Int]]
        let corrupted: [PromptedText]
        let selection: [PromptedText]
        let test: [PromptedText]
        let shown: [PromptedText]
    }

    private func split(_ task: PlantedTask) throws -> Split {
        let pairs = pairs(task)
        let test = Array(pairs.suffix(20))
        let rest = Array(pairs.dropLast(20))
        let prompts = demonstrated(task, Array(rest.prefix(40)))
        return Split(
            prompts: prompts.map(model.tokens),
            corrupted: try rest.prefix(12).enumerated().map { asked(try corrupted($1.query, at: $0), $1) },
            selection: rest.suffix(15).map { asked("\($0.query):", $0) },
            test: test.map { asked("\($0.query):", $0) },
            shown: zip(demonstrated(task, test), test).map { asked($0, $1) })
    }

    @Test(
        "what heads write after demonstrations, added without any, brings back the task; random heads and another task's do not",
        .tags(.planted, .slow))
    func functionVectors() throws {
        let learner = FunctionVectors()
        var generator = SeededGenerator(seed: 8)
        var lifts: [Double] = []
        var others: [Double] = []
        var vectors: [(name: String, split: Split, result: FunctionVectors.Result)] = []
        for name in Self.names {
            let split = try split(try task(name))
            let result = try learner.learn(
                prompts: split.prompts, corrupted: split.corrupted, selection: split.selection,
                headCounts: [3, 6, 12], in: model.network)
            vectors.append((name, split, result))
        }
        let nothing = [Float](repeating: 0, count: model.width)
        for (place, (name, split, result)) in vectors.enumerated() {
            func accuracy(_ vector: [Float], _ queries: [PromptedText]? = nil) throws -> Double {
                try learner.accuracy(
                    on: queries ?? split.test, adding: vector, at: result.site, in: model.network)
            }
            // As many of the other heads, their vector as long.
            let rest = result.effects.map(\.site).filter { site in
                !result.heads.contains { $0.site == site }
            }
            let heads = generator.shuffled(rest).prefix(result.heads.count)
            let random = try learner.vector(of: Array(heads), result.means, in: model.network)
            let size = Float(length(result.vector) / max(length(random), 1e-9))
            let other = vectors[(place + 1) % vectors.count].result
            let (base, full) = (try accuracy(nothing), try accuracy(nothing, split.shown))
            let (with, randomly, wrongly) = (
                try accuracy(result.vector), try accuracy(random.map { size * $0 }),
                try accuracy(other.vector)
            )
            lifts.append(with - base)
            others.append(max(randomly, wrongly) - base)
            print(
                "\(name): 0 demonstrations \(base), 5 \(full), function vector \(with) (\(result.heads.count) heads at "
                    + "\(result.site), largest effect \(result.effects[0].effect) of \(result.effects[0].site)), random "
                    + "heads \(randomly), another task's \(wrongly)")
            #expect(result.effects[0].effect > 0)
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        #expect(mean(lifts) > 0.2 && mean(lifts) > mean(others) + 0.15, "\(lifts) against \(others)")
    }

}
