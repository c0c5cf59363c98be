extension Statistics {
    /// The Wasserstein-2 distance of two samples of numbers, in their unit, for any number of values a side:
    ///
    ///     W₂² = ∫₀¹ (A(u) - B(u))² du        A, B the quantile functions of the samples
    ///
    /// Two samples of one law are not 0 apart: measure that distance too.
    ///
    /// - Returns: the distance; NaN when a side has no values.
    public static func wasserstein(_ a: [Double], _ b: [Double]) -> Double {
        guard !a.isEmpty, !b.isEmpty else { return .nan }
        let (a, b) = (a.sorted(), b.sorted())
        // Both quantile functions are steps: value i of n holds from i/n to (i + 1)/n.
        var (i, j, sum, place) = (0, 0, 0.0, 0.0)
        while i < a.count, j < b.count {
            let (endA, endB) = (Double(i + 1) / Double(a.count), Double(j + 1) / Double(b.count))
            let end = min(endA, endB)
            sum += (end - place) * (a[i] - b[j]) * (a[i] - b[j])
            place = end
            if endA <= endB { i += 1 }
            if endB <= endA { j += 1 }
        }
        return sum.squareRoot()
    }
}
