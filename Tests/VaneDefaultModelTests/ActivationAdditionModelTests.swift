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

    @Test(
        "swapping the prompts flips the sign of the shift of the log-odds of words that neither names; random blocks gain nothing",
        .tags(.planted))
    func swap() async throws {
        // Block 2 and the factor 4 were fixed before anything was measured.
        let prompts = [
            "The film was", "The day is", "The dinner was", "The old teacher was", "The song was",
            "The match is", "I think the story is", "The garden will be",
        ].map(model.tokens)
        var (up, down, random): ([Double], [Double], [Double]) = ([], [], [])
        for (i, (good, bad)) in zip(Self.good, Self.bad).enumerated() {
            let plain = try logOdds(prompts, without: i)
            let entry = try await entry(" " + good, " " + bad, block: 2, times: 4)
            let swapped = try await self.entry(" " + bad, " " + good, block: 2, times: 4)
            up.append(try logOdds(prompts, without: i, hooks(entry)) - plain)
            down.append(try logOdds(prompts, without: i, hooks(swapped)) - plain)
            for seed in 0..<4 as Range<UInt64> {
                random.append(
                    try logOdds(prompts, without: i, hooks(self.random(entry, seed: seed))) - plain)
            }
        }
        let flips = zip(up, down).count { $0 > 0 && $1 < 0 }
        print(
            "log-odds shift: \(mean(up)), swapped \(mean(down)), signs flip in \(flips) of 8, random \(mean(random)), "
                + "above 0 in \(random.count { $0 > 0 }) of \(random.count)")
        #expect(flips >= 7)
        #expect(random.count { $0 > 0 } <= 3)
        // Any push at the first token lowers these log-odds, so that most of the swapped shift is no sign of the
        // concept: what counts is what lies beyond random pushes.
        #expect(mean(up) - mean(random) > 0.5 && mean(down) - mean(random) < -0.1)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

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

    @Test(
        "known limit: a topic against a blank is written more often, and random blocks do not do it, but the text breaks",
        .tags(.planted, .slow))
    func rates() async throws {
        // Block and factor were chosen among 36 cells a pair on the prompts of seed 5; those of seed 11 were not
        // looked at before.
        for (pair, block) in [(Self.pairs[0], 3), (Self.pairs[1], 4)] {
            let continuations = try Continuations(pair.concept, in: model, seed: 11)
            let plain = try await continuations.measure(Hooks())
            let entry = try await entry(pair.positive, pair.negative, block: block, times: 1)
            let swapped = try await self.entry(pair.positive, pair.negative, block: block, times: -1)
            let steered = try await continuations.measure(hooks(entry))
            let back = try await continuations.measure(hooks(swapped))
            var controls: [Continuations.Result] = []
            for seed in 0..<5 as Range<UInt64> {
                controls.append(try await continuations.measure(hooks(random(entry, seed: seed))))
            }
            print(
                "\(pair.concept), block \(block): plain \(plain), steered \(steered), factor -1 \(back), random "
                    + "\(controls.map(\.description))")
            guard pair.concept != "sentiment" else { continue }
            #expect(steered.rate > plain.rate + 0.1)
            #expect(controls.allSatisfy { $0.rate < steered.rate - 0.1 })
            #expect(steered.perplexity > 2 * plain.perplexity, "if the text stays whole, say so here")
        }
    }
}
