/// Colours that people with any common colour vision can tell apart.
enum ChartColors {
    /// Lines and classes, in order; the palette of Okabe and Ito (2008) without black and yellow, then purple and grey.
    static let series = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#6a3d9a", "#6e6e6e",
    ]

    /// From blue (-1) over white (0) to orange (1).
    static func diverging(_ value: Double) -> String {
        let part = min(1, max(-1, value.isFinite ? value : 0))
        return mix(part < 0 ? (0x21, 0x66, 0xac) : (0xd9, 0x5f, 0x02), part: abs(part))
    }

    /// From white (0) to blue (1).
    static func sequential(_ value: Double) -> String {
        mix((0x08, 0x51, 0x9c), part: min(1, max(0, value.isFinite ? value : 0)))
    }

    /// Whether dark text would be hard to read on ``diverging(_:)`` or ``sequential(_:)`` of a value.
    static func needsLightText(_ value: Double) -> Bool { abs(value) > 0.6 }

    private static func mix(_ color: (Int, Int, Int), part: Double) -> String {
        func channel(_ value: Int) -> String {
            let mixed = Int((255 + (Double(value) - 255) * part).rounded())
            let text = String(mixed, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return "#" + channel(color.0) + channel(color.1) + channel(color.2)
    }
}
