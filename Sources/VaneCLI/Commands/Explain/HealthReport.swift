import Foundation
import Vane

/// A model's states layer by layer.
struct HealthReport: Encodable, Sendable {
    struct Layer: Encodable, Sendable {
        let site: Site
        let norm: Double
        let anisotropy: Double
        let anisotropyWithoutMassive: Double
        let median: Double
        let largest: Double
        let massive: [MassiveEntries.Coordinate]
    }

    let texts: String
    let minimum: Double
    let ratio: Double
    let layers: [Layer]
    let dependence: ModelHealth.Dependence?

    init(_ texts: ExplainTexts, in model: LanguageModel, progress: @escaping (Double) -> Void) throws {
        let threshold = MassiveEntries.Threshold()
        let total = Double(texts.tokens.count)
        let health = try ModelHealth(
            on: texts.tokens, threshold: threshold, in: model.network,
            progress: { progress(Double($0) / total) })
        self.texts = texts.source
        (minimum, ratio) = (threshold.minimum, threshold.ratio)
        layers = health.layers.map {
            Layer(
                site: $0.site, norm: $0.norm, anisotropy: $0.anisotropy,
                anisotropyWithoutMassive: $0.calmAnisotropy, median: $0.massive.median,
                largest: $0.massive.largest, massive: $0.massive.coordinates)
        }
        dependence = health.dependence
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable([
            "site", "length", "cosine", "calm cosine", "median |h|", "largest |h|", "ratio", "massive",
        ])
        for layer in layers {
            table.add([
                layer.site.description, layer.norm.text(2), layer.anisotropy.text(3),
                layer.anisotropyWithoutMassive.text(3), layer.median.text(3), layer.largest.text(2),
                (layer.largest / max(layer.median, 1e-30)).text(0), "\(layer.massive.count)",
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        lines.append(
            terminal.dim(
                "cosine: mean of states of different tokens, calm without massive coordinates; massive: coordinates above "
                    + "\(minimum.text(0)) and \(ratio.text(0)) medians"))
        var parts = ["\(terminal.bold("states")) on \(texts)", lines.joined(separator: "\n")]
        if let first = layers.first(where: { !$0.massive.isEmpty }) {
            var found = TextTable(["coordinate", "states", "mean", "spread", "positions"], words: [0, 4])
            for entry in first.massive.prefix(10) {
                found.add([
                    "\(first.site)[\(entry.index)]", "\(entry.count)", entry.mean.text(1),
                    entry.spread.text(3),
                    entry.positions.prefix(4).map { "\($0.position) (\($0.count))" }.joined(separator: ", "),
                ])
            }
            parts.append(found.lines.joined(separator: "\n"))
        } else {
            parts.append("no massive activations")
        }
        if let dependence {
            parts.append(
                "loss of a token \(dependence.loss.text(3)) nats; massive entries at \(dependence.site) set to 0: "
                    + "\(dependence.zeroed.text(3)), to their means: \(dependence.averaged.text(3)), as many others to 0: "
                    + "\(dependence.random.text(3))")
        }
        parts.append(
            "States that are alike or have massive coordinates make cosines and norms mislead: centre them, and leave those coordinates out, "
                + "before you trust a direction found there.")
        return parts.joined(separator: "\n\n")
    }

    /// Length, likeness and the largest entry by site.
    var chart: LineChart {
        let places = layers.map(\.site.shortName)
        return LineChart(
            "Likeness of states of different tokens", places: places, axis: "cosine",
            series: [
                LineChart.Series("all coordinates", layers.map { LineChart.Point($0.anisotropy) }),
                LineChart.Series(
                    "without massive ones", layers.map { LineChart.Point($0.anisotropyWithoutMassive) },
                    isControl: true),
            ], mark: 0)
    }

    private var sizes: LineChart {
        LineChart(
            "Sizes of states, powers of 10", places: layers.map(\.site.shortName), axis: "log10",
            series: [
                LineChart.Series("length", layers.map { LineChart.Point(log10(max($0.norm, 1e-30))) }),
                LineChart.Series(
                    "largest coordinate", layers.map { LineChart.Point(log10(max($0.largest, 1e-30))) }),
                LineChart.Series(
                    "median coordinate", layers.map { LineChart.Point(log10(max($0.median, 1e-30))) },
                    isControl: true),
                LineChart.Series(
                    "massive from here",
                    layers.map { LineChart.Point(log10(max(minimum, ratio * $0.median))) },
                    isControl: true),
            ])
    }

    /// Everything, with charts.
    func page() -> HTMLPage {
        var page = HTMLPage("The model's states")
        page.add(svg: chart.svg)
        page.add(svg: sizes.svg)
        page.add(report: text(Terminal(.never)))
        return page
    }
}
