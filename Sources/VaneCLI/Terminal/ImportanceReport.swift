import Vane

/// What a test of importance found.
struct ImportanceReport: Encodable {
    let concept: String
    let tokens: [String]
    let against: [String]
    /// What it was told from, where that are other concepts.
    let relative: [String]
    let test: TCAV

    /// What the objective is, in words.
    var objective: String { ObjectiveOptions.words(tokens, against: against) }

    /// What it was told from, in words.
    private var others: String {
        relative.isEmpty
            ? "\(test.random) others"
            : "\(test.random) examples of other concepts (\(relative.joined(separator: ", ")))"
    }

    /// One sentence.
    var verdict: String {
        let sites = test.significant
        guard let strongest = sites.max(by: { abs($0.effect) < abs($1.effect) }) else {
            return "no effect of '\(concept)' on \(objective) is certain at any of \(test.sites.count) sites"
        }
        return
            "'\(concept)' makes \(objective) \(strongest.effect > 0 ? "likelier" : "less likely"), most at \(strongest.site); "
            + "certain at \(sites.count) of \(test.sites.count) sites (q ≤ \(test.options.level))"
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable([
            "site", "score", "95% of runs", "random", "smooth", "derivative", "effect", "by chance",
            "accuracy", "p",
            "q",
            "paper's p", "reference p",
        ])
        for site in test.sites {
            let mark = site.qValue <= test.options.level ? " *" : ""
            table.add([
                site.site.description + mark, site.score.value.text(3),
                "[\(site.score.low.text(2)), \(site.score.high.text(2))]", site.randomScore.value.text(3),
                site.smooth.text(3), site.magnitude.text(3), site.effect.text(3),
                "±" + site.nullEffect.text(3),
                site.accuracy.text(2), site.permutation.text(3), site.qValue.text(3), site.paper.text(3),
                site.reference.text(3),
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        return """
            \(terminal.safe(verdict))
            \(test.texts) inputs; \(test.concept) examples against sets from \(others), \(test.options.runs) runs a site, vectors by \(test.options.solver.rawValue)

            \(lines.joined(separator: "\n"))
            \(terminal.dim("* certain after correction over the sites, by the permutation test (p, q): with permuted labels effects reach 'by chance' in 1 of 20. The"))
            \(terminal.dim("paper's and the reference code's t-tests take runs for independent, which they are not: they find too much."))

            Effects are to first order, from how the prediction would change with a small move: vane test cause takes the concept out and looks.
            """
    }

    /// Scores with the range of the runs, and those of random sets.
    var chart: LineChart {
        func points(_ estimates: [Estimate]) -> [LineChart.Point] {
            estimates.map { LineChart.Point($0.value, low: $0.low, high: $0.high) }
        }
        return LineChart(
            "TCAV of \(concept) for \(objective)", places: test.sites.map(\.site.shortName),
            axis: "TCAV score",
            series: [
                LineChart.Series(concept, points(test.sites.map(\.score))),
                LineChart.Series("random sets", points(test.sites.map(\.randomScore)), isControl: true),
            ], range: 0...1, mark: 0.5)
    }

    /// Effects beside what chance reaches.
    private var effects: LineChart {
        LineChart(
            "Effect: from random texts to the concept's", places: test.sites.map(\.site.shortName),
            axis: "nats",
            series: [
                LineChart.Series(concept, test.sites.map { LineChart.Point($0.effect) }),
                LineChart.Series(
                    "permuted labels, 95 of 100",
                    test.sites.map { LineChart.Point(0, low: -$0.nullEffect, high: $0.nullEffect) },
                    isControl: true),
            ], mark: 0)
    }

    /// Everything, with charts.
    func page() -> HTMLPage {
        var page = HTMLPage("Does it depend on \(concept)?")
        page.add(paragraph: verdict)
        page.add(svg: chart.svg)
        page.add(svg: effects.svg)
        page.add(report: text(Terminal(.never)))
        return page
    }
}
