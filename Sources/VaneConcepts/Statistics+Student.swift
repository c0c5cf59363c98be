import Foundation

extension Statistics {
    /// A test of means by Student's distribution.
    public struct StudentTest: Sendable, Hashable, Codable {
        /// The statistic; infinite where the values do not vary and the means differ.
        public let t: Double
        /// Degrees of freedom.
        public let degrees: Double
        /// The two-sided probability of so large a statistic if there is no difference.
        public let pValue: Double
    }

    /// Whether the mean of `values` is `mean`: `t = (x̄ - μ) / (s / √n)`, two-sided.
    ///
    /// - Returns: nil for fewer than two values.
    public static func oneSampleT(_ values: [Double], mean: Double) -> StudentTest? {
        guard values.count > 1 else { return nil }
        let (own, variance) = moments(values)
        return test(
            own - mean, error: (variance / Double(values.count)).squareRoot(), Double(values.count - 1))
    }

    /// Whether two samples have one mean, by Student's test with pooled variances, two-sided.
    ///
    /// - Returns: nil for fewer than two values in either.
    public static func twoSampleT(_ a: [Double], _ b: [Double]) -> StudentTest? {
        guard a.count > 1, b.count > 1 else { return nil }
        let (meanA, varianceA) = moments(a)
        let (meanB, varianceB) = moments(b)
        let (n, m) = (Double(a.count), Double(b.count))
        let pooled = ((n - 1) * varianceA + (m - 1) * varianceB) / (n + m - 2)
        return test(meanA - meanB, error: (pooled * (1 / n + 1 / m)).squareRoot(), n + m - 2)
    }

    /// The two-sided tail of Student's distribution: `P(|T| ≥ |t|) = I_{ν/(ν+t²)}(ν/2, ½)`.
    public static func studentTail(_ t: Double, degrees: Double) -> Double {
        guard t.isFinite else { return t.isNaN ? .nan : 0 }
        return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
    }

    private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, squares / Double(values.count - 1))
    }

    private static func test(_ difference: Double, error: Double, _ degrees: Double) -> StudentTest {
        let t = difference == 0 ? 0 : difference / error
        return StudentTest(t: t, degrees: degrees, pValue: studentTail(t, degrees: degrees))
    }

    /// The regularised incomplete beta function `I_x(a, b)`, by its continued fraction (Lentz's method; DLMF 8.17.22).
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard !x.isNaN, x > 0 else { return x.isNaN ? .nan : 0 }
        guard x < 1 else { return 1 }
        // The fraction converges fast below the mean of the distribution; above it the symmetry serves.
        guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
        let tiny = 1e-300
        var (c, d) = (1.0, 1 / max(abs(1 - (a + b) * x / (a + 1)), tiny))
        if 1 - (a + b) * x / (a + 1) < 0 { d = -d }
        var fraction = d
        for m in 1...500 {
            let k = Double(m)
            for term in [
                k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
                -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)),
            ] {
                d = 1 + term * d
                d = 1 / (abs(d) < tiny ? tiny : d)
                c = 1 + term / c
                if abs(c) < tiny { c = tiny }
                fraction *= c * d
                if abs(c * d - 1) < 1e-15 { return front * fraction }
            }
        }
        return front * fraction
    }
}
