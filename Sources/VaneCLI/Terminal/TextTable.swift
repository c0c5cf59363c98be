import Foundation

/// A table of plain text with aligned columns; numbers stand to the right.
struct TextTable {
    private var rows: [[String]]

    init(_ header: [String]) { rows = [header] }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// The lines, the header first.
    var lines: [String] {
        let columns = rows[0].count
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ")
        }
    }
}

extension Double {
    /// With `digits` digits after the point; a dash for NaN.
    func text(_ digits: Int) -> String { isNaN ? "–" : String(format: "%.\(digits)f", self) }
}
