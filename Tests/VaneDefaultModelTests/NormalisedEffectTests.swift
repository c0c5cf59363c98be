import Foundation
import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VanePlanted
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Perplexity-normalised effect size", .tags(.planted))
struct NormalisedEffectTests {
    private static let strengths = [-1.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 1.5]

    private func points(
        a: Double, b: Double, noise: Double = 0, seed: UInt64 = 1
    ) -> [NormalisedEffect.Point] {
        var generator = SeededGenerator(seed: seed)
        return Self.strengths.map { x in
            NormalisedEffect.Point(
                strength: x, effect: min(1, max(-1, 0.8 * tanh(a * x) + noise * generator.normal())),
                perplexity: 20 * exp(b * x * x + noise * generator.normal()))
        }
    }

    @Test("the planted cost is found and the fit holds under noise; shuffled strengths are not explained")
    func planted() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let points = points(a: 2, b: 0.4, noise: 0.03, seed: seed)
            let found = try NormalisedEffect(points)
            #expect(abs(found.cost - 0.4) < 0.05 && found.rSquared >= 0.8 && found.slope > 0)
            var generator = SeededGenerator(seed: seed, stream: 3)
            let effects = generator.shuffled(points.map(\.effect))
            let shuffled = try NormalisedEffect(
                zip(points, effects).map {
                    .init(strength: $0.strength, effect: $1, perplexity: $0.perplexity)
                })
            #expect(shuffled.rSquared < 0.8 && found.rSquared > shuffled.rSquared + 0.1)
        }
        let still = try NormalisedEffect(points(a: 0, b: 0.4))
        #expect(abs(still.score) < 1e-6)
        // What costs more before it has an effect scores less.
        let cheap = try NormalisedEffect(points(a: 2, b: 0.1))
        let dear = try NormalisedEffect(points(a: 2, b: 3))
        #expect(cheap.score > dear.score + 0.3)
        let back = try NormalisedEffect(points(a: -2, b: 0.1))
        #expect(back.slope < 0 && abs(back.score - cheap.score) < 1e-3)
    }

    @Test("measurements that say nothing are refused")
    func refusals() {
        let good = points(a: 1, b: 0.1)
        let wrong: [[NormalisedEffect.Point]] = [
            [], Array(good.prefix(4)), good.filter { $0.strength != 0 }, good + [good[0]],
            good + [.init(strength: 9, effect: 2, perplexity: 1)],
            good + [.init(strength: 9, effect: 0, perplexity: 0)],
            good + [.init(strength: .nan, effect: 0, perplexity: 1)],
        ]
        for points in wrong { #expect(throws: EvaluationError.self) { try NormalisedEffect(points) } }
    }

    @Test(
        "on the built-in model sentiment's direction has a far larger effect than random ones", .tags(.slow))
    func sentiment() async throws {
        let model = try BuiltIn()
        let oracle = PlantedOracle()
        let concept = try #require(try DefaultModel.concept(named: "sentiment"))
        let layer = try concept.layer(at: .residual(3))
        var generator = SeededGenerator(seed: 18)
        let random = (0..<3).map { _ in generator.unitVector(width: model.width) }
        func measured(_ direction: [Float]) async throws -> NormalisedEffect {
            var points: [NormalisedEffect.Point] = []
            for strength in [-1.0, -0.6, -0.3, 0, 0.3, 0.6, 1] {
                let distance = Float(strength * layer.result.typicalNorm)
                var hooks = Hooks()
                let edit = RowEdit { row in
                    // Added, and back to the old norm.
                    let old = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    for j in row.indices { row[j] += distance * direction[j] }
                    let new = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    for j in row.indices where new > 0 { row[j] *= old / new }
                }
                if strength != 0 { hooks.add(edit, at: .residual(3)) }
                let requests = (0..<24).map { number in
                    GenerationRequest(
                        prompt: model.tokens(["The", "One day,", "I", "She"][number % 4]), maximumTokens: 20,
                        sampling: SamplingOptions(temperature: 1, seed: UInt64(500 + number)), hooks: hooks)
                }
                let texts = try await model.engine.generate(requests, batchSize: 24)
                let signs = texts.map { text in
                    switch oracle.reading(of: text.text).value(of: .sentiment) {
                    case "positive": 1.0
                    case "negative": -1.0
                    default: 0.0
                    }
                }
                let scores = try model.engine.model.logProbabilities(
                    of: zip(requests, texts).map { $0.prompt + $1.tokens })
                let own = zip(scores, texts).flatMap { $0.suffix($1.tokens.count) }
                points.append(
                    .init(
                        strength: strength, effect: signs.reduce(0, +) / 24,
                        perplexity: exp(-own.reduce(0, +) / Double(own.count))))
            }
            return try NormalisedEffect(points)
        }
        let found = try await measured(layer.steering.direction)
        var others: [NormalisedEffect] = []
        for direction in random { others.append(try await measured(direction)) }
        print("PNES of sentiment \(found.score) (R² \(found.rSquared)), random \(others.map(\.score))")
        #expect(found.rSquared >= 0.8)
        #expect(found.score > 2 * (others.map(\.score).max() ?? .infinity))
    }
}
