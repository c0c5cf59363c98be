public import VaneSites
import VaneTensors

/// A rule that changes one state, `h → h′`.
public protocol Steerer: Sendable {
    /// Changes `row`, the state of one token, by `part` of the whole change.
    ///
    /// - Parameters:
    ///   - row: the state, as wide as the site.
    ///   - part: in (0, 1]; 1 is the whole change. A schedule asks for less.
    /// - Returns: the distance `‖h′ - h‖`; nil when the state cannot be changed as asked and was left alone.
    func steer(_ row: UnsafeMutableBufferPointer<Float>, part: Double) -> Double?
}

/// Applies one steerer to the states in a scope.
public struct SteererEdit: Edit {
    private let steerer: any Steerer
    private let condition: Condition
    private let ledger: SteeringLedger?

    /// An edit by `steerer`, always at full strength.
    public init(_ steerer: any Steerer, scope: TokenScope) {
        self.init(steerer, Condition(scope: scope), ledger: nil)
    }

    init(_ steerer: any Steerer, _ condition: Condition, ledger: SteeringLedger?) {
        self.steerer = steerer
        self.condition = condition
        self.ledger = ledger
    }

    /// Changes the rows in scope.
    public func apply(to activation: Activation) {
        var entry = SteeringLedger.Entry()
        let parts = condition.parts(of: activation)
        for row in parts.rows {
            let part = parts[row]
            guard part > 0 else { continue }
            entry.rows += 1
            guard let length = steerer.steer(activation[row], part: part) else {
                entry.infeasible += 1
                continue
            }
            if length > 0 { entry.moved += 1 }
            entry.moveLength += SteeringLedger.summable(length)
        }
        ledger?.record(activation.site) { $0.add(entry) }
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// `Σ self · vector`, in double precision; `vector` is as long.
    func product(with vector: [Float]) -> Double {
        vector.withUnsafeBufferPointer { vector in
            guard let base = baseAddress, let other = vector.baseAddress else { return 0 }
            return Vectors.dot(other, base, count: Swift.min(count, vector.count))
        }
    }

    /// The Euclidean norm.
    var norm: Double {
        guard let base = baseAddress else { return 0 }
        return Vectors.dot(base, base, count: count).squareRoot()
    }

    /// Sets each entry to `new(its index, its value)` and returns the distance moved.
    @inline(__always)
    func rewrite(_ new: (Int, Double) -> Double) -> Double {
        var squares = 0.0
        for i in indices {
            let old = Double(self[i])
            let value = Float(new(i, old))
            self[i] = value
            squares += (Double(value) - old) * (Double(value) - old)
        }
        return squares.squareRoot()
    }
}
