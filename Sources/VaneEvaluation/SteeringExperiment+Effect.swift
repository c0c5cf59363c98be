public import VaneConcepts
public import VaneSites
import VaneSteering

extension SteeringExperiment {
    /// The effect at one of the targets, to be kept with the concept; nil if the target was not run.
    ///
    /// - Parameters:
    ///   - target: the target of adding.
    ///   - scope: the scope that was run.
    ///   - judge: what judged, in words.
    public func effect(target: Double, scope: TokenScope, judge: String) -> Concept.Effect? {
        guard let base = rows.first(where: { $0.method == .unsteered }) else { return nil }
        func condition(_ method: Method, adding: Bool) -> Concept.Effect.Condition? {
            let row = rows.first {
                $0.method == method && $0.goal == (adding ? .add : .remove)
                    && $0.target == (adding ? target : 1 - target)
            }
            guard let row, let shift = row.shift else { return nil }
            return Concept.Effect.Condition(
                shift: shift, perplexity: row.perplexity / base.perplexity,
                repetition: row.repetition - base.repetition,
                compression: row.compression / base.compression)
        }
        guard let added = condition(.gcav, adding: true), let removed = condition(.gcav, adding: false),
            let random = condition(.random, adding: true)
        else { return nil }
        return Concept.Effect(
            judge: judge, judgeAccuracy: judgeAccuracy, prompts: prompts, seeds: seeds, target: target,
            sites: sites, scope: scope, unsteeredRate: base.positiveRate, added: added, removed: removed,
            random: random)
    }

    /// The perplexity-normalised effect size of a way to steer (row 18), from all targets at once; the strength is the mean
    /// distance a state was moved, the effect `2 · positiveRate - 1`.
    ///
    /// Nil where there are fewer than five different strengths, the unsteered one among them: two targets or more are
    /// needed.
    public func normalisedEffect(_ method: Method) -> NormalisedEffect? {
        func point(_ row: Row) -> NormalisedEffect.Point {
            NormalisedEffect.Point(
                strength: row.goal == .remove ? -row.meanMove : row.meanMove,
                effect: 2 * row.positiveRate - 1,
                perplexity: row.perplexity)
        }
        guard let base = rows.first(where: { $0.method == .unsteered }) else { return nil }
        return try? NormalisedEffect([point(base)] + rows.filter { $0.method == method }.map(point))
    }
}
