import VaneTensors

/// Whether a concept matters for what a model says of one text: the local test of row 53 (x-SKIT), by
/// betting.
///
/// Outputs are drawn of texts whose scores are near the text's own in the concepts `C` and `j`, and of texts
/// near it in `C` alone. The payoff is `w(y) - w(ỹ)` with the MMD witness of the draws before. If `j` says
/// nothing more, both are drawn from one distribution.
///
/// Draws come from a pool, so what is found beyond its ``ConditionalSampler/effectiveSamples`` steps is a
/// property of the pool.
public struct SampleSKIT: Sendable, Hashable {
    /// The chance of a false rejection, ever.
    public var level = 0.05
    /// The most steps; the sampler's effective samples if nil.
    public var steps: Int?
    /// Seeds the draws.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    /// Bets until the hypothesis is rejected or the steps are done.
    ///
    /// - Parameters:
    ///   - concept: which concept.
    ///   - context: the concepts that are given anyway.
    ///   - scores: the text's scores, one a concept.
    ///   - sampler: draws texts of the pool.
    ///   - outputs: what the model gives for each text of the sampler's pool.
    /// - Throws: ``EvidenceError`` `invalidOption` for concepts that have no scores; `unusableInputs`.
    public func test(
        _ concept: Int, given context: [Int] = [], scores: [Double], sampler: ConditionalSampler,
        outputs: [Double]
    ) throws -> BettingResult {
        let known = 0..<sampler.concepts
        guard known.contains(concept), context.allSatisfy({ known.contains($0) && $0 != concept }) else {
            throw EvidenceError(
                .invalidOption,
                "concepts are numbered 0 to \(sampler.concepts - 1); one is either given or tested"
            )
        }
        guard scores.count == sampler.concepts, outputs.count == sampler.texts, outputs.count >= 20,
            (scores + outputs).allSatisfy(\.isFinite)
        else {
            throw EvidenceError(
                .unusableInputs,
                "expected \(sampler.concepts) scores of the text and \(sampler.texts) outputs, all finite")
        }
        let narrow = try sampler.given(context + [concept])
        // With a width of its own either draw would look further along the concepts they share.
        let wide = try sampler.given(context, factor: narrow.factor)
        var test = try BettingTest(level: level)
        var (real, null) = (GaussianKernel(length: 1), GaussianKernel(length: 1))
        for step in 0..<max(steps ?? Int(sampler.effectiveSamples), 1) where test.rejectedAt == nil {
            var generator = SeededGenerator(seed: seed, stream: UInt64(step))
            let own = outputs[sampler.row(narrow, like: scores, generator: &generator)]
            let other = outputs[sampler.row(wide, like: scores, generator: &generator)]
            if real.count > 0 {
                func witness(_ output: Double) -> Double {
                    let n = Double(real.count)
                    return real.similarities([output]).reduce(0, +) / n
                        - null.similarities([output]).reduce(0, +) / n
                }
                test.bet(witness(own) - witness(other))
            }
            real.append([own])
            null.append([other])
        }
        return BettingResult(test)
    }
}
