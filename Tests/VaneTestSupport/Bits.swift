/// The bit patterns of rows of numbers, to compare without tolerance.
public func bitPatterns(_ rows: [[Float]]) -> [[UInt32]] { rows.map { $0.map(\.bitPattern) } }

/// The bit patterns of numbers, to compare without tolerance.
public func bitPatterns(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

/// `max |a − b| / max |b|`; infinite when the lengths differ or `a` holds NaN.
public func relativeError(_ a: [Float], _ b: [Double]) -> Double {
    guard a.count == b.count, !a.contains(where: \.isNaN) else { return .infinity }
    let scale = b.map(abs).max() ?? 0
    let worst = zip(a, b).map { abs(Double($0) - $1) }.max() ?? 0
    return worst == 0 ? 0 : worst / scale
}
