import VaneConcepts
public import VaneTensors

/// Massive activations among states: entries that are huge beside all others, whatever the text (row 157, Sun et
/// al., arXiv 2402.17762).
///
/// An entry is massive when `|h| > minimum` and `|h| ≥ ratio · median |h|`, the median over all entries of all
/// states given. They sit in few coordinates and few positions and are nearly constant.
public struct MassiveEntries: Sendable, Hashable {
    /// What counts as massive.
    public struct Threshold: Sendable, Hashable {
        /// The least size, in units of the activations.
        public var minimum: Double
        /// The least multiple of the median size.
        public var ratio: Double

        /// The paper's thresholds by default; small networks need lower ones.
        public init(minimum: Double = 100, ratio: Double = 1000) {
            self.minimum = minimum
            self.ratio = ratio
        }
    }

    /// A coordinate that is massive somewhere.
    public struct Coordinate: Sendable, Hashable, Codable {
        /// The entry of the state.
        public let index: Int
        /// How many states have it massive.
        public let count: Int
        /// Its mean where it is massive.
        public let mean: Double
        /// Its standard deviation there, as a part of the mean's size.
        public let spread: Double
        /// The positions of those states in their texts and how many there are at each, the most frequent first.
        public let positions: [PositionCount]
    }

    /// A position with a count.
    public struct PositionCount: Sendable, Hashable, Codable {
        /// The position in a text, counted from 0.
        public let position: Int
        /// How many states.
        public let count: Int
    }

    /// The coordinates, the most frequent first.
    public let coordinates: [Coordinate]
    /// The median size of an entry.
    public let median: Double
    /// The largest size of an entry.
    public let largest: Double

    /// Looks for massive entries.
    ///
    /// - Parameters:
    ///   - states: `[rows, width]`.
    ///   - texts: the rows of each text, its first token first.
    ///   - threshold: what counts as massive.
    /// - Throws: ``EvidenceError`` `unusableInputs` without states or for rows outside them.
    public init(in states: Tensor, texts: [Range<Int>], over threshold: Threshold = Threshold()) throws {
        let count = states.shape.rank == 2 ? states.rowCount : 0
        guard count > 0, states.width > 0,
            texts.allSatisfy({ $0.lowerBound >= 0 && $0.upperBound <= count })
        else {
            throw EvidenceError(
                .unusableInputs,
                "massive activations are looked for in states [rows, width] and texts among them")
        }
        let width = states.width
        let values = states.elements
        median = Statistics.quantile(values.map { abs(Double($0)) }, 0.5)
        largest = values.reduce(0) { max($0, abs(Double($1))) }
        let bound = max(threshold.minimum, threshold.ratio * median)
        var found: [Int: [(value: Double, position: Int)]] = [:]
        for text in texts {
            for (position, row) in text.enumerated() {
                for j in 0..<width {
                    let value = Double(values[row * width + j])
                    if abs(value) > threshold.minimum, abs(value) >= bound {
                        found[j, default: []].append((value, position))
                    }
                }
            }
        }
        coordinates = found.map { index, entries in
            let mean = entries.reduce(0) { $0 + $1.value } / Double(entries.count)
            let variance =
                entries.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) } / Double(entries.count)
            let positions = Dictionary(entries.map { ($0.position, 1) }, uniquingKeysWith: +)
            return Coordinate(
                index: index, count: entries.count, mean: mean,
                spread: variance.squareRoot() / max(abs(mean), 1e-30),
                positions: positions.map { PositionCount(position: $0.key, count: $0.value) }
                    .sorted { ($1.count, $0.position) < ($0.count, $1.position) })
        }.sorted { ($1.count, $0.index) < ($0.count, $1.index) }
    }
}
