import VaneConcepts
import VaneTensors

/// Rows with classes, less their mean.
struct LabelledRows {
    private let values: [Double]
    private let count: Int
    private let width: Int
    private let classes: Int
    /// The mean square length of a row.
    let variance: Double

    init(_ rows: Tensor, classes: Int) {
        (count, width) = (rows.rowCount, rows.width)
        self.classes = classes
        let mean = Numbers.mean(of: 0..<rows.rowCount, in: rows)
        let width = width
        values = rows.elements.enumerated().map { Double($1) - mean[$0 % width] }
        variance = max(values.reduce(0) { $0 + $1 * $1 } / Double(max(count, 1)), 1e-30)
    }

    /// Products of the class means of two halves, weighted by the classes' sizes, `[classes, classes]`, and their trace.
    func scatter(_ labels: [Int], _ generator: inout SeededGenerator) -> (matrix: [Double], trace: Double) {
        var sums = [[Double]](repeating: [Double](repeating: 0, count: classes * width), count: 2)
        var counts = [[Double]](repeating: [Double](repeating: 0, count: classes), count: 2)
        var next = [Int](repeating: 0, count: classes)
        for row in generator.shuffled(0..<count) {
            let label = labels[row]
            // Rows of a class go to one half and the other in turns.
            let half = next[label] % 2
            next[label] += 1
            counts[half][label] += 1
            for j in 0..<width { sums[half][label * width + j] += values[row * width + j] }
        }
        for half in 0..<2 {
            for label in 0..<classes {
                for j in 0..<width { sums[half][label * width + j] /= max(counts[half][label], 1) }
            }
        }
        let weights = next.map { (Double($0) / Double(count)).squareRoot() }
        // Both halves around their own mean: that of the classes as large as they are.
        for half in 0..<2 {
            for j in 0..<width {
                let mean = (0..<classes).reduce(0.0) {
                    $0 + weights[$1] * weights[$1] * sums[half][$1 * width + j]
                }
                for label in 0..<classes { sums[half][label * width + j] -= mean }
            }
        }
        var matrix = [Double](repeating: 0, count: classes * classes)
        for a in 0..<classes {
            for b in 0..<classes {
                var product = 0.0
                for j in 0..<width { product += sums[0][a * width + j] * sums[1][b * width + j] }
                matrix[a * classes + b] += weights[a] * weights[b] * product / 2
                matrix[b * classes + a] += weights[a] * weights[b] * product / 2
            }
        }
        return (matrix, (0..<classes).reduce(0) { $0 + matrix[$1 * classes + $1] })
    }

    /// Two orthonormal axes: the first principal axes of the class means; where these are on a line, then that of what is
    /// left of the rows.
    func plane(_ labels: [Int]) throws -> [[Float]] {
        var means = [[Double]](repeating: [Double](repeating: 0, count: width), count: classes)
        let sizes = (0..<classes).map { k in Double(max(labels.count { $0 == k }, 1)) }
        for (row, label) in labels.enumerated() {
            for j in 0..<width { means[label][j] += values[row * width + j] / sizes[label] }
        }
        let first = try LabelledRows.axes(means, 2)
        if first.count == 2 { return first.map { $0.map(Float.init) } }
        guard let direction = first.first else {
            throw EvidenceError(.unusableInputs, "the classes have the same mean")
        }
        let rest = (0..<count).map { row -> [Double] in
            let state = Array(values[row * width..<(row + 1) * width])
            let part = zip(state, direction).reduce(0) { $0 + $1.0 * $1.1 }
            return zip(state, direction).map { $0 - part * $1 }
        }
        let second = try LabelledRows.axes(rest, 1).first ?? direction.map { _ in 0 }
        return [direction, second].map { $0.map(Float.init) }
    }

    /// The first principal axes of some vectors, at most `most`; fewer where the vectors have fewer dimensions.
    private static func axes(_ vectors: [[Double]], _ most: Int) throws -> [[Double]] {
        guard let width = vectors.first?.count else { return [] }
        let wide = vectors.count < width
        let order = wide ? vectors.count : width
        var matrix = [Double](repeating: 0, count: order * order)
        for a in 0..<order {
            for b in 0...a {
                let product =
                    wide
                    ? zip(vectors[a], vectors[b]).reduce(0) { $0 + $1.0 * $1.1 }
                    : vectors.reduce(0) { $0 + $1[a] * $1[b] }
                (matrix[a * order + b], matrix[b * order + a]) = (product, product)
            }
        }
        let eigen = try SymmetricEigen(matrix, order: order)
        let largest = eigen.values.last ?? 0
        return (0..<min(most, order)).compactMap { place in
            let number = order - 1 - place
            guard eigen.values[number] > 1e-9 * largest, largest > 0 else { return nil }
            let vector = Array(eigen.vectors[number * order..<(number + 1) * order])
            guard wide else { return vector }
            var axis = [Double](repeating: 0, count: width)
            for (weight, row) in zip(vector, vectors) { for j in 0..<width { axis[j] += weight * row[j] } }
            return Numbers.unit(axis)?.map(Double.init)
        }
    }

    /// The rows along some axes, `[rows][axes]`.
    func coordinates(_ axes: [[Float]]) -> [[Double]] {
        (0..<count).map { row in
            axes.map { axis in
                (0..<width).reduce(0.0) { $0 + Double(axis[$1]) * values[row * width + $1] }
            }
        }
    }

    /// The mean of each class's points.
    func means(of points: [[Double]], _ labels: [Int]) -> [[Double]] {
        (0..<classes).map { label in
            let own = zip(points, labels).filter { $0.1 == label }.map(\.0)
            return (0..<2).map { j in own.reduce(0) { $0 + $1[j] } / Double(max(own.count, 1)) }
        }
    }
}
