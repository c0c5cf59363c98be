extension Engine {
    /// Learns a concept from sentences: reads the model's activations on them and fits a probe a site.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - examples: sentences with and without the concept.
    ///   - learner: the method.
    ///   - options: how to learn.
    ///   - background: texts that stand for the language as a whole, for methods that need them.
    ///   - sites: where; if nil the residual stream after every block, or one block for learners of the network.
    ///   - steering: learns the probes that steer; the reading probes steer if nil.
    ///   - progress: called with a part of the work done, 0...1, and what is being done.
    /// - Throws: `ConceptError`, also `invalidOption` for a network without gradients; `SiteError`.
    public func learn(
        _ name: String, from examples: ExampleSet, by learner: any Learner = LogisticCAV(),
        options: LearningOptions = LearningOptions(), background: [String] = [],
        at sites: SiteSelector? = nil, steering: NaturalGradient? = nil,
        progress: (@Sendable (Double, String) -> Void)? = nil
    ) throws -> Concept {
        let network = model.network as? any DifferentiableNetwork
        guard steering == nil || network != nil else {
            throw ConceptError(.invalidOption, "\(model.identity.name) has no gradients to steer along")
        }
        let layout = model.network.layout
        var places = try sites?.sites(in: layout)
        if let learner = learner as? any NetworkLearner {
            guard network != nil else {
                throw ConceptError(
                    .invalidOption,
                    "\(learner.method.name) needs gradients, and \(model.identity.name) has none")
            }
            places = places ?? learner.defaultSites(in: layout)
        }
        let positive = examples.positive.map { model.tokenizer.encode($0) }
        let negative = examples.negative.map { model.tokenizer.encode($0) }
        let part = steering == nil ? 1 : 0.4
        let concept = try ConceptLearner(learner, options).learn(
            name, positive: positive, negative: negative,
            background: background.map { model.tokenizer.encode($0) }, digest: examples.digest,
            start: model.endOfText.min(), at: places, in: model.network, model: model.identity
        ) { progress?($0 * part, $1) }
        guard let steering, let network else { return concept }
        let total = Double(positive.count + negative.count)
        return try steering.steering(concept, positive: positive, negative: negative, in: network) {
            progress?(part + (1 - part) * Double($0) / total, "taking gradients")
        }
    }

    /// Compares what two sets of texts taught of one concept.
    ///
    /// - Throws: as `ProbeSetComparison`.
    public func compare(
        _ first: Concept, from firstSet: ExampleSet, and second: Concept, from secondSet: ExampleSet
    ) throws -> ProbeSetComparison {
        func texts(_ set: ExampleSet) -> ProbeSetComparison.Texts {
            ProbeSetComparison.Texts(
                positive: set.positive.map { model.tokenizer.encode($0) },
                negative: set.negative.map { model.tokenizer.encode($0) })
        }
        return try ProbeSetComparison(
            first, from: texts(firstSet), and: second, from: texts(secondSet), in: model.network)
    }

    /// Continues `prompt` under a plan, token by token.
    ///
    /// A strength given as a divergence is first searched for on the prompt itself; use `StrengthSearch`
    /// once and
    /// keep its plan to search on other texts, or for several prompts.
    ///
    /// - Throws: `SteeringError` when the plan does not fit the model, `ConceptError` `wrongModel`. Errors of
    ///   the search, of the generation itself, and of an edit that would not reach the output, end the
    /// stream.
    public nonisolated func stream(
        _ prompt: String, steering plan: SteeringPlan, with concepts: [Concept], maximumTokens: Int = 60,
        sampling: SamplingOptions = SamplingOptions(), stop: [String] = []
    ) throws -> AsyncThrowingStream<GeneratedToken, any Error> {
        for concept in concepts { try concept.requireModel(model.identity) }
        let request = GenerationRequest(
            prompt: model.tokenizer.encode(prompt), maximumTokens: maximumTokens, sampling: sampling,
            stop: stop)
        guard plan.asksForDivergence else {
            return stream(request, under: try plan.compile(with: concepts, for: model.network.layout))
        }
        return AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    let found = try await StrengthSearch(
                        plan, with: concepts, prompts: [request.prompt], engine: self)
                    let compiled = try found.plan.compile(with: concepts, for: model.network.layout)
                    for try await token in stream(request, under: compiled) { continuation.yield(token) }
                    continuation.finish()
                } catch { continuation.finish(throwing: error) }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private nonisolated func stream(_ request: GenerationRequest, under compiled: CompiledPlan)
        -> AsyncThrowingStream<GeneratedToken, any Error>
    {
        var request = request
        request.hooks = compiled.hooks
        let start = Array(request.prompt.prefix(8))
        return stream(request, before: { try compiled.requireReach(in: $0.network, tokens: start) })
    }
}
