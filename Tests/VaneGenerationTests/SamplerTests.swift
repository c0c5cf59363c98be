import Foundation
import Testing
import VaneGeneration
import VaneTensors
import VaneTestSupport

@Suite("Drawing tokens")
struct SamplerTests {
    private func draws(_ logits: [Float], _ options: SamplingOptions, count: Int, prompt: [Int] = []) -> [Int]
    {
        var sampler = Sampler(options, prompt: prompt)
        return logits.withUnsafeBufferPointer { buffer in (0..<count).map { _ in sampler.draw(buffer) }
        }
    }

    private func logits(_ count: Int, seed: UInt64, scale: Double = 2) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float(generator.normal() * scale) }
    }

    /// `softmax(logits / temperature)`, the plain way.
    private func probabilities(_ logits: [Float], temperature: Double = 1) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let weights = logits.map { exp((Double($0) - largest) / temperature) }
        return weights.map { $0 / weights.reduce(0, +) }
    }

    /// Indices by falling probability, smaller index first among equals.
    private func ranked(_ probabilities: [Double]) -> [Int] {
        probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    }

    @Test("top-k 1, a tiny temperature and a tiny top-p are greedy", .tags(.law))
    func greedyLimits() {
        for seed in 0..<30 {
            let logits = logits(500, seed: UInt64(seed))
            let best = ranked(probabilities(logits))[0]
            for options in [
                .greedy, SamplingOptions(temperature: 1e-9, topP: 1),
                SamplingOptions(temperature: 5, topK: 1, topP: 1),
                SamplingOptions(temperature: 1, topP: 1e-9),
                SamplingOptions(temperature: 1, topP: 1, minP: 1),
                SamplingOptions(temperature: 1e-308),
            ] {
                #expect(Set(draws(logits, options, count: 20)) == [best], "seed \(seed), \(options)")
            }
        }
    }

    @Test("greedy takes the smallest id among equals")
    func ties() {
        #expect(draws([1, 3, 3, 2], .greedy, count: 1) == [1])
        #expect(
            draws([1, 3, 3, 2], SamplingOptions(temperature: 1, topK: 1), count: 9)
                == [Int](repeating: 1, count: 9))
        #expect(draws([0, 0, 0], SamplingOptions(temperature: 0, repetitionPenalty: 2), count: 1) == [0])
    }

    @Test("top-k, top-p and min-p keep exactly the right tokens", .tags(.law), arguments: [12, 300])
    func keptSets(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        for seed in 0..<12 {
            // Flat enough that every kept token of a few hundred turns up in many draws.
            let logits = logits(count, seed: UInt64(seed), scale: count > 100 ? 0.5 : 1)
            let topK = [0, 3, count / 2, count, count + 5][seed % 5]
            let topP = [1, 0.9, 0.5, 0.2][seed % 4]
            let minP = [0, 0.1, 0.5][seed % 3]
            let temperature = 0.5 + generator.uniform()
            let p = probabilities(logits, temperature: temperature)
            var expected = ranked(p)
            if topK > 0 { expected = Array(expected.prefix(topK)) }
            let total = expected.reduce(0) { $0 + p[$1] }
            var mass = 0.0
            expected = expected.filter { token in
                defer { mass += p[token] }
                return mass < topP * total
            }
            expected = expected.filter { p[$0] >= minP * (p.max() ?? 0) }
            let options = SamplingOptions(
                temperature: temperature, topK: topK, topP: topP, minP: minP, seed: UInt64(seed))
            let drawn = Set(draws(logits, options, count: count > 100 ? 6000 : 3000))
            #expect(drawn.isSubset(of: expected), "\(options)")
            // A kept token is missed with probability (1 - q)^draws; below 1e-5 for these.
            let likely = expected.filter { p[$0] / expected.reduce(0) { $0 + p[$1] } > 0.004 }
            #expect(drawn.isSuperset(of: likely), "\(options)")
        }
    }

    @Test(
        "frequencies match the probabilities", .tags(.law),
        arguments: [
            SamplingOptions(temperature: 1, topP: 1), SamplingOptions(temperature: 0.7, topP: 1, seed: 3),
            SamplingOptions(temperature: 1.5, topK: 6, topP: 0.9, seed: 5),
        ])
    func frequencies(options: SamplingOptions) {
        let logits: [Float] = [0.3, -1, 2, 1.1, 0, -0.4, 1.7, -2, 0.9, 0.5]
        let draws = draws(logits, options, count: 20000)
        var p = probabilities(logits, temperature: options.temperature)
        let kept = Set(draws)
        for token in p.indices where !kept.contains(token) { p[token] = 0 }
        let total = p.reduce(0, +)
        var square = 0.0
        for token in kept {
            let expected = 20000 * p[token] / total
            let difference = Double(draws.count { $0 == token }) - expected
            square += difference * difference / expected
        }
        // χ² of 9 degrees of freedom exceeds 27.9 once in 1000.
        #expect(square < 27.9, "χ² = \(square)")
        #expect(kept.count >= 4)
        // Control: the same draws do not fit another temperature.
        let wrong = probabilities(logits, temperature: options.temperature * 1.5)
        let rate = Double(draws.count { $0 == 2 }) / 20000
        #expect(abs(rate - wrong[2]) > 0.02)
    }

    @Test("the repetition penalty divides positive and multiplies negative logits of tokens seen")
    func penalty() {
        let options = SamplingOptions(temperature: 0, repetitionPenalty: 2)
        // 3 → 1.5 after the prompt's token 0; then 2 → 1 once drawn; then 1.6, then 1.5 again.
        #expect(draws([3, 2, 1.6, -1], options, count: 4, prompt: [0]) == [1, 2, 0, 0])
        #expect(draws([3, 2, 1.6, -1], options, count: 2) == [0, 1])
        // -1 · 2 = -2 makes token 1 the better one.
        #expect(draws([-1, -1.5], options, count: 1, prompt: [0]) == [1])
        #expect(draws([3, 2], .greedy, count: 3, prompt: [0]) == [0, 0, 0])
        // A token outside the vocabulary in the prompt does no harm.
        #expect(draws([3, 2], options, count: 1, prompt: [17]) == [0])
    }

    @Test("large and equal logits do not overflow")
    func extremes() {
        #expect(draws([3e38, -3e38, 0], SamplingOptions(temperature: 1), count: 5) == [0, 0, 0, 0, 0])
        let flat = Set(
            draws([Float](repeating: -1e30, count: 4), SamplingOptions(temperature: 1, topP: 1), count: 200))
        #expect(flat == [0, 1, 2, 3])
        #expect(
            draws([.nan, .nan], SamplingOptions(temperature: 1), count: 3).allSatisfy { $0 == 0 || $0 == 1 })
        #expect(
            draws([-.infinity, 1], SamplingOptions(temperature: 1, topP: 1), count: 50)
                == [Int](repeating: 1, count: 50))
    }
}
