/// Points in a plane, such as texts in a two-dimensional projection.
public struct ScatterChart: Sendable {
    /// A point.
    public struct Point: Sendable, Hashable {
        /// The coordinate to the right.
        public let x: Double
        /// The coordinate upwards.
        public let y: Double
        /// The class, which has a colour.
        public let group: Int
        /// What is shown when it is pointed at.
        public let label: String

        /// A point of a class.
        public init(x: Double, y: Double, group: Int, label: String = "") {
            self.x = x
            self.y = y
            self.group = group
            self.label = label
        }
    }

    /// What stands above.
    public let title: String
    /// What the axes are, across and up.
    public let axes: (across: String, up: String)
    /// The names of the classes.
    public let groups: [String]
    /// The points; those with coordinates that are not finite are left out.
    public let points: [Point]

    /// A chart.
    public init(_ title: String, axes: (across: String, up: String), groups: [String], points: [Point]) {
        self.title = title
        self.axes = axes
        self.groups = groups
        self.points = points
    }

    /// The chart as SVG.
    public var svg: String {
        let shown = points.filter { $0.x.isFinite && $0.y.isFinite }
        let (left, top, size) = (64.0, 40.0, 360.0)
        let legend = 40 + Double(groups.map(\.count).max() ?? 0) * 7.2
        var canvas = SVGCanvas(width: left + size + legend + 12, height: top + size + 48)
        func range(_ values: [Double]) -> (low: Double, span: Double) {
            let low = values.min() ?? 0
            let span = (values.max() ?? 1) - low
            return span > 0 ? (low - span * 0.05, span * 1.1) : (low - 0.5, 1)
        }
        let (across, up) = (range(shown.map(\.x)), range(shown.map(\.y)))
        canvas.text(title, x: left, y: 22, size: 15, isBold: true)
        canvas.line((left, top + size), (left + size, top + size), opacity: 0.5)
        canvas.line((left, top), (left, top + size), opacity: 0.5)
        canvas.text(axes.across, x: left + size / 2, y: top + size + 34, anchor: .middle)
        canvas.text(axes.up, x: 16, y: top + size / 2, anchor: .middle, angle: -90)
        for part in [0.0, 0.5, 1] {
            canvas.text(
                LineChart.label(across.low + part * across.span), x: left + part * size, y: top + size + 16,
                anchor: .middle, size: 11)
            canvas.text(
                LineChart.label(up.low + part * up.span), x: left - 6, y: top + size * (1 - part) + 4,
                anchor: .end, size: 11)
        }
        for point in shown {
            canvas.dot(
                x: left + (point.x - across.low) / across.span * size,
                y: top + size - (point.y - up.low) / up.span * size, radius: 3.5,
                color: Self.color(point.group), tip: point.label)
        }
        for (number, name) in groups.enumerated() {
            let y = top + 8 + Double(number) * 20
            canvas.dot(x: left + size + 20, y: y, radius: 4, color: Self.color(number))
            canvas.text(name, x: left + size + 30, y: y + 4)
        }
        return canvas.svg
    }

    private static func color(_ group: Int) -> String {
        ChartColors.series[abs(group) % ChartColors.series.count]
    }
}
