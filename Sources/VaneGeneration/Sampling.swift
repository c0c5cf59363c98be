import Foundation
import VaneTensors

/// How the next token is drawn from the logits.
///
/// Order: repetition penalty, temperature, top-k, top-p, min-p, draw. A temperature of 0 takes the most
/// likely token (the one with the smallest id among equals).
public struct SamplingOptions: Hashable, Sendable, Codable {
    /// Divides the logits; 0 is greedy.
    public var temperature: Double
    /// Keeps the k most likely tokens; 0 keeps all.
    public var topK: Int
    /// Keeps the fewest tokens whose probabilities reach this sum, in (0, 1].
    public var topP: Double
    /// Keeps tokens at least this fraction as likely as the most likely one, in [0, 1].
    public var minP: Double
    /// Divides positive and multiplies negative logits of tokens already in the text; 1 does nothing.
    /// Keskar et al., CTRL, arXiv 1909.05858.
    public var repetitionPenalty: Double
    /// Seeds the draws.
    public var seed: UInt64

    /// Sampling options.
    public init(
        temperature: Double = 0.8, topK: Int = 0, topP: Double = 0.95, minP: Double = 0,
        repetitionPenalty: Double = 1, seed: UInt64 = 0
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.seed = seed
    }

    /// The most likely token each time.
    public static let greedy = SamplingOptions(temperature: 0, topP: 1)

    /// - Throws: ``GenerationError`` `invalidOption`, naming the option and its range.
    func validate() throws {
        func require(_ condition: Bool, _ expectation: String) throws {
            if !condition { throw GenerationError(.invalidOption, expectation) }
        }
        try require(
            temperature >= 0 && temperature.isFinite, "temperature must be 0 or more, not \(temperature)")
        try require(topK >= 0, "top-k must be 0 (all) or more, not \(topK)")
        try require(topP > 0 && topP <= 1, "top-p must lie in (0, 1], not \(topP)")
        try require(minP >= 0 && minP <= 1, "min-p must lie in [0, 1], not \(minP)")
        try require(
            repetitionPenalty > 0 && repetitionPenalty.isFinite,
            "the repetition penalty must be positive, not \(repetitionPenalty)")
    }
}

/// Draws tokens for one sequence.
package struct Sampler {
    private let options: SamplingOptions
    private var generator: SeededGenerator
    private var seen: Set<Int> = []

    package init(_ options: SamplingOptions, prompt: [Int]) {
        self.options = options
        generator = SeededGenerator(seed: options.seed)
        if options.repetitionPenalty != 1 { seen = Set(prompt) }
    }

    /// The next token after `logits`.
    package mutating func draw(_ logits: UnsafeBufferPointer<Float>) -> Int {
        let token = choose(logits)
        accept(token)
        return token
    }

    /// Notes a token that was chosen in another way.
    package mutating func accept(_ token: Int) {
        if options.repetitionPenalty != 1 { seen.insert(token) }
    }

    /// At most `count` tokens in descending order of probability, of those that the options leave; never
    /// none. A temperature of 0 counts as 1: nothing is drawn here.
    package func candidates(_ count: Int, _ logits: UnsafeBufferPointer<Float>) -> [Int] {
        var weights = penalised(logits)
        let largest = weights.max() ?? 0
        let temperature = options.temperature > 0 ? options.temperature : 1
        for i in weights.indices { weights[i] = exp((weights[i] - largest) / temperature) }
        let left = kept(weights)
        guard left.count < weights.count else {
            return Sampler.largest(min(count, weights.count), of: weights)
        }
        return Array(left.sorted { (weights[$1], $0) < (weights[$0], $1) }.prefix(count))
    }

    /// The logits after the penalty of repetition.
    private func penalised(_ raw: UnsafeBufferPointer<Float>) -> [Double] {
        var scores = raw.map(Double.init)
        for token in seen where token < scores.count {
            scores[token] *= scores[token] > 0 ? 1 / options.repetitionPenalty : options.repetitionPenalty
        }
        return scores
    }

    private mutating func choose(_ raw: UnsafeBufferPointer<Float>) -> Int {
        if options.temperature == 0 && seen.isEmpty { return Sampler.argmax(raw) }
        var scores = penalised(raw)
        if options.temperature == 0 {
            return scores.indices.max { (scores[$0], $1) < (scores[$1], $0) } ?? 0
        }
        let largest = scores.max() ?? 0
        for i in scores.indices { scores[i] = exp((scores[i] - largest) / options.temperature) }
        let candidates = kept(scores)
        var remaining = generator.uniform() * candidates.reduce(0) { $0 + scores[$1] }
        for token in candidates {
            remaining -= scores[token]
            if remaining < 0 { return token }
        }
        return candidates.last ?? 0
    }

    /// The tokens that pass top-k, top-p and min-p. `weights` are probabilities divided by the largest one.
    private func kept(_ weights: [Double]) -> [Int] {
        let limit = options.topK > 0 ? min(options.topK, weights.count) : weights.count
        guard limit < weights.count || options.topP < 1 else {
            return options.minP == 0
                ? Array(weights.indices) : weights.indices.filter { weights[$0] >= options.minP }
        }
        // Top-p counts the mass of what top-k left. Sorting only what can matter: without top-k the head is
        // widened until it holds the mass asked for.
        var head = limit < weights.count ? limit : min(limit, 64)
        while true {
            let candidates = Sampler.largest(head, of: weights)
            let total = (limit < weights.count ? candidates.map { weights[$0] } : weights).reduce(0, +)
            var mass = 0.0
            var kept: [Int] = []
            for token in candidates where mass < options.topP * total {
                kept.append(token)
                mass += weights[token]
            }
            if mass >= options.topP * total || head == limit {
                return kept.filter { weights[$0] >= options.minP }
            }
            head = min(limit, head * 8)
        }
    }

    /// The indices of the `count` largest entries in descending order, smaller index first among equals.
    static func largest(_ count: Int, of weights: [Double]) -> [Int] {
        func isBefore(_ a: Int, _ b: Int) -> Bool { (weights[b], a) < (weights[a], b) }
        guard count < weights.count else { return weights.indices.sorted(by: isBefore) }
        // A value at least `count` entries reach, from a histogram of exponents, spares sorting the rest.
        var histogram = [Int](repeating: 0, count: 2048)
        for weight in weights { histogram[Int(weight.exponentBitPattern)] += 1 }
        var exponent = 2047
        var reached = 0
        while exponent > 0 && reached + histogram[exponent] < count {
            reached += histogram[exponent]
            exponent -= 1
        }
        let candidates = weights.indices.filter { Int(weights[$0].exponentBitPattern) >= exponent }
        return Array(candidates.sorted(by: isBefore).prefix(count))
    }

    static func argmax(_ logits: UnsafeBufferPointer<Float>) -> Int {
        var best = 0
        for i in logits.indices where logits[i] > logits[best] { best = i }
        return best
    }
}
