extension Guidance {
    /// Guidance to what a probe of words reads: `ρ(S, H) + w ρ(S, W)`, `W` the frame of the candidate itself.
    ///
    /// The paper's guided decoding has no `w`. Its states say what may come *next*, so a word of the concept
    /// gains nothing by being said. On the built-in model, guided to the past among 4 tokens, 2.4 words in 20
    /// tokens are in the past with `w`, 0.6 without, 0.7 by a random choice. Words of several tokens that
    /// share their first ones with other words can hardly be guided to.
    ///
    /// - Parameters:
    ///   - probe: the words.
    ///   - candidates: how many of the likeliest tokens are tried at each step.
    ///   - tokenWeight: `w`; 0 is the paper's form.
    public init(to probe: FrameProbe, candidates: Int = 4, tokenWeight: Double = 0.5) {
        self.init(candidates: candidates, window: probe.window) { states, token in
            let states = try probe.correlation(with: states)
            return tokenWeight == 0 ? states : states + tokenWeight * (try probe.correlation(with: token))
        }
    }
}

extension Engine {
    /// How far states lean to some words, from the model's unembedding.
    ///
    /// - Parameters:
    ///   - words: words or short phrases, as they stand inside a sentence.
    ///   - others: words of the opposite; none if empty.
    /// - Throws: `ConceptError` `unusableExamples` for words without tokens or that cancel, `invalidOption`
    ///   for a network whose weights cannot be read.
    public func frameProbe(ofWords words: [String], against others: [String] = []) throws -> FrameProbe {
        try FrameProbe(
            of: words.map(tokens(ofWord:)), against: others.map(tokens(ofWord:)), in: readableNetwork)
    }
}
