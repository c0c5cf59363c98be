import Vane

extension HTMLPage {
    /// Adds a report as the terminal shows it: tables in fixed width, long sentences as paragraphs that wrap.
    mutating func add(report: String) {
        var table: [Substring] = []
        func isSentence(_ line: Substring) -> Bool { line.count > 110 && !line.contains("  ") }
        for line in report.split(separator: "\n", omittingEmptySubsequences: false) {
            guard isSentence(line) else {
                table.append(line)
                continue
            }
            flush(&table)
            add(paragraph: String(line))
        }
        flush(&table)
    }

    private mutating func flush(_ table: inout [Substring]) {
        while table.first?.isEmpty == true { table.removeFirst() }
        while table.last?.isEmpty == true { table.removeLast() }
        if !table.isEmpty { add(preformatted: table.joined(separator: "\n")) }
        table = []
    }
}
