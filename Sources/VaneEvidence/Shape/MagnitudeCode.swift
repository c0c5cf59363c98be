import Foundation
import VaneConcepts
public import VaneTensors

/// Whether states hold a sequence by magnitudes: one direction a symbol, one size a place (row 97: Recurrent Neural Networks
/// Learn to Store and Generate Sequences using Non-Linear Representations, arXiv 2408.10920, "onion representations").
///
///     h ≈ b + Σ_j γ^j e_{x_j},    e of [symbols, width], places j counted from 0
///
/// No single direction says "symbol s at place j" here: the same direction says it of every place, at another size. Beside
/// the scaled code stand two rivals on the same rows: the same size at every place (`γ = 1`, a bag of symbols) and a direction of its
/// own for each symbol at each place, which can do all that the scaled code does and has as many times more numbers as there are
/// places. Each is fitted to three quarters of the rows by ridge regression and judged by the variance it explains in the rest.
public struct MagnitudeCode: Sendable, Hashable, Codable {
    /// What the rows look like.
    public enum Kind: String, Sendable, Codable {
        /// No code explains a tenth of the held-out variance.
        case nothing
        /// Sizes fall or grow with the place.
        case scaled
        /// Every place has the same size.
        case bag
        /// Each place has directions of its own.
        case positional
    }

    /// What the rows look like: the scaled code if it explains at least 0.95 of what the positional one does and leaves at most
    /// 0.8 of what the bag leaves.
    public let kind: Kind
    /// The factor γ from one place to the next.
    public let factor: Double
    /// The held-out variance that the scaled code explains, at most 1.
    public let scaled: Double
    /// The same of the bag.
    public let bag: Double
    /// The same of the positional code.
    public let positional: Double
    /// The directions e, `[symbols][width]`.
    public let directions: [[Float]]

    /// Fits the codes.
    ///
    /// - Parameters:
    ///   - rows: a state for each sequence, `[rows, width]`.
    ///   - sequences: the symbols of each sequence, counted from 0; all of one length.
    ///   - seed: draws the held-out rows.
    /// - Throws: ``EvidenceError`` `unusableInputs` for fewer than 40 rows, sequences of one place or of different lengths, fewer
    ///   than two symbols, or numbers that are not finite.
    public init(_ rows: Tensor, sequences: [[Int]], seed: UInt64 = 0) throws {
        let places = sequences.first?.count ?? 0
        let symbols = (sequences.joined().max() ?? -1) + 1
        guard rows.shape.rank == 2, rows.rowCount == sequences.count, rows.rowCount >= 40, places >= 2,
            symbols >= 2, sequences.allSatisfy({ $0.count == places && $0.allSatisfy { $0 >= 0 } }),
            rows.elements.allSatisfy(\.isFinite)
        else {
            throw EvidenceError(
                .unusableInputs,
                "a magnitude code needs 40 finite rows or more, with sequences of one length from 2 and two symbols or more; there "
                    + "are \(sequences.count) sequences of \(places) places and \(symbols) symbols for \(rows.shape)"
            )
        }
        var generator = SeededGenerator(seed: seed, stream: 97)
        let order = generator.shuffled(0..<rows.rowCount)
        let split = SequenceFit(
            rows, sequences, training: Array(order.dropFirst(order.count / 4)),
            tested: Array(order.prefix(order.count / 4)), symbols: symbols, places: places)
        func loss(_ factor: Double) throws -> Double {
            try split.fit(columns: symbols) { ($1, pow(factor, Double($0))) }.trainingLoss
        }
        // One valley between the neighbours of the best point of a grid.
        let grid = (0...30).map { exp(-1.5 + 0.1 * Double($0)) }
        let losses = try grid.map(loss)
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        var (low, high) = (grid[max(0, best - 1)], grid[min(grid.count - 1, best + 1)])
        for _ in 0..<30 {
            let (left, right) = (low + (high - low) * 0.382, low + (high - low) * 0.618)
            if try loss(left) <= loss(right) { high = right } else { low = left }
        }
        let factor = (low + high) / 2
        let own = try split.fit(columns: symbols) { ($1, pow(factor, Double($0))) }
        self.factor = factor
        scaled = own.explained
        bag = try split.fit(columns: symbols) { ($1, 1) }.explained
        positional = try split.fit(columns: symbols * places) { ($0 * symbols + $1, 1) }.explained
        directions = own.directions.map { $0.map(Float.init) }
        kind =
            if max(scaled, positional) < 0.1 {
                .nothing
            } else if scaled < 0.95 * positional {
                .positional
            } else if 1 - scaled > 0.8 * (1 - bag) {
                .bag
            } else {
                .scaled
            }
    }

