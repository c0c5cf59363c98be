public import VaneConcepts
import VaneEvidence
public import VaneGeneration
public import VaneSites
import VaneTensors

/// Whether a description of a direction in tokens tells the texts it writes from others: the output score of row 51
/// (Gur-Arieh et al., arXiv 2501.08319) with counting in the place of a language model as the judge.
///
/// A trial holds three sets of texts: one written with the direction added, two with random directions, each as long as it
/// takes to move the predictions by the same divergence, so that strength does not give the answer away. The judge picks the
/// set with the most of the tokens that the description says are raised, less those it says are lowered; ties are drawn.
/// Chance is a third. As a control the judge is given as many tokens drawn at random from those that were written, others in
/// each trial.
public struct DescriptionTrials: Sendable, Hashable, Codable {
    /// How trials are run; the paper writes 25 tokens at temperature 0.75 after 3 prompts.
    public struct Options: Sendable, Hashable, Codable {
        /// Trials.
        public var trials = 100
        /// The divergence of all sets, nats a token; the paper takes 0.25 and 0.5.
        public var divergence = 0.25
        /// Prompts a set.
        public var prompts = 3
        /// Tokens after a prompt.
        public var maximumTokens = 25
        /// The sampling temperature.
        public var temperature = 0.75
        /// Random directions to draw the other two sets from.
        public var others = 6
        /// Tokens of the description on either side.
        public var tokens = 50
        /// Seeds all draws.
        public var seed: UInt64 = 0

        /// With default options.
        public init() {}
    }

    /// The part of the trials in which the description picked the right set, 95% Wilson interval.
    public let right: Estimate
    /// The same with random tokens for a description.
    public let control: Estimate
    /// Trials.
    public let trials: Int
    /// The tokens raised, the first the most.
    public let raised: [Int]

    /// Runs trials.
    ///
    /// - Parameters:
    ///   - direction: as wide as the site.
    ///   - site: where it is added.
    ///   - texts: token ids of texts that describe and match strengths, some 32.
    ///   - prompts: token ids of beginnings, each trial takes some.
    ///   - engine: the model.
    ///   - options: how trials are run.
    ///   - progress: called with the part that is done.
    /// - Throws: ``EvaluationError`` `unusableInput` for no prompts or options below 1; `EvidenceError`,
    ///   `GenerationError`, `SiteError`.
    public init(
        of direction: [Float], at site: Site, texts: [[Int]], prompts: [[Int]], engine: Engine,
        options: Options = Options(), progress: (@Sendable (Double) -> Void)? = nil
    ) async throws {
        guard
            [options.trials, options.prompts, options.maximumTokens, options.tokens].allSatisfy({ $0 > 0 }),
            options.others >= 2, !prompts.isEmpty, prompts.allSatisfy({ !$0.isEmpty })
        else {
            throw EvaluationError(
                .unusableInput, "trials need prompts with tokens, two other directions and counts above 0")
        }
        var generator = SeededGenerator(seed: options.seed)
        let randoms = (0..<options.others).map { _ in generator.unitVector(width: direction.count) }
        let directions = [direction] + randoms
        let (shifts, description) = try await engine.perform { model in
            guard let network = model.network as? any InspectableNetwork else {
                throw EvaluationError(
                    .unusableInput, "\(model.identity.name) shows no weights to describe a direction by")
            }
            let description = try DirectionDescription(
                of: direction, at: site, on: texts, count: options.tokens, divergence: options.divergence,
                in: network
            ) { progress?(0.2 * $0) }
            var shifts: [[Float]] = []
            for (number, direction) in directions.enumerated() {
                let size =
                    try number == 0
                    ? description.change.size
                    : TokenChange(
                        adding: direction, divergence: options.divergence, at: site, to: texts, in: network
                    ).size
                let length = Numbers.norm(direction.map(Double.init))
                shifts.append(direction.map { Float(Double($0) * size / length) })
                progress?(0.2 + 0.2 * Double(number + 1) / Double(directions.count))
            }
            return (shifts, description)
        }
        let raised = description.tokens.map(\.token)
        let lowered = description.change.bottom(options.tokens).map(\.token)

        var requests: [GenerationRequest] = []
        for trial in 0..<options.trials {
            let others = generator.shuffled(1..<shifts.count).prefix(2)
            let beginnings = (0..<options.prompts).map {
                prompts[(trial * options.prompts + $0) % prompts.count]
            }
            for number in [0] + others {
                var hooks = Hooks()
                hooks.add(ShiftEdit(shifts[number]), at: site)
                for prompt in beginnings {
                    requests.append(
                        GenerationRequest(
                            prompt: prompt, maximumTokens: options.maximumTokens,
                            sampling: SamplingOptions(
                                temperature: options.temperature, seed: options.seed &+ UInt64(requests.count)
                            ),
                            hooks: hooks))
                }
            }
        }
        let count = Double(requests.count)
        let written = try await engine.generate(requests, batchSize: 32) {
            progress?(0.4 + 0.6 * Double($0) / count)
        }.map(\.tokens)
        let occurring = Set(written.joined()).sorted()
        let sets = stride(from: 0, to: written.count, by: options.prompts).map {
            Array(written[$0..<$0 + options.prompts].joined())
        }
        let threes = stride(from: 0, to: sets.count, by: 3).map { Array(sets[$0..<$0 + 3]) }
        let (own, control) = threes.reduce((0, 0)) { counts, three in
            let random = generator.shuffled(occurring).prefix(raised.count + lowered.count)
            let isRight = DescriptionTrials.picksFirst(three, raised, lowered, &generator)
            let isLucky = DescriptionTrials.picksFirst(
                three, Array(random.prefix(raised.count)), Array(random.dropFirst(raised.count)), &generator)
            return (counts.0 + (isRight ? 1 : 0), counts.1 + (isLucky ? 1 : 0))
        }
        right = Statistics.wilson(successes: own, of: options.trials)
        self.control = Statistics.wilson(successes: control, of: options.trials)
        trials = options.trials
        self.raised = raised
    }

    /// Whether the first of some sets has the most raised tokens less lowered ones; ties are drawn.
    private static func picksFirst(
        _ sets: [[Int]], _ raised: [Int], _ lowered: [Int], _ generator: inout SeededGenerator
    ) -> Bool {
        let (raised, lowered) = (Set(raised), Set(lowered))
        let scores = sets.map { set in
            set.reduce(0) { $0 + (raised.contains($1) ? 1 : 0) - (lowered.contains($1) ? 1 : 0) }
        }
        let best = scores.max() ?? 0
        return generator.shuffled(scores.indices.filter { scores[$0] == best }).first == 0
    }
}
