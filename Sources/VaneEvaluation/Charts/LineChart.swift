import Foundation

/// Lines with intervals over ordered places, such as accuracy over the layers.
public struct LineChart: Sendable {
    /// A value at a place; NaN leaves a gap.
    public struct Point: Sendable, Hashable {
        /// The value.
        public let value: Double
        /// The lower end of its interval; none if nil.
        public let low: Double?
        /// The upper end of its interval; none if nil.
        public let high: Double?

        /// A value with or without an interval.
        public init(_ value: Double, low: Double? = nil, high: Double? = nil) {
            self.value = value
            self.low = low
            self.high = high
        }
    }

    /// One line.
    public struct Series: Sendable {
        /// What the legend calls it.
        public let name: String
        /// One point a place, from the first place on.
        public let points: [Point]
        /// Whether it is a control, which is dashed.
        public let isControl: Bool

        /// A line.
        public init(_ name: String, _ points: [Point], isControl: Bool = false) {
            self.name = name
            self.points = points
            self.isControl = isControl
        }
    }

    /// What stands above.
    public let title: String
    /// The names of the places.
    public let places: [String]
    /// What the values are.
    public let axis: String
    /// The lines.
    public let series: [Series]
    /// The least and the largest value of the axis; from the values if nil.
    public let range: ClosedRange<Double>?
    /// A value marked by a line of its own, such as chance; none if nil.
    public let mark: Double?

    /// A chart.
    public init(
        _ title: String, places: [String], axis: String, series: [Series], range: ClosedRange<Double>? = nil,
        mark: Double? = nil
    ) {
        self.title = title
        self.places = places
        self.axis = axis
        self.series = series
        self.range = range
        self.mark = mark
    }

    /// The chart as SVG.
    public var svg: String {
        let step = min(70, max(18, 560 / Double(max(places.count, 1))))
        let plot = (left: 64.0, top: 40.0, width: step * Double(max(places.count, 1)), height: 240.0)
        let longest = places.map(\.count).max() ?? 0
        let slanted = Double(longest) * 7 > step - 6
        let below = slanted ? 20 + Double(min(longest, 24)) * 4.6 : 28
        let legendWidth = 24 + Double(series.map(\.name.count).max() ?? 0) * 7.2
        var canvas = SVGCanvas(
            width: max(plot.left + plot.width + legendWidth + 12, Double(title.count) * 8 + 24),
            height: plot.top + plot.height + below + 12)
        let bounds = bounds
        func x(_ place: Int) -> Double { plot.left + (Double(place) + 0.5) * step }
        func y(_ value: Double) -> Double {
            let part = (value - bounds.lowerBound) / (bounds.upperBound - bounds.lowerBound)
            return plot.top + plot.height * (1 - min(1, max(0, part)))
        }
        canvas.text(title, x: plot.left, y: 22, size: 15, isBold: true)
        canvas.text(axis, x: 16, y: plot.top + plot.height / 2, anchor: .middle, angle: -90)
        for tick in 0...4 {
            let value = bounds.lowerBound + Double(tick) / 4 * (bounds.upperBound - bounds.lowerBound)
            canvas.line((plot.left, y(value)), (plot.left + plot.width, y(value)), opacity: 0.15)
            canvas.text(Self.label(value), x: plot.left - 6, y: y(value) + 4, anchor: .end, size: 11)
        }
        if let mark, bounds.contains(mark) {
            canvas.line((plot.left, y(mark)), (plot.left + plot.width, y(mark)), opacity: 0.6)
        }
        for (number, place) in places.enumerated() {
            if slanted {
                canvas.text(
                    place, x: x(number) + 4, y: plot.top + plot.height + 16, anchor: .end, size: 10,
                    angle: -40)
            } else {
                canvas.text(place, x: x(number), y: plot.top + plot.height + 18, anchor: .middle, size: 11)
            }
        }
        for (number, line) in series.enumerated() {
            let color = ChartColors.series[number % ChartColors.series.count]
            draw(line, color, &canvas, x, y)
            let top = plot.top + 8 + Double(number) * 20
            let start = plot.left + plot.width + 12
            canvas.path([(start, top), (start + 16, top)], color: color, isDashed: line.isControl)
            canvas.text(line.name, x: start + 22, y: top + 4)
        }
        return canvas.svg
    }

    private func draw(
        _ line: Series, _ color: String, _ canvas: inout SVGCanvas, _ x: (Int) -> Double,
        _ y: (Double) -> Double
    ) {
        let known = line.points.prefix(places.count).enumerated().filter { $0.element.value.isFinite }
        for run in Self.runs(known.map(\.offset)) {
            let points = run.map { ($0, line.points[$0]) }
            let banded = points.filter { $0.1.low != nil && $0.1.high != nil }
            let upper = banded.map { (x($0.0), y($0.1.high ?? $0.1.value)) }
            let lower = banded.map { (x($0.0), y($0.1.low ?? $0.1.value)) }
            if banded.count > 1 { canvas.area(upper + lower.reversed(), color: color, opacity: 0.18) }
            if points.count > 1 {
                canvas.path(
                    points.map { (x($0.0), y($0.1.value)) }, color: color, isDashed: line.isControl)
            }
            for (place, point) in points {
                let interval =
                    point.low.flatMap { low in
                        point.high.map { " [\(Self.label(low)), \(Self.label($0))]" }
                    } ?? ""
                canvas.dot(
                    x: x(place), y: y(point.value), radius: 3.5, color: color,
                    tip: "\(line.name), \(places[place]): \(Self.label(point.value))\(interval)")
            }
        }
    }

    /// Consecutive numbers, apart from the next ones.
    private static func runs(_ numbers: [Int]) -> [[Int]] {
        numbers.reduce(into: []) { runs, number in
            if let last = runs.last?.last, last + 1 == number {
                runs[runs.count - 1].append(number)
            } else {
                runs.append([number])
            }
        }
    }

    private var bounds: ClosedRange<Double> {
        if let range, range.upperBound > range.lowerBound { return range }
        let values = series.flatMap(\.points).flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }
            .filter(\.isFinite)
        let low = values.min() ?? 0
        let high = values.max() ?? 1
        let margin = high > low ? (high - low) * 0.08 : max(abs(high) * 0.1, 0.5)
        // Where nothing is below 0 the axis ends there.
        return (low >= 0 ? max(0, low - margin) : low - margin)...high + margin
    }

    static func label(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let size = abs(value)
        return size >= 1000 || (size < 0.01 && size > 0)
            ? String(format: "%.1e", value) : String(format: size < 10 ? "%.2f" : "%.0f", value)
    }
}
