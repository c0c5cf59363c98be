import Vane

/// The shape of a feature at each site.
struct ShapeReport: Encodable, Sendable {
    struct Row: Encodable, Sendable {
        let site: Site
        let shape: FeatureShape?
        let code: MagnitudeCode?
        let pairs: LinearityReport?

        private enum CodingKeys: String, CodingKey {
            case site, kind, between, pValue, shares, round, separability, mixture, factor, scaled, bag,
                positional
            case pairs
        }

        /// Without points and directions, which are as long as the texts and the states.
        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(site, forKey: .site)
            try values.encodeIfPresent(shape?.kind.rawValue ?? code?.kind.rawValue, forKey: .kind)
            try values.encodeIfPresent(shape?.between, forKey: .between)
            try values.encodeIfPresent(shape?.pValue, forKey: .pValue)
            try values.encodeIfPresent(shape?.shares, forKey: .shares)
            try values.encodeIfPresent(shape?.round, forKey: .round)
            try values.encodeIfPresent(shape?.reducibility?.separability, forKey: .separability)
            try values.encodeIfPresent(shape?.reducibility?.mixture, forKey: .mixture)
            try values.encodeIfPresent(code?.factor, forKey: .factor)
            try values.encodeIfPresent(code?.scaled, forKey: .scaled)
            try values.encodeIfPresent(code?.bag, forKey: .bag)
            try values.encodeIfPresent(code?.positional, forKey: .positional)
            try values.encodeIfPresent(pairs, forKey: .pairs)
        }
    }

    let feature: String
    let groups: [String]
    let texts: Int
    let rows: [Row]
    /// The class of each text, for pictures.
    let labels: [Int]

    private enum CodingKeys: String, CodingKey { case feature, groups, texts, rows }

    /// Where the classes differ most.
    private var best: Row? { rows.max { ($0.shape?.between ?? 0) < ($1.shape?.between ?? 0) } }

    func text(_ terminal: Terminal) -> String {
        var lines = [
            "\(terminal.bold(terminal.safe(feature))): \(texts) texts in \(groups.count) classes", "",
        ]
        lines += table(terminal)
        lines.append("")
        if rows.contains(where: { $0.code != nil }) {
            lines.append(
                terminal.dim(
                    "explained: held-out variance explained by one direction a symbol whose size changes by a factor from place to place, by the same size everywhere, by a direction for each place"
                ))
            let scaled = rows.count { $0.code?.kind == .scaled }
            lines.append(
                scaled > 0
                    ? "No single direction, but a scaled (magnitude) code at \(scaled) of \(rows.count) sites: look there before you steer along one direction."
                    : "No magnitude code: sizes do not tell the places of these sequences.")
        } else {
            lines.append(
                terminal.dim(
                    "between: variance between the classes, of all, freed of noise; p: permuted labels; shares: of it along the first axes; round: classes in their order on a circle; S, M: whether the plane's points can be taken apart (S > 1 bit and M < 0.3: they cannot)"
                ))
            lines.append(verdict)
        }
        lines.append(
            "Geometry found is not computation shown: steer along it or ablate it to see what it does.")
        return lines.joined(separator: "\n")
    }

    private func table(_ terminal: Terminal) -> [String] {
        var table: TextTable
        if rows.contains(where: { $0.code != nil }) {
            table = TextTable(["site", "shape", "factor", "scaled", "bag", "by place"], words: [0, 1])
            for row in rows {
                guard let code = row.code else { continue }
                table.add([
                    row.site.description, code.kind.rawValue, code.factor.text(2), code.scaled.text(2),
                    code.bag.text(2), code.positional.text(2),
                ])
            }
        } else {
            let isPaired = rows.contains { $0.pairs != nil }
            table = TextTable(
                ["site", "shape", "between", "p", "shares", "round", "S", "M"]
                    + (isPaired ? ["pairs", "shuffled", "p"] : []), words: [0, 1])
            for row in rows {
                guard let shape = row.shape else { continue }
                let index = shape.reducibility
                table.add(
                    [
                        row.site.description, shape.kind.rawValue, shape.between.text(3),
                        shape.pValue.text(3),
                        shape.shares.prefix(3).map { $0.text(2) }.joined(separator: " "),
                        shape.round?.text(2) ?? "–", index?.separability.text(2) ?? "–",
                        index?.mixture.text(2) ?? "–",
                    ]
                        + (row.pairs.map { [$0.within.text(2), $0.shuffled.text(2), $0.pValue.text(3)] }
                            ?? (isPaired ? ["–", "–", "–"] : [])))
            }
        }
        var lines = table.lines
        if !lines.isEmpty { lines[0] = terminal.bold(lines[0]) }
        return lines
    }

    private var verdict: String {
        guard let best, let shape = best.shape else { return "" }
        let place =
            "most at \(best.site), where it has \((100 * max(0, shape.between)).text(1)) % of the variance"
        switch shape.kind {
        case .nothing: return "Nothing: the classes differ no more than permuted labels do."
        case .direction:
            return groups.count == 2
                ? "One direction (two classes always have one), \(place)."
                : "One direction, \(place): the classes lie along a line."
        case .circle: return "A circle in the order of the classes, \(place): no single direction tells them."
        case .mixture: return "A mixture, \(place): off one axis most texts do not move."
        case .subspace:
            let circle =
                shape.round == nil
                ? "fewer than five classes cannot show a circle" : "they are on no circle in this order"
            return
                "A subspace of more than one dimension, \(place): no single direction tells the classes, and \(circle)."
        }
    }

    var chart: LineChart {
        func line(_ name: String, _ value: (Row) -> Double?, isControl: Bool = false) -> LineChart.Series {
            LineChart.Series(name, rows.map { LineChart.Point(value($0) ?? .nan) }, isControl: isControl)
        }
        let series =
            rows.contains { $0.code != nil }
            ? [
                line("scaled") { $0.code?.scaled }, line("bag") { $0.code?.bag },
                line("by place") { $0.code?.positional },
            ]
            : [
                line("between classes") { $0.shape?.between },
                line("first axis' share") { $0.shape?.shares.first },
                line("round") { $0.shape?.round },
            ]
        return LineChart(
            "The shape of \(feature)", places: rows.map(\.site.shortName), axis: "part", series: series)
    }

    func page() -> HTMLPage {
        var page = HTMLPage("The shape of \(feature)")
        page.add(svg: chart.svg)
        if let best, let shape = best.shape {
            page.add(
                svg: ScatterChart(
                    "Texts at \(best.site)", axes: ("first axis", "second axis"), groups: groups,
                    points: zip(shape.points, labels).map {
                        ScatterChart.Point(x: $0[0], y: $0[1], group: $1, label: groups[$1])
                    }
                ).svg)
        }
        page.add(heading: "In numbers")
        page.add(report: text(Terminal(.never)))
        return page
    }
}
