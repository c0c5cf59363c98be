import Foundation

/// What the terminal can show.
struct Terminal {
    /// Whether text may be coloured.
    let hasColor: Bool
    /// Columns to fill.
    let width: Int
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    init(_ choice: ColorChoice) {
        let environment = ProcessInfo.processInfo.environment
        switch choice {
        case .always: hasColor = true
        case .never: hasColor = false
        case .auto:
            hasColor =
                isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
                && environment["TERM"] != "dumb"
        }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let columns = isKnown ? Int(size.ws_col) : Int(environment["COLUMNS"] ?? "") ?? 100
        width = min(max(columns, 40), 200)
    }

    /// Text from a model or a file, without control characters that could command a terminal. A file or a
    /// pipe gets the text as it is.
    func safe(_ text: String) -> String {
        guard isTerminal else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
                }))
    }

    func bold(_ text: String) -> String { styled(text, "1") }
    func dim(_ text: String) -> String { styled(text, "2") }

    /// Text on a background from blue (0) over grey (0.5) to orange (1).
    func heat(_ text: String, _ value: Double) -> String {
        let shades = [25, 31, 67, 103, 245, 247, 180, 179, 215, 208, 202]
        let index = value.isNaN ? 5 : min(max(Int((value * 10).rounded()), 0), 10)
        return styled(text, "38;5;16;48;5;\(shades[index])")
    }

    private func styled(_ text: String, _ code: String) -> String {
        hasColor && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
