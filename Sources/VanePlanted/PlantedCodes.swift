import Foundation
public import VaneTensors

/// How large a feature is where it is active.
public enum PlantedMagnitude: Sendable, Hashable {
    /// Always this.
    case constant(Double)
    /// Uniform in this range.
    case uniform(ClosedRange<Double>)
    /// Exponential with this mean.
    case exponential(mean: Double)

    func draw(_ generator: inout SeededGenerator) -> Double {
        switch self {
        case .constant(let value): value
        case .uniform(let range):
            range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniform()
        case .exponential(let mean): -mean * log(1 - generator.uniform())
        }
    }
}

/// Sparse codes: many features, few active at a time. What a dictionary is to find again.
///
/// Each feature is active with probability `probability`, independently, and then has a coefficient `a_k`
/// drawn from `magnitude`; otherwise `a_k = 0`. The row gets `Σ a_k d_k`. Directions are independent random
/// unit vectors: with more features than the width they overlap (superposition), typically with a cosine of
/// `1/√width`.
public struct PlantedCodes: PlantedPart, Hashable {
    /// How many features.
    public let features: Int
    /// How often each is active, 0...1.
    public let probability: Double
    /// How large it is then.
    public let magnitude: PlantedMagnitude

    /// Sparse codes of so many features.
    public init(features: Int, probability: Double, magnitude: PlantedMagnitude = .uniform(0.5...1.5)) {
        self.features = features
        self.probability = probability
        self.magnitude = magnitude
    }

    /// One a feature.
    public var basisCount: Int { features }

    /// Independent directions.
    public var isOrthogonal: Bool { false }

    /// At least one feature, a probability in 0...1.
    public func validate(width: Int) throws(PlantedError) {
        try PlantedError.expect(features > 0, "there must be features, not \(features)")
        try PlantedError.expect(
            (0...1).contains(probability), "the probability must lie in 0...1, not \(probability)")
    }

    /// The coefficients `a_k` of one row, most of them 0.
    public func draw(row: Int, _ generator: inout SeededGenerator) -> [Double] {
        (0..<features).map { _ in
            generator.uniform() < probability ? magnitude.draw(&generator) : 0
        }
    }

    /// Adds `Σ a_k d_k`.
    public func apply(
        _ codes: [Double], directions: [[Double]], to row: inout [Double], generator: inout SeededGenerator
    ) {
        for (code, direction) in zip(codes, directions) where code != 0 { add(code, direction, to: &row) }
    }
}

extension Planted<PlantedCodes> {
    /// The coefficients of these rows, `[rows, features]`, float32.
    public func codes(_ rows: Range<Int>) -> Tensor {
        let result = Tensor(zeros: [rows.count, part.features])
        result.write { base in
            for (i, row) in latents(rows).enumerated() {
                for (k, code) in row.enumerated() { base[i * part.features + k] = Float(code) }
            }
        }
        return result
    }
}
