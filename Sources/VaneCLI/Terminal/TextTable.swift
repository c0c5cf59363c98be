import Foundation

/// A table of plain text with aligned columns; numbers stand to the right, words to the left.
struct TextTable {
    private var rows: [[String]]
    private let words: Set<Int>

    /// - Parameter words: the columns that hold words.
    init(_ header: [String], words: Set<Int> = [0]) {
        rows = [header]
        self.words = words
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// The lines, the header first.
    var lines: [String] {
        let columns = rows[0].count
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                guard words.contains(column) else { return padding + cell }
                return column == columns - 1 ? cell : cell + padding
            }.joined(separator: "  ")
        }
    }
}

extension Double {
    /// With `digits` digits after the point; a dash for NaN.
    func text(_ digits: Int) -> String { isNaN ? "–" : String(format: "%.\(digits)f", self) }
}
