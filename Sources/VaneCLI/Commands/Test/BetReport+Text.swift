import Foundation
import Vane

extension BetReport {
    private var words: String { ObjectiveOptions.words(tokens, against: against) }

    /// The soonest rejected first.
    private var ranked: [Score] {
        scores.sorted { ($0.median, -Double($0.rejected)) < ($1.median, -Double($1.rejected)) }
    }

    /// Concepts that most orders discover.
    private var found: [Score] { ranked.filter { !$0.isControl && 2 * $0.discovered > orders } }

    /// One sentence.
    var verdict: String {
        guard let first = found.first else {
            return "no concept's bets win enough to say that \(words) depends on it"
        }
        let others = found.dropFirst().map { "'\($0.name)'" }
        return
            "\(words) depends on '\(first.name)', which is found first, after \(first.median.text(0)) payoffs of two texts"
            + (others.isEmpty ? "" : "; then \(others.joined(separator: ", "))")
    }

    /// What the figures mean.
    var meaning: String {
        let false0 = scores.filter { $0.isControl }.reduce(0) { $0 + $1.discovered }
        let apart = scores.filter { $0.isControl && 2 * $0.sample.count(where: { $0 != nil }) > orders }.count
        let local =
            sample == nil
            ? ""
            : " Rounds about the one text share their pool of texts, so they agree too easily"
                + (apart > 0
                    ? "; \(apart) of \(scores.count { $0.isControl }) random directions set it apart as well, which is how far to trust that column."
                    : "; no random direction set it apart.")
        let controls =
            false0 == 0
            ? "no random direction was discovered"
            : "random directions were discovered \(false0) times too: directions at the same site share what they read, so a marginal "
                + "discovery is weak evidence and the test given the others the one to trust"
        return
            "At most \((100 * level).text(0)) in 100 discoveries of an order are expected to be false; \(controls). Dependence is not "
            + "cause: see vane test cause." + local
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        let hasGiven = scores.contains { !$0.given.isEmpty }
        let hasSample = sample != nil
        var table = TextTable(
            ["concept", "site", "median step", "range", "rejected", "discovered"]
                + (hasGiven ? ["given the others"] : []) + (hasSample ? ["this text"] : []), words: [0, 1])
        for score in ranked {
            var row = [
                score.name + (2 * score.discovered > orders ? " *" : ""), score.site.description,
                score.rejected == 0 ? "–" : score.median.text(0),
                score.rejected == 0 ? "–" : "\(score.steps.min() ?? 0)–\(score.steps.max() ?? 0)",
                "\(score.rejected) of \(orders)", "\(score.discovered) of \(orders)",
            ]
            if hasGiven {
                row.append(
                    score.given.isEmpty ? "–" : "\(score.given.count { $0 != nil }) of \(score.given.count)")
            }
            if hasSample {
                row.append("\(score.sample.count { $0 != nil }) of \(score.sample.count)")
            }
            table.add(row)
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        var notes =
            "step: payoffs of two texts each until the wealth exceeds \((1 / level).text(0)), at most \(steps); discovered: in how many orders at a "
            + "false discovery rate of \(level) over all \(scores.count) scores (*: in most)"
        if hasGiven {
            notes +=
                "; given the others: in how many orders the concept tells something that the other concepts do not (\(givenSteps) texts)"
        }
        if hasSample {
            notes +=
                "; this text: in how many rounds of draws texts with a like score were told from all by their predictions"
        }
        return [
            terminal.bold(terminal.safe(verdict)),
            "\(texts) texts in \(orders) orders; \(scores.count { $0.isControl }) random directions bet beside the concepts",
            lines.joined(separator: "\n"), terminal.dim(notes), meaning,
        ].joined(separator: "\n\n")
    }

    /// The wealth over time in the first order.
    var chart: LineChart {
        let longest = scores.map(\.wealths.count).max() ?? 0
        let stride = max(1, (longest + 29) / 30)
        let places = Array(Swift.stride(from: stride - 1, to: max(longest, 1), by: stride))
        return LineChart(
            "Wealth in one order of the texts: \(words)", places: places.map { "\($0 + 1)" },
            axis: "wealth, powers of 10",
            series: ranked.map { score in
                LineChart.Series(
                    score.name,
                    places.map { place in
                        // A bettor who stopped keeps what there is; the last point is where it ended.
                        if place < score.wealths.count { return LineChart.Point(log10(score.wealths[place])) }
                        let isEnd = place - stride < score.wealths.count - 1
                        return LineChart.Point(isEnd ? log10(score.wealths.last ?? 1) : .nan)
                    }, isControl: score.isControl)
            }, mark: log10(1 / level))
    }

    /// Everything, with the chart.
    func page() -> HTMLPage {
        var page = HTMLPage("Bets on what \(words) depends on")
        page.add(paragraph: verdict + ".")
        page.add(svg: chart.svg)
        page.add(
            paragraph:
                "The line across is \((1 / level).text(0)): a wealth above it rejects that the concept does not matter. Dashed lines are random directions."
        )
        page.add(report: text(Terminal(.never)))
        return page
    }
}
