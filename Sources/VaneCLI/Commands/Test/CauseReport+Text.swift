import Vane

extension CauseReport {
    private var words: String { ObjectiveOptions.words(tokens, against: against) }

    /// Sites at which it does more than chance.
    private var certain: [Place] { sites.filter { $0.isCertain(level) } }

    /// One sentence.
    var verdict: String {
        guard let best = certain.max(by: { abs($0.effect.value) < abs($1.effect.value) }) else {
            return
                "taking '\(name)' out changes \(words) no more, for certain, than \(controls)"
                + (sites.count == 1 ? "" : ", at any of \(sites.count) sites")
        }
        let (size, word) = (
            abs(best.effect.value).text(2), best.effect.value < 0 ? "less likely" : "likelier"
        )
        return
            "taking '\(name)' out makes \(words) \(word), by \(size) nats at \(best.site); more than chance at \(certain.count) of "
            + "\(sites.count) sites"
    }

    /// What the figures mean and how far they go.
    var meaning: String {
        let trust =
            certain.isEmpty
            ? "so the prediction does not hang on this part alone, or another part stands in for it"
            : "so the prediction hangs on this part, in texts like these and in this state of the model"
        let filled =
            filling == "zero" ? "; zero puts states where the model never was: try --filling mean" : ""
        return
            "An effect counts where its interval leaves 0 and it is larger than chance (q ≤ \(level)): "
            + (certain.isEmpty ? "none does here, " : "those marked * do, ") + trust + filled + "."
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable(["site", "effect", "95%", "by chance", "whole site", "p", "q"])
        for site in sites {
            table.add([
                site.site.description + (site.isCertain(level) ? " *" : ""), site.effect.value.text(3),
                "[\(site.effect.low.text(2)), \(site.effect.high.text(2))]", "±" + site.chance.text(3),
                site.whole.text(3), site.pValue.text(3), site.qValue.text(3),
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        var parts = [
            terminal.bold(terminal.safe(verdict)),
            "\(texts) texts (\(source)), \((sites.first?.plain ?? .nan).text(3)) nats as they are; replaced by \(Self.replacement(filling)); "
                + controls,
            lines.joined(separator: "\n"),
            terminal.dim(
                "effect: change in nats when the part is replaced; by chance: what 95 of 100 \(controls.contains("heads") ? "other heads" : "random parts") stay below; "
                    + "whole site: everything replaced there, a yardstick (the rest may push the other way)"),
        ]
        if !claims.isEmpty { parts.append(claimText(terminal)) }
        parts.append(meaning)
        return parts.joined(separator: "\n\n")
    }

    private static func replacement(_ filling: String) -> String {
        switch filling {
        case "mean": "its mean over reference texts"
        case "resample": "another text's"
        default: "zero"
        }
    }

    private func claimText(_ terminal: Terminal) -> String {
        var table = TextTable([
            "site", "F1", "false alarms", "misses", "swap carries it", "95%", "random", "whole site",
        ])
        for claim in claims {
            let random = claim.randomSwap.reduce(0, +) / Double(max(claim.randomSwap.count, 1))
            table.add([
                claim.site.description, claim.f1.text(2), claim.typeI.text(2), claim.typeII.text(2),
                (claim.swap?.value ?? .nan).text(2),
                claim.swap.map { "[\($0.low.text(2)), \($0.high.text(2))]" } ?? "–",
                claim.swap == nil ? "–" : random.text(2), (claim.wholeSwap ?? .nan).text(2),
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let pairs = claims.first?.pairs ?? 0
        let note =
            pairs == 0
            ? "no pair of texts differs in the sign of \(words), so nothing was swapped"
            : "swap: its value at the last token of a text with the concept is put into one without it, for \(pairs) pairs whose "
                + "predictions differ in sign; carried where the sign follows"
        return terminal.bold("does it stand for the concept?") + "\n" + lines.joined(separator: "\n") + "\n"
            + terminal.dim(
                "F1, false alarms and misses: telling \(claims.first?.heldOut ?? 0) held-out texts by its \(name.hasPrefix("neuron") ? "largest" : "mean") value in each (guessing has an F1 of at most 0.67); "
                    + note)
    }

    /// The effect by site, beside random parts and the whole site.
    var chart: LineChart {
        LineChart(
            "Taking \(name) out: \(words)", places: sites.map(\.site.shortName), axis: "change, nats",
            series: [
                LineChart.Series(
                    name,
                    sites.map { LineChart.Point($0.effect.value, low: $0.effect.low, high: $0.effect.high) }),
                LineChart.Series(
                    controls.contains("heads") ? "other heads, 95 of 100" : "random parts, 95 of 100",
                    sites.map {
                        LineChart.Point(
                            Statistics.quantile($0.random, 0.5), low: Statistics.quantile($0.random, 0.025),
                            high: Statistics.quantile($0.random, 0.975))
                    }, isControl: true),
                LineChart.Series("whole site", sites.map { LineChart.Point($0.whole) }, isControl: true),
            ], mark: 0)
    }

    /// How often a swap carries the concept over, by site.
    private var swaps: LineChart? {
        guard claims.contains(where: { $0.swap != nil }) else { return nil }
        return LineChart(
            "Swapping \(name) from a text with it into one without", places: claims.map(\.site.shortName),
            axis: "carried over",
            series: [
                LineChart.Series(
                    name,
                    claims.map {
                        LineChart.Point($0.swap?.value ?? .nan, low: $0.swap?.low, high: $0.swap?.high)
                    }),
                LineChart.Series(
                    "random parts",
                    claims.map {
                        LineChart.Point($0.randomSwap.reduce(0, +) / Double(max($0.randomSwap.count, 1)))
                    }, isControl: true),
                LineChart.Series(
                    "whole site", claims.map { LineChart.Point($0.wholeSwap ?? .nan) }, isControl: true),
            ], range: 0...1)
    }

    /// Everything, with charts.
    func page() -> HTMLPage {
        var page = HTMLPage("Does it hang on \(name)?")
        page.add(paragraph: verdict + ".")
        page.add(svg: chart.svg)
        if let swaps { page.add(svg: swaps.svg) }
        page.add(report: text(Terminal(.never)))
        return page
    }
}
