import Foundation
package import VaneTensors

/// A linear classifier of activations: `P(h) = σ(w·h + b)`.
public struct LinearProbe: Sendable, Hashable {
    /// The weights `w`, as many as the activation is wide.
    public let weights: [Float]
    /// The bias `b`.
    public let bias: Float
    /// `‖w‖`.
    public let norm: Double
    /// The concept activation vector `v = w/‖w‖`.
    public let direction: [Float]

    /// A probe with these parameters.
    public init(weights: [Float], bias: Float) {
        self.weights = weights
        self.bias = bias
        let norm = Numbers.norm(weights)
        self.norm = norm
        direction = weights.map { norm > 0 ? Float(Double($0) / norm) : 0 }
    }

    /// The probe with all logits times `factor`: same direction and boundary, another slope.
    public func scaled(by factor: Double) -> LinearProbe {
        LinearProbe(
            weights: weights.map { Float(Double($0) * factor) }, bias: Float(Double(bias) * factor))
    }

    /// `w·h + b` in double precision.
    public func logit(_ activation: some Collection<Float>) -> Double {
        precondition(
            activation.count == weights.count,
            "an activation of \(activation.count) for \(weights.count) weights")
        return zip(weights, activation).reduce(Double(bias)) { $0 + Double($1.0) * Double($1.1) }
    }

    /// The mean logit of each of some ranges of rows of `activations`.
    package func logits(of ranges: [Range<Int>], in activations: Tensor) -> [Double] {
        activations.read { base in
            ranges.map { rows in
                let sum = rows.reduce(0.0) { sum, row in
                    sum + logit(UnsafeBufferPointer(start: base + row * weights.count, count: weights.count))
                }
                return sum / Double(max(rows.count, 1))
            }
        }
    }

    /// `σ(w·h + b)`.
    public func probability(_ activation: some Collection<Float>) -> Double {
        LinearProbe.sigmoid(logit(activation))
    }

    /// `1 / (1 + exp(-z))`
    public static func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
    /// `log(p / (1 - p))`
    public static func logit(ofProbability p: Double) -> Double { log(p / (1 - p)) }
}
