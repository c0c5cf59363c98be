import Foundation
public import VaneConcepts
public import VaneGeneration
import VaneSites
public import VaneSteering
import VaneTensors

/// Finds the strengths that change the model's predictions by as much as asked: the KL-matched search of row
/// 51
/// (output-centric feature descriptions, arXiv 2501.08319), for any operation with a strength.
///
/// The unsteered model continues each calibration prompt; `D` is the mean over the generated tokens of
/// `KL(unsteered ‖ steered) = Σₜ p(t) (log p(t) - log q(t))`, in nats, both models reading the same text.
/// For each
/// entry that asks for a divergence, by itself, the strength grows until `D` exceeds it and is then halved in
/// between. Deterministic for a seed.
public struct StrengthSearch: Sendable {
    /// How to search.
    public struct Options: Sendable {
        /// Continuations of each prompt.
        public var seeds: Int
        /// Tokens a continuation.
        public var maximumTokens: Int
        /// How far the divergence may be off, as a part of the one asked for.
        public var tolerance: Double
        /// The first seed of the continuations.
        public var seed: UInt64

        /// Default options.
        public init(seeds: Int = 4, maximumTokens: Int = 24, tolerance: Double = 0.01, seed: UInt64 = 0) {
            self.seeds = seeds
            self.maximumTokens = maximumTokens
            self.tolerance = tolerance
            self.seed = seed
        }
    }

    /// What was found for one entry.
    public struct Finding: Sendable, Codable, Hashable {
        /// The concept.
        public let concept: String
        /// The divergence asked for, in nats a token.
        public let asked: Double
        /// The strength with about this divergence.
        public let strength: Strength
        /// Its divergence on the calibration texts.
        public let measured: Double

        /// One sentence.
        public var sentence: String {
            "\(asked) nats per token of '\(concept)' took the strength \(strength) "
                + "(\((measured * 1e4).rounded() / 1e4) measured on the calibration prompts)"
        }
    }

    /// The plan with every divergence replaced by the strength found.
    public let plan: SteeringPlan
    /// One finding an entry that asked for a divergence, in their order.
    public let findings: [Finding]

    /// Searches; a plan without divergences is returned as it is.
    ///
    /// - Parameters:
    ///   - plan: what to steer.
    ///   - concepts: the concepts it names.
    ///   - prompts: token ids of texts such as those to be steered; all together at most 512 tokens are
    /// generated.
    ///   - engine: the model.
    ///   - options: how to search.
    ///   - progress: called with a part of the work done, 0...1; the number of steps is a guess.
    /// - Throws: ``EvaluationError`` `unusableInput` without calibration texts, `unreachableDivergence` when
    ///   no
    ///   strength has the divergence; errors of steering and generation.
    public init(
        _ plan: SteeringPlan, with concepts: [Concept], prompts: [[Int]], engine: Engine,
        options: Options = Options(), progress: (@Sendable (Double) -> Void)? = nil
    ) async throws {
        var resolved = plan
        var findings: [Finding] = []
        let asking = plan.entries.indices.filter { plan.entries[$0].divergence != nil }
        if !asking.isEmpty {
            let texts = try await SteeringGauge(prompts, engine, options)
            for (number, index) in asking.enumerated() {
                let search = try EntrySearch(
                    entry: plan.entries[index], concepts: concepts, texts: texts, engine: engine)
                let finding = try await search.run(tolerance: options.tolerance) { part in
                    progress?((Double(number) + part) / Double(asking.count))
                }
                resolved.entries[index].strength = finding.strength
                findings.append(finding)
            }
        }
        self.plan = resolved
        self.findings = findings
    }
}

extension SteeringPlan {
    /// Whether an entry asks for a divergence, so that a ``StrengthSearch`` is needed before compiling.
    public var asksForDivergence: Bool { entries.contains { $0.divergence != nil } }
}

extension SteeringPlan.Entry {
    fileprivate var divergence: Double? {
        if case .divergence(let value) = strength { value } else { nil }
    }
}

extension SteeringGauge {
    /// A gauge of continuations that the unsteered model writes after the prompts.
    init(_ prompts: [[Int]], _ engine: Engine, _ options: StrengthSearch.Options) async throws {
        var requests: [GenerationRequest] = []
        let limit = max(1, 512 / max(1, options.maximumTokens))
        for seed in 0..<max(0, options.seeds) {
            for prompt in prompts where requests.count < limit {
                let sampling = SamplingOptions(
                    temperature: 1, seed: options.seed &+ UInt64(seed * 1000 + requests.count))
                requests.append(
                    GenerationRequest(
                        prompt: prompt, maximumTokens: options.maximumTokens, sampling: sampling))
            }
        }
        let generations = try await engine.generate(requests)
        let texts = zip(requests, generations).filter { !$1.tokens.isEmpty }.map {
            Text(tokens: $0.prompt + $1.tokens, promptLength: $0.prompt.count)
        }
        guard !texts.isEmpty else {
            throw EvaluationError(
                .unusableInput,
                "the search for a strength needs a calibration prompt that the model continues")
        }
        try await self.init(texts, engine: engine)
    }

