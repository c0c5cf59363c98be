import Foundation

/// A table in Markdown with aligned columns, so that it reads well in a terminal too.
struct MarkdownTable {
    private var rows: [[String]]
    private let words: Int

    /// - Parameter words: how many columns at the left hold words; the others are set to the right.
    init(_ header: [String], words: Int = 1) {
        rows = [header]
        self.words = words
    }

    mutating func add(_ row: [String]) {
        rows.append(
            row.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") })
    }

    var text: String {
        let widths = rows[0].indices.map { column in
            max(3, rows.map { $0[column].count }.max() ?? 0)
        }
        func line(_ row: [String]) -> String {
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column < words ? cell + padding : padding + cell
            }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        let rule = widths.enumerated().map { column, width in
            column < words
                ? String(repeating: "-", count: width) : String(repeating: "-", count: width - 1) + ":"
        }
        return ([line(rows[0]), "| " + rule.joined(separator: " | ") + " |"] + rows.dropFirst().map(line))
            .joined(separator: "\n")
    }
}

extension Double {
    /// So many digits after the point; a dash for what is no number.
    func fixed(_ digits: Int) -> String { isFinite ? String(format: "%.\(digits)f", self) : "–" }
}
