import Foundation

/// The perplexity-normalised effect size of a steering vector, PNES (row 18: A Language Model's Guide Through
/// Latent Space, von Rütte et al., arXiv 2402.14433).
///
///     PNE(α) = (effect(α) - effect(0)) / (perplexity(α) / perplexity(0))
///     log(perplexity(α) / perplexity(0)) ≈ b α²                             least squares, b ≥ 0
///     PNE(α) ≈ (tanh(a α) + c) / exp(b α²)                                  least squares in a and c
///     PNES = the largest less the smallest value of that fit between the least and the largest α
///
/// Effects lie in -1...1, such as the mean over texts of +1 for the concept and -1 for its opposite: the
/// `tanh` ends there. The better a direction is for steering, the larger PNES, up to 2; a direction without
/// effect has about 0 whatever it costs, and so has one that breaks the text before it has any. The fit means
/// something where ``rSquared`` is high; a flat effect has nothing to explain.
public struct NormalisedEffect: Sendable, Hashable, Codable {
    /// What was measured at one strength.
    public struct Point: Sendable, Hashable, Codable {
        /// The strength α, in any unit; negative the other way.
        public let strength: Double
        /// The effect, -1...1.
        public let effect: Double
        /// The perplexity of what was written.
        public let perplexity: Double

        /// A measurement.
        public init(strength: Double, effect: Double, perplexity: Double) {
            self.strength = strength
            self.effect = effect
            self.perplexity = perplexity
        }
    }

    /// The measurements, ascending in strength.
    public let points: [Point]
    /// The steepness a of the effect.
    public let slope: Double
    /// The offset c of the effect.
    public let offset: Double
    /// The growth b of the log-perplexity with the square of the strength.
    public let cost: Double
    /// The part of the variance of PNE that the fit explains; 0 where PNE does not vary.
    public let rSquared: Double
    /// PNES.
    public let score: Double

    /// Fits the curve.
    ///
    /// - Parameter points: measurements at 5 strengths or more, 0 among them, each once.
    /// - Throws: ``EvaluationError`` `unusableInput` for fewer, repeated or missing strengths, or
    ///   numbers outside their ranges.
    public init(_ points: [Point]) throws {
        let points = points.sorted { $0.strength < $1.strength }
        let strengths = points.map(\.strength)
        guard points.count >= 5, Set(strengths).count == points.count,
            let base = points.first(where: { $0.strength == 0 }),
            points.allSatisfy({
                $0.strength.isFinite && (-1...1).contains($0.effect) && $0.perplexity > 0
                    && $0.perplexity.isFinite
            })
        else {
            throw EvaluationError(
                .unusableInput,
                "a normalised effect needs at least 5 different strengths, 0 among them, each with an effect in -1...1 and a "
                    + "perplexity above 0; there are \(points.count)")
        }
        let squares = strengths.map { $0 * $0 }
        let logs = points.map { log($0.perplexity / base.perplexity) }
        let fourth = squares.reduce(0) { $0 + $1 * $1 }
        let cost = max(0, zip(squares, logs).reduce(0) { $0 + $1.0 * $1.1 } / fourth)
        let values = zip(points, logs).map { ($0.effect - base.effect) / exp($1) }
        let weights = squares.map { exp(-cost * $0) }
        func fit(_ a: Double) -> (error: Double, offset: Double) {
            var (top, bottom) = (0.0, 0.0)
            for i in values.indices {
                top += weights[i] * (values[i] - weights[i] * tanh(a * strengths[i]))
                bottom += weights[i] * weights[i]
            }
            let offset = bottom > 0 ? top / bottom : 0
            let error = values.indices.reduce(0.0) { sum, i in
                let miss = values[i] - weights[i] * (tanh(a * strengths[i]) + offset)
                return sum + miss * miss
            }
            return (error, offset)
        }
        let reach = strengths.map { abs($0) }.max() ?? 1
        let steps = (0...120).map { pow(10, Double($0) / 40 - 2) / reach }
        let grid = steps.map { -$0 }.reversed() + [0] + steps
        let start = grid.indices.min { fit(grid[$0]).error < fit(grid[$1]).error } ?? 0
        // The error has one valley between the neighbours on the grid.
        var low = grid[max(0, start - 1)]
        var high = grid[min(grid.count - 1, start + 1)]
        for _ in 0..<60 {
            let (left, right) = (low + (high - low) * 0.382, low + (high - low) * 0.618)
            if fit(left).error <= fit(right).error { high = right } else { low = left }
        }
        let slope = (low + high) / 2
        let best = fit(slope)
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let ends = (strengths[0], strengths[strengths.count - 1])
        let curve = (0...1000).map { step in
            let strength = ends.0 + (ends.1 - ends.0) * Double(step) / 1000
            return (tanh(slope * strength) + best.offset) * exp(-cost * strength * strength)
        }
        self.points = points
        self.slope = slope
        offset = best.offset
        self.cost = cost
        rSquared = variance > 0 ? 1 - best.error / variance : 0
        score = (curve.max() ?? 0) - (curve.min() ?? 0)
    }

    /// The fitted PNE at a strength.
    public func value(at strength: Double) -> Double {
        (tanh(slope * strength) + offset) * exp(-cost * strength * strength)
    }
}
