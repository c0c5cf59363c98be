import Foundation
public import VaneSites
import VaneTensors

/// Concept activation vectors by logistic regression. Row 1 (GCAV): Zhang et al., *Controlling Large Language
/// Models Through Concept Activation Vectors*, AAAI 2025, arXiv 2501.05764.
///
/// Per site, on pooled activations `e` (`[rows, width]`), fits `P(e) = σ(w·e + b)` with an L2 penalty and
/// takes `v = w/‖w‖`. The paper does not state penalty, pooled position or standardisation; here the penalty
/// is chosen by cross-validation, the rest are options.
public struct LogisticCAV: Learner {
    /// The options of learning.
    public typealias Options = LearningOptions

    /// The learner.
    public init() {}

    /// Logistic regression.
    public var method: LearningMethod {
        LearningMethod(
            id: "logistic", name: "logistic CAV", rows: [1],
            summary: "weights of a logistic regression, penalty by cross-validation")
    }

    /// A logistic regression a site.
    public func fit(_ data: TrainingActivations) throws -> [Site: FittedProbe] {
        try data.perSite { site in
            let (features, scales) = try data.scaledRows(at: site)
            let fit = try LogisticCAV.fit(
                features, labels: data.labels, folds: data.folds, lambdas: data.options.lambdas)
            let weights = fit.weights.enumerated().map { Float($1 / (scales?[$0] ?? 1)) }
            return FittedProbe(
                probe: LinearProbe(weights: weights, bias: Float(fit.bias)), lambda: fit.lambda)
        }
    }

    /// Chooses the penalty among `lambdas` by cross-validation and fits all rows.
    static func fit(_ features: Tensor, labels: [Bool], folds: [Int], lambdas: [Double]) throws
        -> (weights: [Double], bias: Double, lambda: Double)
    {
        let regression = try LogisticRegression(features)
        let lambda = chooseLambda(regression, labels, folds, lambdas)
        let solution = regression.fit(
            regression.solve(rows: Array(labels.indices), positive: labels, lambda: lambda))
        return (solution.weights, solution.bias, lambda)
    }

    /// The penalty with the smallest mean cross-validated loss; the largest one among equals.
    private static func chooseLambda(
        _ regression: LogisticRegression, _ labels: [Bool], _ folds: [Int], _ lambdas: [Double]
    ) -> Double {
        let penalties = lambdas.sorted(by: >)
        var losses = [Double](repeating: 0, count: penalties.count)
        for fold in Set(folds).sorted() {
            let training = folds.indices.filter { folds[$0] != fold }
            let test = folds.indices.filter { folds[$0] == fold }
            var start: LogisticRegression.Solution?
            for (i, lambda) in penalties.enumerated() {
                let solution = regression.solve(
                    rows: training, positive: labels, lambda: lambda, start: start, tolerance: 1e-4)
                start = solution
                for (row, logit) in zip(test, regression.logits(solution, rows: test)) {
                    let signed = labels[row] ? -logit : logit
                    losses[i] += signed > 30 ? signed : log1p(exp(signed))
                }
            }
        }
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        return penalties[best]
    }
}
