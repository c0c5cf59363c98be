import Foundation
public import VaneConcepts
public import VaneGeneration
public import VaneSites
public import VaneSteering
import VaneTokenizers

/// One prompt continued without and with a plan, read by the concepts and scored by the unsteered model.
public struct SteeringComparison: Sendable {
    /// A continuation and what the unsteered model and the probes say about it.
    public struct Continuation: Sendable {
        /// The generated text.
        public let text: String
        /// The generated tokens, an end-of-text token excluded.
        public let tokens: [Int]
        /// The text of each token, up to the end of ``text``.
        public let pieces: [String]
        /// Per concept the probability its probe reads at each token, in the unsteered model.
        public let probabilities: [String: [Double]]
        /// `exp` of the mean negative log-probability of the tokens under the unsteered model; NaN without
        /// tokens.
        public let perplexity: Double
        /// Why it ended.
        public let finish: FinishReason

        /// The mean of a concept's probabilities; NaN without tokens.
        public func meanProbability(of concept: String) -> Double {
            guard let values = probabilities[concept], !values.isEmpty else { return .nan }
            return values.reduce(0, +) / Double(values.count)
        }
    }

    /// Without a plan.
    public let unsteered: Continuation
    /// With the plan.
    public let steered: Continuation
    /// The plan that ran, with the strengths that were found in place of divergences.
    public let plan: SteeringPlan
    /// What the edits did.
    public let ledger: [Site: SteeringLedger.Entry]
    /// What the user should know: warnings of the plan, demands that could not be met.
    public let notes: [String]

    /// Continues `prompt` twice.
    ///
    /// - Parameters:
    ///   - prompt: the text to continue.
    ///   - plan: what to steer; a strength given as a divergence is first searched for.
    ///   - concepts: the concepts it names.
    ///   - request: how to write; its prompt is not used, its guidance in the steered continuation only.
    ///   - engine: the model.
    ///   - additional: edits of the steered continuation that are in no plan, such as those of vector files; before the
    ///     plan's at each site.
    ///   - calibration: the texts that a divergence is measured on; the prompt itself if empty.
    ///   - searching: called with a part of the search done, 0...1.
    ///   - progress: called with the number of tokens written.
    /// - Throws: `SteeringError` when the plan does not fit or does not reach the output; `GenerationError`;
    ///   ``EvaluationError`` when a divergence cannot be had.
    public init(
        prompt: String, plan: SteeringPlan, concepts: [Concept], request: GenerationRequest, engine: Engine,
        additional: [CompiledPlan] = [], calibration: [String] = [],
        searching: (@Sendable (Double) -> Void)? = nil,
        progress: (@Sendable (Int) -> Void)? = nil
    ) async throws {
        let model = engine.model
        for concept in concepts { try concept.requireModel(model.identity) }
        let search = try await StrengthSearch(
            plan, with: concepts,
            prompts: (calibration.isEmpty ? [prompt] : calibration).map { model.tokenizer.encode($0) },
            engine: engine, progress: searching)
        let plan = search.plan
        let compiled = try plan.compile(with: concepts, for: model.network.layout)
        var base = request
        base.prompt = model.tokenizer.encode(prompt)
        var edited = base
        base.guidance = nil
        let all = additional + [compiled]
        edited.hooks = all.reduce(request.hooks) { $0.followed(by: $1.hooks) }
        let start = base.prompt
        try await engine.perform { model in
            for plan in all { try plan.requireReach(in: model.network, tokens: Array(start.prefix(8))) }
        }
        var generations: [Generation] = []
        var done = 0
        for request in [base, edited] {
            var generation = Generation()
            for try await token in engine.stream(request) {
                generation.append(token)
                done += 1
                progress?(done)
            }
            generations.append(generation)
        }
        let results = generations
        let continuations = try await engine.perform { model in
            try results.map { try Continuation($0, after: start, concepts: concepts, model: model) }
        }
        unsteered = continuations[0]
        steered = continuations[1]
        self.plan = plan
        ledger = all.reduce(into: [:]) { sums, plan in
            sums.merge(plan.ledger.bySite) { $0.adding($1) }
        }
        notes =
            additional.flatMap(\.warnings) + search.findings.map(\.sentence) + compiled.warnings
            + all.compactMap(\.ledger.complaint)
    }
}

extension SteeringComparison.Continuation {
    init(_ generation: Generation, after prompt: [Int], concepts: [Concept], model: LanguageModel) throws {
        let tokens = prompt + generation.tokens
        let count = generation.tokens.count
        var decoder = model.tokenizer.streamingDecoder()
        for id in prompt { _ = decoder.append(id) }
        var pieces = generation.tokens.map { decoder.append($0) }
        if !pieces.isEmpty { pieces[pieces.count - 1] += decoder.finish() }
        // A stop text is written by the last tokens but is no part of the text.
        var left = generation.text.unicodeScalars.count
        for i in pieces.indices {
            let kept = pieces[i].unicodeScalars.prefix(left)
            left -= kept.count
            pieces[i] = String(String.UnicodeScalarView(kept))
        }
        var probabilities: [String: [Double]] = [:]
        for concept in concepts {
            guard let site = concept.bestLayer?.site else { continue }
            let values = try concept.readout(of: [tokens], at: site, in: model.network)
            probabilities[concept.name] = Array(values[0].suffix(count))
        }
        let scores = try model.logProbabilities(of: [tokens])[0].suffix(count)
        self.init(
            text: generation.text, tokens: generation.tokens, pieces: pieces, probabilities: probabilities,
            perplexity: count == 0 ? .nan : exp(-scores.reduce(0, +) / Double(count)),
            finish: generation.finish)
    }
}
