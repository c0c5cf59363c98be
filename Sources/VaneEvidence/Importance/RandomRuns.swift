import VaneConcepts
import VaneTensors

/// Many concept activation vectors of one site from one cached pass: every run is a ridge regression in its dual form.
///
/// With `K = X Xᵀ` of all cached rows and `G = X gᵀ` of their products with the gradients, both taken once, the vector of a
/// run over the rows `S` with signs `y` is `w = Σ αᵢ (xᵢ - x̄)`, `(K̃ + λ I) α = ỹ`, where the tilde means centred over `S`
/// and `λ` is `ridge` times the mean of K̃'s diagonal. Directional derivatives are `g·w = Σ αᵢ (Gᵢ - Ḡ)`: the vector itself is
/// never formed, so a run costs `|S|³/3` whatever the width.
///
/// Where rows are narrower than a run has rows, ridge regression is solved for the vector itself, `(X̃ᵀ X̃ + λ I) w = X̃ᵀ ỹ`, which
/// is the same vector for less work.
struct RandomRuns: Sendable {
    /// Rows of the concept, then rows to draw from.
    let concept: Int
    let pool: Int
    private let targets: Int
    private let ridge: Double
    private let solver: TCAV.Solver
    /// `[rows, rows]`
    private let kernel: [Double]
    /// `[rows, targets]`
    private let products: [Double]
    /// The activations less the mean of the pool, `[rows, width]`.
    private let values: [Double]
    /// `[targets, width]`
    private let gradients: [Double]
    private let width: Int

    /// What one run says.
    struct Run: Sendable {
        /// The derivative of each target along the unit vector.
        let derivatives: [Double]
        /// Part of the held-out rows on the right side.
        let accuracy: Double
        /// Part of the derivatives above 0; those at 0 count half.
        var score: Double {
            let above = Double(derivatives.count { $0 > 0 }) + 0.5 * Double(derivatives.count { $0 == 0 })
            return above / Double(max(1, derivatives.count))
        }
    }

    init(concept: Tensor, pool: Tensor, gradients: Tensor, options: TCAV.Options) throws {
        self.concept = concept.rowCount
        self.pool = pool.rowCount
        ridge = options.ridge
        solver = options.solver
        targets = gradients.rowCount
        guard concept.rowCount + pool.rowCount <= 10_000 else {
            throw EvidenceError(
                .unusableInputs,
                "\(concept.rowCount + pool.rowCount) activations are too many to keep the products of all pairs: take a sample of "
                    + "10000")
        }
        width = concept.width
        let width = width
        // Around the mean of the pool, so that what all activations share does not swamp the products in float32.
        let mean = Numbers.mean(of: 0..<pool.rowCount, in: pool)
        let centred = (concept.elements + pool.elements).enumerated().map {
            $1 - Float(mean[$0 % width])
        }
        let rows = try Tensor(centred, shape: [concept.rowCount + pool.rowCount, width])
        kernel = try rows.linear(PackedMatrix(rows)).elements.map(Double.init)
        values = centred.map(Double.init)
        self.gradients = gradients.elements.map(Double.init)
        products = try rows.linear(PackedMatrix(gradients.contiguous())).elements.map(Double.init)
    }

    private var rows: Int { concept + pool }

    /// A run of these rows; a third of each side is held out.
    func run(_ positive: [Int], against negative: [Int], _ generator: inout SeededGenerator) throws -> Run {
        func split(_ side: [Int]) -> (train: [Int], test: [Int]) {
            let order = generator.shuffled(side)
            let held = side.count / 3
            return (Array(order.dropFirst(held)), Array(order.prefix(held)))
        }
        let (own, other) = (split(positive), split(negative))
        let train = own.train + other.train
        let signs = own.train.map { _ in 1.0 } + other.train.map { _ in -1.0 }
        let fit =
            try solver == .ridge && width < train.count ? narrow(train, signs) : wide(train, signs)
        // Sides with one mean have no vector: nothing but rounding would be left of it.
        guard fit.square > 1e-9 * fit.scale else {
            return Run(derivatives: [Double](repeating: 0, count: targets), accuracy: 0.5)
        }
        let norm = fit.square.squareRoot()
        return Run(
            derivatives: fit.derivatives.map { $0 / norm },
            accuracy: accuracy(fit.height, train, own.train.count, own.test, other.test))
    }

    /// A run's vector `w`, of any length.
    private struct Fit {
        /// `g·w` for each target.
        let derivatives: [Double]
        /// `‖w‖²`
        let square: Double
        /// What ‖w‖² would be if all rows were at right angles: `Σ αᵢ²` times the mean square length of a row.
        let scale: Double
        /// `x·w` of a row.
        let height: (Int) -> Double
    }

