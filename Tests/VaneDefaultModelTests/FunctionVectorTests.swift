import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Function and task vectors")
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

    /// The prompt with the answers of its demonstrations passed round.
    private func corrupted(_ prompt: String) -> String {
        let lines = prompt.split(separator: "\n").map { $0.split(separator: ":").map { String($0) } }
        let answers = lines.dropLast().map { $0.count > 1 ? $0[1] : "" }
        let moved = lines.dropLast().enumerated().map { place, line in
            line[0] + ":" + answers[(place + 1) % answers.count]
        }
        return (moved + [lines[lines.count - 1][0] + ":"]).joined(separator: "\n")
    }

    private struct Split {
        let prompts: [[Int]]
        let corrupted: [PromptedText]
        let selection: [PromptedText]
        let test: [PromptedText]
        let shown: [PromptedText]
    }

    private func split(_ task: PlantedTask) -> Split {
        let pairs = pairs(task)
        let test = Array(pairs.suffix(20))
        let rest = Array(pairs.dropLast(20))
        let prompts = demonstrated(task, Array(rest.prefix(40)))
        return Split(
            prompts: prompts.map(model.tokens),
            corrupted: zip(prompts, rest).prefix(12).map { asked(corrupted($0), $1) },
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
        for name in ["past", "plural", "back translation"] {
            let split = split(try task(name))
            let result = try learner.learn(
                prompts: split.prompts, corrupted: split.corrupted, selection: split.selection,
                headCounts: [4, 8, 16], in: model.network)
            vectors.append((name, split, result))
        }
        let nothing = [Float](repeating: 0, count: model.width)
        for (place, (name, split, result)) in vectors.enumerated() {
            func accuracy(_ vector: [Float], _ queries: [PromptedText]? = nil) throws -> Double {
                try learner.accuracy(
                    on: queries ?? split.test, adding: vector, at: result.site, in: model.network)
            }
            let heads = generator.shuffled(result.effects.map(\.site)).prefix(result.heads.count)
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

    @Test(
        "the state after demonstrations, put in place of one without, brings back the task; another task's does not",
        .tags(.planted, .slow))
    func taskVectors() throws {
        let learner = TaskVectors()
        let sites = (0..<model.network.layout.depth).map(Site.residual)
        let names = ["past", "plural", "back translation"]
        let splits = try names.map { split(try task($0)) }
        let vectors = try splits.map { try learner.vectors(of: $0.prompts, at: sites, in: model.network) }
        var (lifts, others): ([Double], [Double]) = ([], [])
        for (place, split) in splits.enumerated() {
            let best = try learner.best(of: vectors[place], on: split.selection, in: model.network)
            func accuracy(_ from: Int) throws -> Double {
                let vector = try #require(vectors[from][best.site])
                return try learner.accuracy(
                    on: split.test, replacing: (best.site, vector), in: model.network)
            }
            let base = try learner.accuracy(on: split.test, replacing: nil, in: model.network)
            let (right, wrong) = (try accuracy(place), try accuracy((place + 1) % splits.count))
            lifts.append(right - base)
            others.append(wrong - base)
            print(
                "\(names[place]): without \(base), task vector \(right) at \(best.site), another task's \(wrong)"
            )
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        #expect(mean(lifts) > 0.2 && mean(lifts) > mean(others) + 0.2, "\(lifts) against \(others)")
    }
}
