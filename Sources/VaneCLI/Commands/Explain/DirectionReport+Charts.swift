import Vane

extension DirectionReport {
    /// The tokens of each kind, the strongest first, coloured by their scores within the kind.
    var map: HeatMap {
        let kinds: [(name: String, tokens: [NamedToken], sign: Double)] = [
            ("writes", raises, 1), ("takes away", lowers, -1), ("added, says more", says, 1),
            ("added, says less", saysLess, -1), ("reversed, says more", reversedSays, 1),
            ("all in all", tokens, 1),
        ]
        let count = kinds.map(\.tokens.count).max() ?? 0
        return HeatMap(
            "Tokens of \(name), each row by its largest score", rows: kinds.map(\.name),
            columns: (0..<count).map { "\($0 + 1)" },
            values: kinds.map { kind in
                let largest = kind.tokens.map { abs($0.score) }.max() ?? 0
                return kind.tokens.map { largest > 0 ? kind.sign * abs($0.score) / largest : 0 }
            }, words: kinds.map { $0.tokens.map(\.text) })
    }

    /// How well a concept's sites read it.
    private var sites: LineChart? {
        guard layers.count > 1 else { return nil }
        return LineChart(
            "How well each site tells it", places: layers.map(\.site.shortName),
            axis: "AUROC, held-out texts",
            series: [LineChart.Series(name, layers.map { LineChart.Point($0.auroc) })], range: 0...1,
            mark: 0.5)
    }

    /// Everything, with the tokens as a map.
    func page() -> HTMLPage {
        var page = HTMLPage("\(name) at \(site)")
        page.add(svg: map.svg)
        if let sites { page.add(svg: sites.svg) }
        page.add(report: text(Terminal(.never)))
        return page
    }
}
