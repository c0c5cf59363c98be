import Foundation
import Synchronization
import VaneConcepts
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTensors
import VaneTokenizers

extension SteeringExperiment {
    /// What came out of one condition: one entry a prompt and seed.
    struct Outcome: Sendable {
        var positive: [Bool] = []
        var logProbability = 0.0
        var tokens = 0
        var likelihood = TextLikelihood(logProbability: 0, words: 0)
        var repetition: [Double] = []
        var compression: [Double] = []
        var texts: [String] = []
        /// The tokens of each prompt with its continuation.
        var sequences: [[Int]] = []

        /// Part of the texts that show the concept.
        var positiveRate: Double { Double(positive.count { $0 }) / Double(max(positive.count, 1)) }

        /// `exp` of the mean negative log-probability of a token under the unsteered model; NaN without tokens.
        var perplexity: Double { tokens == 0 ? .nan : exp(-logProbability / Double(tokens)) }

        var meanRepetition: Double { repetition.reduce(0, +) / Double(max(repetition.count, 1)) }

        var meanCompression: Double { compression.reduce(0, +) / Double(max(compression.count, 1)) }
    }

    /// The parts all conditions share.
    final class Run: Sendable {
        let prompts: [String]
        let judge: any TextJudge
        let engine: Engine
        let options: Options
        let total: Int
        let progress: (@Sendable (Int, Int) -> Void)?
        private let done = Mutex(0)

        init(
            prompts: [String], judge: any TextJudge, engine: Engine, options: Options, total: Int,
            progress: (@Sendable (Int, Int) -> Void)?
        ) {
            self.prompts = prompts
            self.judge = judge
            self.engine = engine
            self.options = options
            self.total = total
            self.progress = progress
        }

        /// Generates after `instruction` and each prompt, and judges; `hooks` gives the edits of each generation by its
        /// number.
        func outcome(instruction: String = "", _ hooks: (Int) throws -> Hooks) async throws -> Outcome {
            let tokenizer = engine.model.tokenizer
            let plain = prompts.map { tokenizer.encode($0) }
            var requests: [GenerationRequest] = []
            for (prompt, own) in zip(prompts, plain) {
                let tokens = instruction.isEmpty ? own : tokenizer.encode(instruction + prompt)
                for seed in 0..<options.seeds {
                    var sampling = options.sampling
                    sampling.seed &+= UInt64(requests.count * 1000 + seed)
                    requests.append(
                        GenerationRequest(
                            prompt: tokens, maximumTokens: options.maximumTokens, sampling: sampling,
                            stop: options.stop, hooks: try hooks(requests.count)))
                }
            }
            let before = done.withLock { $0 }
            let generations = try await engine.generate(requests, batchSize: options.batchSize) { finished in
                self.progress?(before + finished, self.total)
            }
            done.withLock { $0 += requests.count }
            let sequences = generations.enumerated().map { number, generation in
                plain[number / options.seeds] + generation.tokens
            }
            let scores = try await engine.perform { try $0.logProbabilities(of: sequences) }
            var outcome = Outcome()
            for (number, (generation, scores)) in zip(generations, scores).enumerated() {
                let prompt = prompts[number / options.seeds]
                outcome.positive.append(judge.isPositive(generation.text, after: prompt))
                if let likelihood = judge.likelihood(of: generation.text, after: prompt) {
                    outcome.likelihood.logProbability += likelihood.logProbability
                    outcome.likelihood.words += likelihood.words
                }
                outcome.logProbability += scores.suffix(generation.tokens.count).reduce(0, +)
                outcome.tokens += generation.tokens.count
                outcome.repetition.append(Repetition.runs(generation.tokens))
                outcome.compression.append(Repetition.compression(generation.tokens))
            }
            outcome.texts = generations.map(\.text)
            outcome.sequences = sequences
            return outcome
        }

        func row(
            _ method: Method, _ goal: SteeringPlan.Goal?, _ target: Double?, _ outcome: Outcome,
            against base: Outcome?,
            meanMove: Double
        ) -> Row {
            Row(
                method: method, goal: goal, target: target, positiveRate: outcome.positiveRate,
                shift: base.map { shift(outcome, $0) },
                perplexity: outcome.perplexity,
                truePerplexity: outcome.likelihood.words == 0 ? nil : outcome.likelihood.perplexity,
                repetition: outcome.meanRepetition, compression: outcome.meanCompression,
                meanMove: meanMove, example: outcome.texts.first ?? "")
        }

        /// The paired change, seeds of a prompt averaged first: prompts, not generations, are independent.
        func shift(_ outcome: Outcome, _ base: Outcome) -> Estimate {
            let seeds = options.seeds
            let differences = prompts.indices.map { prompt in
                (0..<seeds).reduce(0.0) { sum, seed in
                    let i = prompt * seeds + seed
                    return sum + (outcome.positive[i] ? 1 : 0) - (base.positive[i] ? 1 : 0)
                } / Double(seeds)
            }
            var generator = SeededGenerator(seed: 1)
            return Statistics.pairedBootstrap(differences, resamples: 2000, generator: &generator)
        }

        /// A direction of its own for each generation, at GCAV's mean distance.
        func randomHooks(
            _ layers: [Concept.Layer], generation: Int, _ moves: [Site: SteeringLedger.Entry]
        ) -> Hooks {
            var generator = SeededGenerator(seed: 7, stream: UInt64(generation))
            return additions(layers, moves, sign: 1) { generator.unitVector(width: $0.probe.weights.count) }
        }

        /// The difference of means at GCAV's mean distance.
        func meanDifferenceHooks(
            _ layers: [Concept.Layer], _ goal: SteeringPlan.Goal, _ moves: [Site: SteeringLedger.Entry]
        ) -> Hooks {
            additions(layers, moves, sign: goal == .add ? 1 : -1) { $0.meanDifference }
        }

        private func additions(
            _ layers: [Concept.Layer], _ moves: [Site: SteeringLedger.Entry], sign: Double,
            _ direction: (Concept.Layer) -> [Float]
        ) -> Hooks {
            var hooks = Hooks()
            for layer in layers {
                let distance = sign * (moves[layer.site]?.meanMove ?? 0)
                hooks.add(
                    AdditionEdit(of: direction(layer), strength: distance, scope: options.scope),
                    at: layer.site)
            }
            return hooks
        }
    }
}
