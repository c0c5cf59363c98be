public import VaneSites
import VaneTensors

/// A linear probe by least squares with a ridge: minimises `mean (y - w·e - b)² + λ‖w‖²`, `y = ±1` (Hoerl and Kennard, 1970).
///
/// The penalty is the one with the least error on rows left out one at a time, times the number of entries so that penalties
/// mean about the same in any width. Direction `w`; slope and bias of the probe are fitted along it. Cheaper than logistic
/// regression, and swayed by rows far from the boundary.
public struct RidgeProbe: DirectionLearner {
    /// The learner.
    public init() {}

    /// Ridge regression.
    public var method: LearningMethod {
        LearningMethod(
            id: "ridge", name: "ridge probe", rows: [],
            summary: "weights of a least-squares fit to ±1, penalty by leaving one out")
    }

    /// The weights.
    public func direction(at site: Site, in data: TrainingActivations) throws -> [Double] {
        let (features, scales) = try data.scaledRows(at: site)
        let regression = try RidgeRegression(features, targets: data.labels.map { $0 ? 1 : -1 })
        let fits = data.options.lambdas.sorted(by: >).map { regression.fit(lambda: $0) }
        let best = fits.min { $0.leftOutError < $1.leftOutError }
        return (best?.weights ?? []).enumerated().map { $1 / (scales?[$0] ?? 1) }
    }
}
