import Vane

extension PredictionReport {
    /// How likely each layer would make the two tokens.
    var chart: LineChart {
        LineChart(
            "What each layer would say", places: layers.map(\.site.shortName), axis: "probability",
            series: [
                LineChart.Series(
                    token.text.debugDescription, layers.map { LineChart.Point($0.probability) }),
                LineChart.Series(
                    against.text.debugDescription, layers.map { LineChart.Point($0.otherProbability) }),
            ], range: layers.allSatisfy { max($0.probability, $0.otherProbability) < 0.1 } ? nil : 0...1)
    }

    /// What the heads add directly, a row a block.
    private var heads: HeatMap? {
        let cells = parts.compactMap { part in Site(part.part).map { (site: $0, value: part.value) } }
        return cells.isEmpty ? nil : HeatMap(heads: "What the heads add directly", cells)
    }

    /// Where each token's state comes from if attention alone carried it.
    private var rolled: HeatMap {
        HeatMap(
            "Attention roll-out: rows come from columns", rows: tokens.map(\.text),
            columns: tokens.map(\.text),
            values: rollout.enumerated().map { row, parts in
                parts.enumerated().map { $0 > row ? .nan : $1 }
            })
    }

    /// The tables with tokens coloured by what the prediction rests on, layers, heads and concepts.
    func page() -> HTMLPage {
        var page = HTMLPage("Why \(token.text.debugDescription) and not \(against.text.debugDescription)")
        page.add(heading: "What it rests on in the text")
        page.add(
            paragraph: "Integrated gradients of the logit difference: orange tokens speak for "
                + "\(token.text.debugDescription), blue ones against it.")
        page.add(tokens: tokens.map(\.text), values: tokens.map(\.integrated), name: "integrated gradients")
        page.add(svg: chart.svg)
        if let heads { page.add(svg: heads.svg) }
        page.add(svg: rolled.svg)
        for grid in readings {
            page.add(
                svg: HeatMap(
                    "\(grid.concept) by layer and token", rows: grid.sites.map(\.shortName),
                    columns: tokens.map(\.text), values: grid.probabilities
                ).svg)
        }
        page.add(heading: "In numbers")
        page.add(report: text(Terminal(.never)))
        return page
    }
}
