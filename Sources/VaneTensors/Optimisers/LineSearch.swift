/// A search along a direction for a point that satisfies the strong Wolfe conditions `f(x + a·d) ≤ f(x) +
/// 10⁻⁴·a·f′` and `|f′(x + a·d)| ≤ 0.9·|f′|`; Nocedal and Wright, algorithms 3.5 and 3.6.
final class LineSearch {
    typealias Function = ([Double]) throws -> (value: Double, gradient: [Double])

    /// Calls of the function so far.
    private(set) var evaluations = 0
    private let function: Function

    init(function: @escaping Function) { self.function = function }

    /// The function at a point; nil where it is not finite.
    func evaluate(_ point: [Double]) throws -> Evaluation? {
        evaluations += 1
        let (value, gradient) = try function(point)
        try TensorError.expect(
            gradient.count == point.count, in: "L-BFGS",
            "a gradient of \(gradient.count) entries at a point of \(point.count)")
        guard value.isFinite, gradient.allSatisfy(\.isFinite) else { return nil }
        return Evaluation(point: point, value: value, gradient: gradient)
    }

    /// A point along `direction` from `origin`, the first try at `length`; nil when none is lower.
    ///
    /// - Throws: `notFinite` when the function is nowhere finite along the direction.
    func search(_ origin: Evaluation, _ direction: [Double], _ length: Double) throws -> Evaluation? {
        let ray = Ray(search: self, origin: origin, direction: direction)
        var previous = Trial(length: 0, value: origin.value, slope: ray.slope, at: origin)
        var next = length
        for attempt in 0..<30 {
            let trial = try ray.trial(next)
            if ray.isLower(trial) && ray.isFlat(trial) { return trial.at }
            if !ray.isLower(trial) || (attempt > 0 && trial.value >= previous.value) {
                return try zoom(ray, previous, trial)
            }
            if trial.slope >= 0 { return try zoom(ray, trial, previous) }
            previous = trial
            next *= 2
        }
        return previous.at
    }

    /// Narrows the interval between `low`, the lowest point so far that is lower enough, and `high`.
    private func zoom(_ ray: Ray, _ low: Trial, _ high: Trial) throws -> Evaluation? {
        var (low, high) = (low, high)
        for _ in 0..<50 {
            let trial = try ray.trial(low.between(high))
            if ray.isLower(trial) && ray.isFlat(trial) { return trial.at }
            if !ray.isLower(trial) || trial.value >= low.value {
                high = trial
            } else {
                if trial.slope * (high.length - low.length) >= 0 { high = low }
                low = trial
            }
            if abs(high.length - low.length) <= 1e-16 * abs(high.length) { break }
        }
        if low.length > 0 && low.value < ray.origin.value { return low.at }
        guard high.at != nil else {
            throw TensorError(.notFinite, in: "L-BFGS", "value or gradient along the direction of search")
        }
        return nil
    }

    /// A direction from a point.
    private struct Ray {
        let search: LineSearch
        let origin: Evaluation
        let direction: [Double]
        let slope: Double

        init(search: LineSearch, origin: Evaluation, direction: [Double]) {
            (self.search, self.origin, self.direction) = (search, origin, direction)
            slope = zip(direction, origin.gradient).reduce(0) { $0 + $1.0 * $1.1 }
        }

        func trial(_ length: Double) throws -> Trial {
            let point = zip(origin.point, direction).map { $0 + length * $1 }
            guard let found = try search.evaluate(point) else {
                return Trial(length: length, value: .infinity, slope: .infinity, at: nil)
            }
            return Trial(
                length: length, value: found.value,
                slope: zip(direction, found.gradient).reduce(0) { $0 + $1.0 * $1.1 }, at: found)
        }

        /// Up to rounding: close to a minimum values no longer tell points apart, but slopes do.
        func isLower(_ trial: Trial) -> Bool {
            trial.value <= origin.value + 1e-4 * trial.length * slope + 2 * origin.value.ulp
        }
        func isFlat(_ trial: Trial) -> Bool { abs(trial.slope) <= -0.9 * slope }
    }

    /// A point of a ray; nowhere (nil) where the function is not finite.
    private struct Trial {
        let length: Double
        let value: Double
        let slope: Double
        let at: Evaluation?

        /// The minimum of the cubic through both ends, kept off the ends; the middle if there is none.
        func between(_ other: Trial) -> Double {
            let gap = other.length - length
            let middle = length + gap / 2
            guard other.value.isFinite else { return middle }
            let d1 = slope + other.slope - 3 * (value - other.value) / (length - other.length)
            let root = d1 * d1 - slope * other.slope
            guard root >= 0 else { return middle }
            let d2 = (gap < 0 ? -1 : 1) * root.squareRoot()
            let best = other.length - gap * (other.slope + d2 - d1) / (other.slope - slope + 2 * d2)
            guard best.isFinite else { return middle }
            let part = (best - length) / gap
            return part < 0.1 || part > 0.9 ? (part < 0.1 ? length + 0.1 * gap : length + 0.9 * gap) : best
        }
    }
}
