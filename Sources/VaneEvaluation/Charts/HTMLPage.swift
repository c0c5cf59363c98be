/// A page of text, charts and tables that needs no other file.
public struct HTMLPage: Sendable {
    /// What the page is about.
    public let title: String
    private var parts: [String] = []

    /// An empty page.
    public init(_ title: String) { self.title = title }

    /// Adds a heading.
    public mutating func add(heading: String) { parts.append("<h2>\(SVGCanvas.escape(heading))</h2>") }

    /// Adds a paragraph.
    public mutating func add(paragraph: String) { parts.append("<p>\(SVGCanvas.escape(paragraph))</p>") }

    /// Adds text as it stands, in fixed width.
    public mutating func add(preformatted text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            SVGCanvas.escape(String($0))
        }
        parts.append("<pre>\(lines.joined(separator: "\n"))</pre>")
    }

    /// Adds a chart, as SVG that this module made.
    public mutating func add(svg: String) { parts.append("<figure>\(svg)</figure>") }

    /// Adds tokens coloured by their values: negative blue, positive orange, the largest magnitude fully.
    public mutating func add(tokens: [String], values: [Double], name: String) {
        let largest = values.filter(\.isFinite).map(abs).max() ?? 0
        let spans = zip(tokens, values).map { token, value in
            let part = largest > 0 && value.isFinite ? value / largest : 0
            let ink = ChartColors.needsLightText(part) ? "#fff" : "#111"
            return
                "<span style=\"background:\(ChartColors.diverging(part));color:\(ink)\" "
                + "title=\"\(SVGCanvas.escape("\(name) \(LineChart.label(value))"))\">\(SVGCanvas.escape(token))</span>"
        }
        parts.append("<p class=\"tokens\">\(spans.joined())</p>")
    }

    /// The page.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(SVGCanvas.escape(title))</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        figure { margin: 1rem 0; overflow-x: auto; }
        pre { overflow-x: auto; font-size: 0.8rem; }
        .tokens span { white-space: pre-wrap; padding: 0.1rem 0; }
        </style>
        </head>
        <body>
        <h1>\(SVGCanvas.escape(title))</h1>
        \(parts.joined(separator: "\n"))
        </body>
        </html>

        """
    }
}