    /// The mean divergence of the steered from the unsteered predictions, in nats a token; infinite if the steered ones are
    /// no numbers.
    func divergence(_ hooks: Hooks) async throws -> Double {
        let effects = try await effects(of: hooks)
        let tokens = effects.reduce(0) { $0 + $1.tokens }
        return effects.reduce(0) { $0 + $1.cost * Double($1.tokens) } / Double(tokens)
    }
}

/// The search for one entry's strength.
private struct EntrySearch {
    let entry: SteeringPlan.Entry
    let concepts: [Concept]
    let texts: SteeringGauge
    let engine: Engine
    private let asked: Double
    private let knob: Knob

    /// A number to turn, and the strength it stands for.
    private struct Knob {
        /// No effect here, or as little as can be.
        let start: Double
        let end: Double
        let next: @Sendable (Double) -> Double
        let strength: @Sendable (Double) -> Strength
    }

    init(entry: SteeringPlan.Entry, concepts: [Concept], texts: SteeringGauge, engine: Engine) throws {
        try entry.strength?.requireValid(for: entry.concept)
        self.entry = entry
        self.concepts = concepts
        self.texts = texts
        self.engine = engine
        asked = entry.divergence ?? 0
        let sign: Double = entry.goal == .add ? 1 : -1
        switch entry.operation {
        case .gcav:
            // Beyond a logit of 30 the probability is 1 in double precision.
            knob = Knob(start: -30, end: 30, next: { $0 + 5 }) {
                .probability(LinearProbe.sigmoid(sign * $0))
            }
        case .rotate: knob = Knob(start: 0, end: 180, next: { max(1, 2 * $0) }) { .degrees($0) }
        // States lie about at right angles to a direction, so this angle changes them least.
        case .rotateTo: knob = Knob(start: 0, end: 90, next: { max(1, 2 * $0) }) { .degrees(90 - $0) }
        default: knob = Knob(start: 0, end: 64, next: { max(1.0 / 16, 2 * $0) }) { .norms($0) }
        }
    }

    func run(tolerance: Double, progress: (Double) -> Void) async throws -> StrengthSearch.Finding {
        func finding(_ x: Double, _ measured: Double) -> StrengthSearch.Finding {
            StrengthSearch.Finding(
                concept: entry.concept, asked: asked, strength: knob.strength(x), measured: measured)
        }
        var low = knob.start
        var steps = 0.0
        var reading = try await divergence(low)
        guard reading <= asked * (1 + tolerance) else {
            throw EvaluationError(
                .unreachableDivergence,
                "'\(entry.operation.name)' of '\(entry.concept)' at \(knob.strength(low)) already changes the model by "
                    + "\(reading) nats per token, more than \(asked)")
        }
        var high = low
        while reading < asked {
            guard high < knob.end else {
                throw EvaluationError(
                    .unreachableDivergence,
                    "'\(entry.operation.name)' of '\(entry.concept)' changes the model by at most \(reading) nats per token "
                        + "(at \(knob.strength(high))), less than \(asked)")
            }
            low = high
            high = min(knob.end, knob.next(high))
            reading = try await divergence(high)
            steps += 1
            progress(steps / (steps + 8))
        }
        var best = (x: high, measured: reading)
        for _ in 0..<60 where abs(best.measured - asked) > tolerance * asked {
            let middle = (low + high) / 2
            reading = try await divergence(middle)
            if reading < asked { low = middle } else { high = middle }
            if abs(reading - asked) < abs(best.measured - asked) { best = (middle, reading) }
            steps += 1
            progress(steps / (steps + 4))
        }
        guard abs(best.measured - asked) <= tolerance * asked else {
            throw EvaluationError(
                .unreachableDivergence,
                "no strength of '\(entry.concept)' changes the model by \(asked) nats per token; the nearest is "
                    + "\(best.measured) at \(knob.strength(best.x))")
        }
        progress(1)
        return finding(best.x, best.measured)
    }

    private func divergence(_ x: Double) async throws -> Double {
        var entry = entry
        entry.strength = knob.strength(x)
        let plan = try SteeringPlan([entry]).compile(with: concepts, for: engine.model.network.layout)
        return try await texts.divergence(plan.hooks)
    }
}
