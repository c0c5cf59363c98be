import Vane

extension ConceptReport {
    /// How well each site's probe reads held-out texts, beside shuffled labels.
    var chart: LineChart {
        func points(_ value: (Concept.LayerResult) -> Estimate) -> [LineChart.Point] {
            layers.map { layer in
                let estimate = value(layer)
                return LineChart.Point(estimate.value, low: estimate.low, high: estimate.high)
            }
        }
        return LineChart(
            "\(name): held-out texts by site", places: layers.map(\.site.shortName), axis: "AUROC, accuracy",
            series: [
                LineChart.Series("AUROC", points(\.auroc)),
                LineChart.Series("accuracy", points(\.accuracy)),
                LineChart.Series("AUROC, shuffled labels", points(\.shuffledAUROC), isControl: true),
            ], range: 0...1, mark: 0.5)
    }

    /// Everything that the report says, with the chart.
    func page() -> HTMLPage {
        var page = HTMLPage("Concept \(name)")
        page.add(svg: chart.svg)
        page.add(preformatted: text(Terminal(.never)))
        return page
    }
}

extension Site {
    /// `3` for the stream after block 3, which is what most charts show; the description elsewhere.
    var shortName: String {
        if case .residual(let layer) = self { "\(layer)" } else { description }
    }
}
