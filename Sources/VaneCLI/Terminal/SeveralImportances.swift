import Vane

/// Tests of several concepts, corrected together.
struct SeveralImportances: Encodable {
    let concepts: [ImportanceReport]

    /// Concepts in the order of their largest effects in units of what chance reaches, certain ones first.
    private var ranked: [ImportanceReport] {
        func rank(_ report: ImportanceReport) -> (Double, Double) {
            let best = report.test.sites.max { Self.ratio($0) < Self.ratio($1) }
            return (best?.qValue ?? 1, -(best.map(Self.ratio) ?? 0))
        }
        return concepts.sorted { rank($0) < rank($1) }
    }

    private static func ratio(_ site: TCAV.Site) -> Double {
        abs(site.effect) / max(site.nullEffect, .leastNormalMagnitude)
    }

    /// One sentence.
    var verdict: String {
        let certain = ranked.filter { !$0.test.significant.isEmpty }.map { "'\($0.concept)'" }
        let words = concepts.first?.objective ?? ""
        return certain.isEmpty
            ? "\(words) depends on none of \(concepts.count) concepts for certain"
            : "\(words) depends on \(certain.joined(separator: ", ")): \(certain.count) of \(concepts.count) concepts"
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable(
            ["concept", "most at", "effect", "by chance", "score", "random", "p", "q", "sites"],
            words: [0, 1])
        for report in ranked {
            guard let site = report.test.sites.max(by: { Self.ratio($0) < Self.ratio($1) }) else { continue }
            table.add([
                report.concept + (report.test.significant.isEmpty ? "" : " *"), site.site.description,
                site.effect.text(3), "±" + site.nullEffect.text(3), site.score.value.text(2),
                site.randomScore.value.text(2), site.permutation.text(4), site.qValue.text(4),
                "\(report.test.significant.count) of \(report.test.sites.count)",
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let level = concepts.first?.test.options.level ?? 0.05
        let tests = concepts.reduce(0) { $0 + $1.test.sites.count }
        return
            ([terminal.bold(terminal.safe(verdict)), ""] + lines + [
                terminal.dim(
                    "effect: nats between texts without and with the concept, to first order; by chance: what 95 of 100 permutations of the labels stay below"
                ),
                "",
                "q counts all \(tests) tests of concepts and sites together: of those marked * (q ≤ \(level)) about \((100 * level).text(0)) in 100 are "
                    + "expected to be false. A concept can matter only because it goes with another one: see vane test bet.",
            ]).joined(separator: "\n")
    }

    /// Effects in units of what chance reaches, by concept and site.
    var map: HeatMap {
        HeatMap(
            "Effect on \(concepts.first?.objective ?? ""), 1 is what chance reaches",
            rows: ranked.map(\.concept),
            columns: concepts.first?.test.sites.map(\.site.shortName) ?? [],
            values: ranked.map { report in
                report.test.sites.map { $0.effect / max($0.nullEffect, .leastNormalMagnitude) }
            },
            words: ranked.map { report in
                report.test.sites.map { $0.qValue <= report.test.options.level ? "*" : "" }
            })
    }

    /// Everything, with the map and each concept's page.
    func page() -> HTMLPage {
        var page = HTMLPage("What does it depend on?")
        page.add(paragraph: verdict + ".")
        page.add(svg: map.svg)
        page.add(report: text(Terminal(.never)))
        for report in ranked {
            page.add(heading: report.concept)
            page.add(svg: report.chart.svg)
            page.add(report: report.text(Terminal(.never)))
        }
        return page
    }
}
