public import VaneSites
import VaneTensors

/// A control: a direction drawn uniformly from the sphere, turned towards the positive class. What it reaches is what any
/// direction reaches; a method must do better.
public struct RandomDirection: DirectionLearner {
    /// The control.
    public init() {}

    /// The control.
    public var method: LearningMethod {
        LearningMethod(
            id: "random", name: "random direction", rows: [],
            summary: "a control: any direction, turned towards the positive examples")
    }

    /// The direction; seed and site decide it.
    public func direction(at site: Site, in data: TrainingActivations) throws -> [Double] {
        let difference = try data.meanDifference(at: site)
        let place = data.sites.firstIndex(of: site) ?? 0
        var generator = SeededGenerator(seed: data.options.seed, stream: 1000 + UInt64(place))
        let direction = generator.unitVector(width: difference.count).map(Double.init)
        return Numbers.dot(direction, difference) < 0 ? direction.map { -$0 } : direction
    }
}
