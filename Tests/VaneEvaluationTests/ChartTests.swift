import Foundation
import Testing
import VaneEvaluation

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("Charts and pages")
struct ChartTests {
    private static let hostile = "<b>&\"'\n\u{0}\u{1B}[31m\u{FFFF}]]></script> 🙂"

    /// The elements of a well-formed text; nil for any other.
    private final class Elements: NSObject, XMLParserDelegate {
        private(set) var found: [(name: String, attributes: [String: String])] = []
        private(set) var words = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) { found.append((name, attributes)) }

        func parser(_ parser: XMLParser, foundCharacters string: String) { words += string }
    }

    private func elements(_ xml: String) throws -> Elements {
        let elements = Elements()
        let parser = XMLParser(data: Data(xml.utf8))
        parser.delegate = elements
        try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") in \(xml.prefix(400))")
        return elements
    }

    private var line: LineChart {
        LineChart(
            "held out", places: ["0", "1", "2", "3"], axis: "accuracy",
            series: [
                LineChart.Series(
                    "concept",
                    [
                        LineChart.Point(0.5, low: 0.4, high: 0.6), LineChart.Point(1, low: 0.9, high: 1),
                        LineChart.Point(.nan), LineChart.Point(0),
                    ]), LineChart.Series("shuffled", [LineChart.Point(0.5)], isControl: true),
            ], range: 0...1, mark: 0.5)
    }

    @Test("a line stands as high as its values, and a gap stays a gap")
    func lineChart() throws {
        let parsed = try elements(line.svg)
        let dots = parsed.found.filter { $0.name == "circle" }
        let heights = dots.compactMap { $0.attributes["cy"].flatMap(Double.init) }
        // The plot is 240 high and begins at 40; the missing value has no dot.
        #expect(heights == [160, 40, 280, 160])
        #expect(parsed.words.contains("concept, 0: 0.50 [0.40, 0.60]"))
        #expect(parsed.found.contains { $0.attributes["stroke-dasharray"] != nil })
    }

    @Test("a map has a cell a value, and says what it shows")
    func heatMap() throws {
        let map = HeatMap(
            "lens", rows: ["a", "b"], columns: ["x", "y", "z"], values: [[1, -2, 0], [.nan, 2]],
            words: [["one", "two", "three"], ["four", "five", "six"]])
        let parsed = try elements(map.svg)
        let colors = parsed.found.filter { $0.name == "rect" }.compactMap { $0.attributes["fill"] }
        #expect(colors.count == 6 + 5)
        #expect(colors[1] == "#2166ac" && colors[2] == "#ffffff" && colors[3] == "#cccccc")
        #expect(colors[4] == "#d95f02" && colors[5] == "#cccccc")
        #expect(parsed.words.contains("a, y: -2.00 two"))
        // Without negative values, from white to blue.
        let positive = HeatMap("p", rows: ["a"], columns: ["x", "y"], values: [[0, 3]])
        #expect(positive.svg.contains("#08519c"))
    }

    @Test("points stand where they should, the others are left out")
    func scatter() throws {
        let chart = ScatterChart(
            "plane", axes: ("across", "up"), groups: ["with", "without"],
            points: [
                ScatterChart.Point(x: 0, y: 0, group: 0, label: "low"),
                ScatterChart.Point(x: 2, y: 4, group: 1, label: "high"),
                ScatterChart.Point(x: .nan, y: 1, group: 1),
            ])
        let dots = try elements(chart.svg).found.filter { $0.name == "circle" }
        #expect(dots.count == 2 + 2)
        let places = dots.prefix(2).compactMap { dot in
            dot.attributes["cx"].flatMap(Double.init).map { x in (x, dot.attributes["cy"] ?? "") }
        }
        #expect(places.count == 2 && places[0].0 < places[1].0)
    }

    @Test("hostile names stay text, everywhere; empty charts are charts")
    func hostile() throws {
        let text = Self.hostile
        let charts = [
            LineChart(
                text, places: [text], axis: text, series: [LineChart.Series(text, [LineChart.Point(1)])]
            )
            .svg,
            HeatMap(text, rows: [text], columns: [text], values: [[1]], words: [[text]]).svg,
            ScatterChart(
                text, axes: (text, text), groups: [text],
                points: [ScatterChart.Point(x: 1, y: 1, group: 0, label: text)]
            ).svg, LineChart("", places: [], axis: "", series: []).svg,
            HeatMap("", rows: [], columns: [], values: []).svg,
            ScatterChart("", axes: ("", ""), groups: [], points: []).svg,
        ]
        for chart in charts {
            let names = Set(try elements(chart).found.map(\.name))
            #expect(names.isSubset(of: ["svg", "text", "path", "rect", "circle", "title"]))
        }
        var page = HTMLPage(text)
        page.add(heading: text)
        page.add(paragraph: text)
        page.add(preformatted: text)
        page.add(tokens: [text, "b"], values: [1, .nan], name: text)
        page.add(svg: charts[0])
        let html = page.html
        #expect(!html.contains("<b>") && !html.contains("</script>") && !html.contains("\u{1B}"))
        // But for the document type and two tags without an end it is XML.
        let body = try #require(html.range(of: "<body>"))
        let xml = html[body.lowerBound...].replacing("</html>", with: "")
        let names = Set(try elements(String(xml)).found.map(\.name))
        #expect(names.contains("figure") && !names.contains("b") && !names.contains("script"))
    }
}
