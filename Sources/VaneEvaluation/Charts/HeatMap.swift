import Foundation

/// Values of two ordered things, such as layers and tokens, as colours.
public struct HeatMap: Sendable {
    /// What stands above.
    public let title: String
    /// The names of the rows, the first on top.
    public let rows: [String]
    /// The names of the columns.
    public let columns: [String]
    /// `[rows][columns]`; NaN and missing ones stay grey.
    public let values: [[Double]]
    /// Words in the cells, such as the likeliest token; none if nil.
    public let words: [[String]]?

    /// A map. Negative values are blue, positive ones orange; without negative ones they go from white to blue.
    public init(
        _ title: String, rows: [String], columns: [String], values: [[Double]], words: [[String]]? = nil
    ) {
        self.title = title
        self.rows = rows
        self.columns = columns
        self.values = values
        self.words = words
    }

    /// The map as SVG.
    public var svg: String {
        let finite = values.joined().filter(\.isFinite)
        let largest = finite.map(abs).max() ?? 0
        let isDiverging = finite.contains { $0 < 0 }
        let left = 16 + Double(rows.map(\.count).max() ?? 0) * 7
        let cell = (width: words == nil ? 34.0 : 78.0, height: 24.0)
        let longest = columns.map(\.count).max() ?? 0
        let slanted = Double(longest) * 7 > cell.width
        let top = 40 + (slanted ? 12 + Double(min(longest, 24)) * 4.6 : 20)
        let width = left + cell.width * Double(columns.count) + 110
        var canvas = SVGCanvas(
            width: max(width, Double(title.count) * 8 + 24),
            height: max(top + cell.height * Double(rows.count) + 16, 150))
        canvas.text(title, x: 12, y: 22, size: 15, isBold: true)
        for (number, name) in columns.enumerated() {
            let x = left + (Double(number) + 0.5) * cell.width
            if slanted {
                canvas.text(name, x: x, y: top - 8, size: 10, angle: -40)
            } else {
                canvas.text(name, x: x, y: top - 8, anchor: .middle, size: 11)
            }
        }
        for (row, name) in rows.enumerated() {
            let y = top + Double(row) * cell.height
            canvas.text(name, x: left - 6, y: y + 16, anchor: .end, size: 11)
            for (column, label) in columns.enumerated() {
                let value = row < values.count && column < values[row].count ? values[row][column] : .nan
                let part = largest > 0 ? value / largest : 0
                let color =
                    value.isFinite
                    ? isDiverging ? ChartColors.diverging(part) : ChartColors.sequential(part) : "#cccccc"
                let x = left + Double(column) * cell.width
                let word = words.flatMap { row < $0.count && column < $0[row].count ? $0[row][column] : nil }
                canvas.rectangle(
                    x: x + 0.5, y: y + 0.5, width: cell.width - 1, height: cell.height - 1, color: color,
                    tip: "\(name), \(label): \(LineChart.label(value))\(word.map { " \($0)" } ?? "")")
                if let word {
                    let cut = word.count > 10 ? word.prefix(9) + "…" : word[...]
                    canvas.text(
                        String(cut), x: x + cell.width / 2, y: y + 16, anchor: .middle, size: 11,
                        color: value.isFinite && ChartColors.needsLightText(part) ? "#ffffff" : "#111111")
                }
            }
        }
        legend(&canvas, x: left + cell.width * Double(columns.count) + 16, y: top, largest, isDiverging)
        return canvas.svg
    }

    private func legend(
        _ canvas: inout SVGCanvas, x: Double, y: Double, _ largest: Double, _ isDiverging: Bool
    ) {
        for step in 0...4 {
            let part = isDiverging ? 1 - Double(step) / 2 : 1 - Double(step) / 4
            canvas.rectangle(
                x: x, y: y + Double(step) * 16, width: 16, height: 16,
                color: isDiverging ? ChartColors.diverging(part) : ChartColors.sequential(part))
            canvas.text(LineChart.label(part * largest), x: x + 22, y: y + Double(step) * 16 + 12, size: 11)
        }
    }
}
