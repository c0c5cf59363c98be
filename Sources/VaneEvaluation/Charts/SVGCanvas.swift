import Foundation

/// Puts together a drawing in Scalable Vector Graphics.
struct SVGCanvas {
    let width: Double
    let height: Double
    private var elements: [String] = []

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    enum Anchor: String { case start, middle, end }

    /// Text; `angle` turns it about its anchor, in degrees.
    mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, size: Double = 12, angle: Double = 0,
        isBold: Bool = false, color: String = "currentColor"
    ) {
        let turn = angle == 0 ? "" : " transform=\"rotate(\(Self.number(angle)) \(Self.at(x, y)))\""
        elements.append(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" fill=\"\(color)\" "
                + "text-anchor=\"\(anchor.rawValue)\"\(isBold ? " font-weight=\"bold\"" : "")\(turn)>"
                + "\(Self.escape(text))</text>")
    }

    /// A straight line.
    mutating func line(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), color: String = "currentColor",
        width: Double = 1, opacity: Double = 1
    ) {
        elements.append(
            "<path d=\"M\(Self.at(from.x, from.y))L\(Self.at(to.x, to.y))\" stroke=\"\(color)\" "
                + "stroke-width=\"\(Self.number(width))\" stroke-opacity=\"\(Self.number(opacity))\" fill=\"none\"/>"
        )
    }

    /// Lines through points.
    mutating func path(_ points: [(x: Double, y: Double)], color: String, isDashed: Bool) {
        let way = points.enumerated().map { "\($0 == 0 ? "M" : "L")\(Self.at($1.x, $1.y))" }.joined()
        elements.append(
            "<path d=\"\(way)\" stroke=\"\(color)\" stroke-width=\"2\" fill=\"none\""
                + "\(isDashed ? " stroke-dasharray=\"5 4\"" : "")/>")
    }

    /// A filled area inside points.
    mutating func area(_ points: [(x: Double, y: Double)], color: String, opacity: Double) {
        let way = points.enumerated().map { "\($0 == 0 ? "M" : "L")\(Self.at($1.x, $1.y))" }.joined()
        elements.append("<path d=\"\(way)Z\" fill=\"\(color)\" fill-opacity=\"\(Self.number(opacity))\"/>")
    }

    /// A filled rectangle; browsers show `tip` when pointed at.
    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, color: String, tip: String? = nil
    ) {
        let title = tip.map { "<title>\(Self.escape($0))</title>" } ?? ""
        elements.append(
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
                + "height=\"\(Self.number(height))\" fill=\"\(color)\">\(title)</rect>")
    }

    /// A filled disc; browsers show `tip` when pointed at.
    mutating func dot(x: Double, y: Double, radius: Double, color: String, tip: String? = nil) {
        let title = tip.map { "<title>\(Self.escape($0))</title>" } ?? ""
        elements.append(
            "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\" "
                + "fill=\"\(color)\">\(title)</circle>")
    }

    /// The drawing as a text of its own.
    var svg: String {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\" "
            + "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" font-family=\"system-ui, sans-serif\">\n"
            + elements.joined(separator: "\n") + "\n</svg>\n"
    }

    /// `text` with what XML gives a meaning to escaped, and without characters that XML forbids.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "⏎"
            case "\t": result += " "
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): result += "\u{FFFD}"
            case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// At most two decimals.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func at(_ x: Double, _ y: Double) -> String { "\(number(x)) \(number(y))" }
}