    /// In the dual form, from products of rows.
    private func wide(_ train: [Int], _ signs: [Double]) throws -> Fit {
        let count = train.count
        // Centre the kernel over the training rows.
        var means = [Double](repeating: 0, count: count)
        var matrix = [Double](repeating: 0, count: count * count)
        for i in 0..<count {
            for j in 0..<count {
                let value = kernel[train[i] * rows + train[j]]
                matrix[i * count + j] = value
                means[i] += value / Double(count)
            }
        }
        let grand = means.reduce(0, +) / Double(count)
        var trace = 0.0
        for i in 0..<count {
            for j in 0..<count { matrix[i * count + j] += grand - means[i] - means[j] }
            trace += matrix[i * count + i]
        }
        let alpha = try solver.weights(matrix, signs, penalty: penalty(trace, count))
        // Centred, so that sums over αᵢ (xᵢ - x̄) need no x̄.
        let shift = alpha.reduce(0, +) / Double(count)
        let weights = alpha.map { $0 - shift }
        var square = 0.0
        for i in 0..<count {
            var sum = 0.0
            for j in 0..<count { sum += matrix[i * count + j] * weights[j] }
            square += sum * weights[i]
        }
        var derivatives = [Double](repeating: 0, count: targets)
        for i in 0..<count {
            for t in 0..<targets { derivatives[t] += weights[i] * products[train[i] * targets + t] }
        }
        return Fit(
            derivatives: derivatives, square: square,
            scale: weights.reduce(0) { $0 + $1 * $1 } * trace / Double(count)
        ) { row in
            zip(weights, train).reduce(0) { $0 + $1.0 * kernel[row * rows + $1.1] }
        }
    }

    /// Ridge regression in the primal form, from the rows' covariance.
    private func narrow(_ train: [Int], _ signs: [Double]) throws -> Fit {
        let (count, width) = (train.count, width)
        let balance = signs.reduce(0, +) / Double(count)
        var mean = [Double](repeating: 0, count: width)
        for row in train { for j in 0..<width { mean[j] += values[row * width + j] / Double(count) } }
        // Four rows at a time, so that the matrix goes through the cache once for them; rows of zeros fill the last four.
        let padded = (count + 3) / 4 * 4
        var centred = [Double](repeating: 0, count: padded * width)
        var right = [Double](repeating: 0, count: width)
        for (place, row) in train.enumerated() {
            let weight = signs[place] - balance
            for j in 0..<width {
                let value = values[row * width + j] - mean[j]
                centred[place * width + j] = value
                right[j] += weight * value
            }
        }
        var matrix = [Double](repeating: 0, count: width * width)
        matrix.withUnsafeMutableBufferPointer { matrix in
            centred.withUnsafeBufferPointer { centred in
                guard let x = centred.baseAddress, let c = matrix.baseAddress else { return }
                for first in stride(from: 0, to: padded, by: 4) {
                    let (r0, r1) = (x + first * width, x + (first + 1) * width)
                    let (r2, r3) = (x + (first + 2) * width, x + (first + 3) * width)
                    for i in 0..<width {
                        let line = c + i * width
                        let (f0, f1, f2, f3) = (r0[i], r1[i], r2[i], r3[i])
                        for j in i..<width { line[j] += f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j] }
                    }
                }
                for i in 0..<width { for j in 0..<i { c[i * width + j] = c[j * width + i] } }
            }
        }
        let trace = (0..<width).reduce(0) { $0 + matrix[$1 * width + $1] }
        let penalty = try penalty(trace, count)
        for j in 0..<width { matrix[j * width + j] += penalty }
        let vector = try PositiveDefinite.solve(matrix, right)
        let height = { (row: Int) in (0..<width).reduce(0.0) { $0 + vector[$1] * values[row * width + $1] } }
        let level = (0..<width).reduce(0.0) { $0 + vector[$1] * mean[$1] }
        let weights = zip(train, signs).map { ($1 - balance - (height($0) - level)) / penalty }
        return Fit(
            derivatives: (0..<targets).map { target in
                (0..<width).reduce(0.0) { $0 + vector[$1] * gradients[target * width + $1] }
            }, square: vector.reduce(0) { $0 + $1 * $1 },
            scale: weights.reduce(0) { $0 + $1 * $1 } * trace / Double(count), height: height)
    }

    private func penalty(_ trace: Double, _ count: Int) throws -> Double {
        let penalty = ridge * trace / Double(count)
        guard penalty > 0 && penalty.isFinite else {
            throw EvidenceError(.unusableInputs, "the activations of a run do not differ")
        }
        return penalty
    }

    /// Part of the held-out rows on the side of the middle between the projected class means that is theirs.
    private func accuracy(
        _ height: (Int) -> Double, _ train: [Int], _ positives: Int, _ shown: [Int], _ hidden: [Int]
    ) -> Double {
        let heights = train.map(height)
        let upper = heights.prefix(positives).reduce(0, +) / Double(positives)
        let lower = heights.dropFirst(positives).reduce(0, +) / Double(train.count - positives)
        let middle = (upper + lower) / 2
        let right = shown.count { height($0) > middle } + hidden.count { height($0) <= middle }
        return Double(right) / Double(max(1, shown.count + hidden.count))
    }

    /// The mean over the targets of each row's product with the gradient: the concept's rows first.
    var reaches: [Double] {
        (0..<rows).map { row in
            products[row * targets..<(row + 1) * targets].reduce(0, +) / Double(max(1, targets))
        }
    }
}
