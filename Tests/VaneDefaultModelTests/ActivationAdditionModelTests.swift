import Foundation
import Testing
import Vane
import VaneConcepts
import VaneDefaultModel
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Prompt pairs on the built-in model")
struct ActivationAdditionModelTests {
    private let model: BuiltIn

    init() throws { model = try BuiltIn() }

    private static let good = [
        "lovely", "wonderful", "splendid", "delightful", "excellent", "superb", "charming", "brilliant",
    ]
    private static let bad = [
        "awful", "terrible", "dreadful", "horrible", "disappointing", "miserable", "boring", "dull",
    ]

    /// A pair of prompts and the starter concept it should bring about.
    private static let pairs = [
        (concept: "sentiment", positive: " wonderful", negative: " terrible"),
        (
            concept: "sentiment", positive: " a wonderful, lovely, superb film",
            negative: " a terrible, awful, dreadful film"
        ),
        (concept: "film", positive: " the film, the actor, the cinema, the film", negative: ""),
        (concept: "sport", positive: " the match, the referee, the goal, the match", negative: ""),
    ]

    private func hooks(_ entry: SteeringPlan.Entry) throws -> Hooks {
        try SteeringPlan([entry]).compile(with: [], for: model.network.layout).hooks
    }

    private func entry(_ positive: String, _ negative: String, block: Int, times: Double) async throws
        -> SteeringPlan.Entry
    {
        try await model.engine.promptPair(positive, against: negative, inFrontOf: block, times: times)
    }

    /// The same block with every row turned to a random direction, its length kept.
    private func random(_ entry: SteeringPlan.Entry, seed: UInt64) -> SteeringPlan.Entry {
        guard case .block(var block) = entry.operation else { return entry }
        var generator = SeededGenerator(seed: seed)
        block.rows = block.rows.map { row in
            let size = Float(length(row))
            return generator.unitVector(width: row.count).map { $0 * size }
        }
        var entry = entry
        entry.operation = .block(block)
        return entry
    }

    /// The mean over `prompts` of the log-odds of good against bad words next, those of pair `left` left out.
    private func logOdds(_ prompts: [[Int]], without left: Int, _ hooks: Hooks = Hooks()) throws -> Double {
        func first(_ words: [String]) -> Set<Int> {
            Set(words.indices.filter { $0 != left }.compactMap { model.tokens(" " + words[$0]).first })
        }
        let (good, bad) = (first(Self.good), first(Self.bad))
        let (own, other) = (good.subtracting(bad), bad.subtracting(good))
        return try prompts.reduce(0) { sum, prompt in
            let logits = try model.logits(prompt, hooks)
            func total(_ tokens: Set<Int>) -> Double {
                log(tokens.sorted().reduce(0) { $0 + exp(Double(logits[$1])) })
            }
            return sum + total(own) - total(other)
        } / Double(prompts.count)
    }

    @Test("swap", .tags(.planted))
    func swap() async throws {
        let prompts = [
            "The film was", "The day is", "The dinner was", "The old teacher was", "The song was",
            "The match is", "I think the story is", "The garden will be",
        ].map(model.tokens)
        for block in 0..<6 {
            for times in [1, 2, 4, 8] as [Double] {
                var (up, down, random, flips) = ([Double](), [Double](), [Double](), 0)
                for (i, (good, bad)) in zip(Self.good, Self.bad).enumerated() {
                    let plain = try logOdds(prompts, without: i)
                    let entry = try await entry(" " + good, " " + bad, block: block, times: times)
                    let swapped = try await self.entry(" " + bad, " " + good, block: block, times: times)
                    up.append(try logOdds(prompts, without: i, hooks(entry)) - plain)
                    down.append(try logOdds(prompts, without: i, hooks(swapped)) - plain)
                    if up[i] > 0 && down[i] < 0 { flips += 1 }
                    for seed in 0..<4 as Range<UInt64> {
                        random.append(
                            try logOdds(prompts, without: i, hooks(self.random(entry, seed: seed))) - plain)
                    }
                }
                func mean(_ v: [Double]) -> Double {
                    (v.reduce(0, +) / Double(v.count) * 1000).rounded() / 1000
                }
                print(
                    "SWAP block \(block) c \(times): up \(mean(up)) swapped \(mean(down)) flips \(flips)/8 random \(mean(random)) above \(random.count { $0 > 0 })/32"
                )
            }
        }
    }

    @Test("the factor 0 writes the same text, bit for bit", .tags(.law))
    func zero() async throws {
        for placement in PromptBlock.Placement.allCases {
            let entry = try await model.engine.promptPair(
                " wonderful", against: " terrible", inFrontOf: 2, times: 0, at: placement)
            func write(_ hooks: Hooks) async throws -> Generation {
                let request = GenerationRequest(
                    prompt: model.tokens("One day, the old teacher"), maximumTokens: 30,
                    sampling: SamplingOptions(temperature: 1, seed: 7), hooks: hooks)
                return try #require(try await model.engine.generate([request], batchSize: 1).first)
            }
            let (plain, steered) = (try await write(Hooks()), try await write(hooks(entry)))
            #expect(plain.tokens == steered.tokens)
            #expect(
                plain.logProbabilities.map(\.bitPattern) == steered.logProbabilities.map(\.bitPattern))
            var strong = entry
            guard case .block(var block) = entry.operation else { continue }
            block.factor = 8
            strong.operation = .block(block)
            let other = try await write(hooks(strong))
            #expect(plain.logProbabilities != other.logProbabilities, "the block at \(placement) acts")
        }
    }

    @Test("grid", .tags(.planted, .slow), arguments: [5, 8] as [UInt64])
    func grid(_ seed: UInt64) async throws {
        for pair in Self.pairs {
            let continuations = try Continuations(pair.concept, in: model, seed: seed)
            let plain = try await continuations.measure(Hooks())
            print(
                "GRID seed \(seed) \(pair.concept): '\(pair.positive)' - '\(pair.negative)': plain \(plain)")
            for block in 0..<model.network.layout.depth {
                var cells: [String] = []
                for times in [-4, 1, 2, 4, 8, 15] as [Double] {
                    let entry = try await entry(pair.positive, pair.negative, block: block, times: times)
                    cells.append("\(times): \(try await continuations.measure(hooks(entry)))")
                }
                let entry = try await entry(pair.positive, pair.negative, block: block, times: 4)
                let control = try await continuations.measure(hooks(random(entry, seed: 3)))
                print("GRID   block \(block)  \(cells.joined(separator: "  "))  random 4: \(control)")
            }
        }
    }
}
