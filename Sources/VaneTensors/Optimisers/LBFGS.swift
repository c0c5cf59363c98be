/// Minimises a smooth function of some hundreds to thousands of numbers from values and gradients:
/// limited-memory BFGS with the two-loop recursion (Nocedal and Wright, Numerical Optimization, 2nd edition,
/// algorithms 7.4 and 7.5) and a line search for the strong Wolfe conditions.
///
/// For functions without noise, such as small convex fits over all examples at once; for batches drawn at
/// random use ``Optimiser``.
public struct LBFGS: Sendable {
    /// Steps whose curvature is remembered.
    public var history = 10
    /// The largest number of steps.
    public var steps = 200
    /// Ends when no entry of the gradient is larger.
    public var gradientTolerance = 1e-8

    /// With default options.
    public init() {}

    /// With these options.
    public init(history: Int, steps: Int, gradientTolerance: Double) {
        self.history = max(1, history)
        self.steps = steps
        self.gradientTolerance = gradientTolerance
    }

    /// Why a minimisation ended.
    public enum End: String, Sendable {
        /// The gradient is within the tolerance.
        case converged
        /// No step makes the value smaller: the limit of the function's precision.
        case stalled
        /// The allowed steps are taken.
        case limit
    }

    /// Where a minimisation ended.
    public struct Result<Scalar: Sendable>: Sendable {
        /// The point.
        public let point: [Scalar]
        /// The function's value there.
        public let value: Double
        /// The largest absolute entry of the gradient there.
        public let slope: Double
        /// Steps taken.
        public let steps: Int
        /// Calls of the function.
        public let evaluations: Int
        /// Why it ended.
        public let end: End
    }

    /// Minimises `function` from `start`.
    ///
    /// The same function and start give the same bits.
    ///
    /// - Throws: `shapeMismatch` when a gradient has another length than the point; `notFinite` when the
    ///   function has no finite value and gradient at the start or anywhere along a direction of search;
    ///   whatever `function` throws.
    public func minimise(
        from start: [Double], _ function: (_ point: [Double]) throws -> (value: Double, gradient: [Double])
    ) throws -> Result<Double> {
        try withoutActuallyEscaping(function) { try minimise(start, LineSearch(function: $0)) }
    }

    private func minimise(_ start: [Double], _ line: LineSearch) throws -> Result<Double> {
        guard var current = try line.evaluate(start) else {
            throw TensorError(.notFinite, in: "L-BFGS", "value or gradient at the start")
        }
        var curvature = Curvature(limit: max(1, history))
        var taken = 0
        func result(_ end: End) -> Result<Double> {
            Result(
                point: current.point, value: current.value, slope: current.steepest, steps: taken,
                evaluations: line.evaluations, end: end)
        }
        while current.steepest > gradientTolerance {
            if taken >= steps { return result(.limit) }
            var direction = curvature.direction(current.gradient)
            if Curvature.dot(direction, current.gradient) >= 0 {
                curvature.forget()
                direction = current.gradient.map { -$0 }
            }
            let length = curvature.isEmpty ? min(1, 1 / current.gradient.reduce(0) { $0 + abs($1) }) : 1
            guard let next = try line.search(current, direction, length) else {
                if curvature.isEmpty { return result(.stalled) }
                // What is remembered may mislead: once more along the gradient.
                curvature.forget()
                continue
            }
            curvature.remember(from: current, to: next)
            current = next
            taken += 1
        }
        return result(.converged)
    }

    /// Minimises a function of single-precision numbers; the arithmetic is in double precision, each point is
    /// rounded before the function sees it.
    ///
    /// - Throws: as for double precision.
    public func minimise(
        from start: [Float], _ function: (_ point: [Float]) throws -> (value: Double, gradient: [Float])
    ) throws -> Result<Float> {
        let result = try minimise(from: start.map(Double.init)) { point in
            let (value, gradient) = try function(point.map(Float.init))
            return (value, gradient.map(Double.init))
        }
        return Result(
            point: result.point.map(Float.init), value: result.value, slope: result.slope,
            steps: result.steps, evaluations: result.evaluations, end: result.end)
    }
}

/// A point with the function's value and gradient.
struct Evaluation {
    let point: [Double]
    let value: Double
    let gradient: [Double]
    var steepest: Double { gradient.reduce(0) { max($0, abs($1)) } }
}

/// The last steps and changes of the gradient.
private struct Curvature {
    private let limit: Int
    private var pairs: [(step: [Double], change: [Double], product: Double)] = []

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { pairs.isEmpty }

    mutating func forget() { pairs = [] }

    mutating func remember(from old: Evaluation, to new: Evaluation) {
        let step = zip(new.point, old.point).map { $0 - $1 }
        let change = zip(new.gradient, old.gradient).map { $0 - $1 }
        let product = Curvature.dot(step, change)
        // Without positive curvature the matrix would not stay positive definite.
        guard
            product > 1e-14 * Curvature.dot(change, change).squareRoot()
                * Curvature.dot(step, step).squareRoot()
        else { return }
        if pairs.count == limit { pairs.removeFirst() }
        pairs.append((step, change, product))
    }

    /// `-H · gradient` with the approximate inverse Hessian `H`.
    func direction(_ gradient: [Double]) -> [Double] {
        var q = gradient
        var weights: [Double] = []
        for pair in pairs.reversed() {
            let weight = Curvature.dot(pair.step, q) / pair.product
            weights.append(weight)
            Curvature.add(pair.change, times: -weight, to: &q)
        }
        if let last = pairs.last {
            let scale = last.product / Curvature.dot(last.change, last.change)
            for i in q.indices { q[i] *= scale }
        }
        for (pair, weight) in zip(pairs, weights.reversed()) {
            Curvature.add(pair.step, times: weight - Curvature.dot(pair.change, q) / pair.product, to: &q)
        }
        return q.map { -$0 }
    }

    static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }

    static func add(_ x: [Double], times scale: Double, to y: inout [Double]) {
        for i in y.indices { y[i] += scale * x[i] }
    }
}