    /// What to add to a state to put one symbol in the place of another: `γ^place (e_new - e_old)`, `[width]`.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption` for a symbol there is not, or a place below 0.
    public func edit(from old: Int, to new: Int, place: Int) throws -> [Float] {
        guard directions.indices.contains(old), directions.indices.contains(new), place >= 0 else {
            throw EvidenceError(
                .invalidOption,
                "symbols go from 0 to \(directions.count - 1) and places from 0, not \(old), \(new) and \(place)"
            )
        }
        let size = Float(pow(factor, Double(place)))
        return zip(directions[new], directions[old]).map { size * ($0 - $1) }
    }
}

/// Ridge regressions of states on what their sequences hold.
private struct SequenceFit {
    struct Result {
        let directions: [[Double]]
        let trainingLoss: Double
        /// The part of the held-out variance explained.
        let explained: Double
    }

    private let values: [Double]
    private let width: Int
    private let sequences: [[Int]]
    private let training: [Int]
    private let tested: [Int]

    init(
        _ rows: Tensor, _ sequences: [[Int]], training: [Int], tested: [Int], symbols: Int, places: Int
    ) {
        width = rows.width
        self.sequences = sequences
        self.training = training
        self.tested = tested
        let mean = Numbers.mean(of: training, in: rows)
        let width = width
        values = rows.elements.enumerated().map { Double($1) - mean[$0 % width] }
    }

    /// Fits with so many columns; `entry` gives the column and the entry of a symbol at a place.
    func fit(columns: Int, _ entry: (_ place: Int, _ symbol: Int) -> (column: Int, value: Double)) throws
        -> Result
    {
        var design = [Double](repeating: 0, count: sequences.count * columns)
        for (row, sequence) in sequences.enumerated() {
            for (place, symbol) in sequence.enumerated() {
                let (column, value) = entry(place, symbol)
                design[row * columns + column] += value
            }
        }
        var means = [Double](repeating: 0, count: columns)
        for row in training {
            for c in 0..<columns { means[c] += design[row * columns + c] / Double(training.count) }
        }
        for row in sequences.indices { for c in 0..<columns { design[row * columns + c] -= means[c] } }
        var matrix = [Double](repeating: 0, count: columns * columns)
        var right = [[Double]](repeating: [Double](repeating: 0, count: columns), count: width)
        for row in training {
            for a in 0..<columns where design[row * columns + a] != 0 {
                let value = design[row * columns + a]
                for b in 0..<columns { matrix[a * columns + b] += value * design[row * columns + b] }
                for j in 0..<width { right[j][a] += value * values[row * width + j] }
            }
        }
        let trace = (0..<columns).reduce(0) { $0 + matrix[$1 * columns + $1] }
        // The columns of a place add up to a constant, so that the system is singular without a ridge.
        for c in 0..<columns { matrix[c * columns + c] += 1e-6 * max(trace / Double(columns), 1e-30) }
        let solutions = try right.map { try PositiveDefinite.solve(matrix, $0) }
        func loss(_ rows: [Int]) -> (rest: Double, all: Double) {
            var (rest, all) = (0.0, 0.0)
            for row in rows {
                for j in 0..<width {
                    var value = values[row * width + j]
                    all += value * value
                    for c in 0..<columns { value -= solutions[j][c] * design[row * columns + c] }
                    rest += value * value
                }
            }
            return (rest, all)
        }
        let held = loss(tested)
        return Result(
            directions: (0..<columns).map { c in solutions.map { $0[c] } }, trainingLoss: loss(training).rest,
            explained: 1 - held.rest / max(held.all, 1e-30))
    }
}
