import Foundation
import VaneConcepts

/// `exp(-‖a - b‖² / 2h²)` over rows of one length, `h` the median distance of the first rows.
///
/// The width is set again whenever the number of rows has doubled, from rows that were seen by then, so that
/// a bet never depends on the row it is about.
struct GaussianKernel {
    private(set) var values: [Double] = []
    let length: Int
    private(set) var count = 0
    private var factor = 0.5
    private var nextUpdate = 4

    init(length: Int) { self.length = length }

    mutating func append(_ row: [Double]) {
        values += row
        count += 1
        guard count == nextUpdate, count <= 256 else { return }
        nextUpdate *= 2
        let rows = min(count, 64)
        var distances: [Double] = []
        for i in 0..<rows { for j in 0..<i { distances.append(square(i, at(j))) } }
        let median = Statistics.quantile(distances, 0.5)
        let positive = median > 0 ? median : distances.reduce(0, +) / Double(max(distances.count, 1))
        if positive > 0 { factor = 0.5 / positive }
    }

    /// The kernel of `row` with each row so far.
    func similarities(_ row: [Double]) -> [Double] {
        (0..<count).map { exp(-factor * square($0, row)) }
    }

    private func at(_ index: Int) -> [Double] { Array(values[index * length..<(index + 1) * length]) }

    private func square(_ index: Int, _ row: [Double]) -> Double {
        var sum = 0.0
        for j in 0..<length {
            let difference = values[index * length + j] - row[j]
            sum += difference * difference
        }
        return sum
    }
}
