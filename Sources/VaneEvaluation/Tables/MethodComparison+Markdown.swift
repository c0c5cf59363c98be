import VaneConcepts
import VaneSites
import VaneSteering

extension MethodComparison {
    /// The tables as Markdown: reading, steering at each cost, and continuations to look at.
    public var markdown: String {
        var sections = [
            "## \(concept) (\(model))",
            "\(teaching) texts taught, \(testing) others tested.", reading,
        ]
        if !rows.isEmpty {
            let places = sites.map(\.description).joined(separator: ", ")
            let judge = judgeAccuracy.map { $0 == 1 ? "right by construction" : "\(Self.percent($0)) right" }
            sections.append(
                "\(prompts.count) prompts; edits at \(places); judge \(judge ?? "unknown"). `shows it`: part of "
                    + "the continuations that show the concept, steered up and down; `swing` is their difference. "
                    + "Perplexities are against unsteered, the larger of up and down; `repeats`: the larger part of "
                    + "four-token runs that occurred before.")
            for asked in groups { sections.append(steering(asked)) }
            sections.append(looking)
        }
        return sections.joined(separator: "\n\n") + "\n"
    }

    private var reading: String {
        var table = MarkdownTable(
            ["learner", "best at", "accuracy", "95 %", "AUROC", "95 %", "shuffled labels", "found"], words: 2)
        for reading in readings {
            table.add([
                reading.learner, reading.site?.description ?? reading.failure ?? "–",
                reading.accuracy?.value.fixed(2) ?? "–", LearnerTable.interval(reading.accuracy),
                reading.auroc?.value.fixed(2) ?? "–", LearnerTable.interval(reading.auroc),
                reading.shuffledAUROC?.fixed(2) ?? "–", reading.isFound ? "yes" : "no",
            ])
        }
        return table.text
    }

    /// The costs there are, what has none first.
    private var groups: [Double?] {
        var groups: [Double?] = []
        for row in rows where !groups.contains(row.asked) { groups.append(row.asked) }
        return groups
    }

    private func steering(_ asked: Double?) -> String {
        let isTrue = rows.contains { $0.truePerplexityRatio != nil }
        var table = MarkdownTable(
            ["way", "shows it, up", "95 %", "down", "95 %", "swing", "perplexity ×"]
                + (isTrue ? ["true perplexity ×"] : []) + ["repeats", "strength up", "down"])
        var failures: [String] = []
        var names: [String] = []
        let group = rows.filter { $0.asked == asked }
        for row in group where !names.contains(Self.name(row)) { names.append(Self.name(row)) }
        func larger(_ values: [Double?]) -> String { values.compactMap { $0 }.max()?.fixed(2) ?? "–" }
        for name in names {
            let all = group.filter { Self.name($0) == name }
            let isPlain = all.contains { $0.goal == nil }
            let up = all.first { $0.goal != .remove }
            let down = isPlain ? nil : all.first { $0.goal == .remove }
            let swing = up?.rate.flatMap { first in down?.rate.map { (first.value - $0.value).fixed(2) } }
            table.add(
                [
                    name, up?.rate?.value.fixed(2) ?? "–", LearnerTable.interval(up?.rate),
                    down?.rate?.value.fixed(2) ?? "–", LearnerTable.interval(down?.rate), swing ?? "–",
                    larger(all.map(\.perplexityRatio)),
                ] + (isTrue ? [larger(all.map(\.truePerplexityRatio))] : []) + [
                    larger(all.map(\.repetition)), Self.strength(up), Self.strength(down),
                ])
            failures += all.compactMap { row in
                row.failure.map { "- \(name), \(row.goal == .remove ? "down" : "up"): \($0)" }
            }
        }
        let title = asked.map { "### Steering at \($0) nats a token" } ?? "### Without a strength"
        return ([title, table.text] + (failures.isEmpty ? [] : [failures.joined(separator: "\n")]))
            .joined(separator: "\n\n")
    }

    /// The first continuation of each condition at the highest cost.
    private var looking: String {
        let highest = rows.compactMap(\.asked).max()
        var lines = ["### The first prompt, continued"]
        lines.append("Prompt: `\(Self.line(prompts.first ?? ""))`")
        let shown = rows.filter { ($0.asked == nil || $0.asked == highest) && !$0.examples.isEmpty }
        lines.append(
            shown.map { row in
                let goal = row.goal.map { $0 == .add ? ", up" : ", down" } ?? ""
                return "- \(Self.name(row))\(goal): `\(Self.line(row.examples.first ?? ""))`"
            }.joined(separator: "\n"))
        return lines.joined(separator: "\n\n")
    }

    private static func name(_ row: Row) -> String {
        row.way?.description ?? (row.goal == nil ? "unsteered" : "asked in words")
    }

    private static func strength(_ row: Row?) -> String {
        guard let text = row?.strength else { return "–" }
        guard let strength = Strength(text) else { return text }
        switch strength {
        case .norms(let value): return "\(value.fixed(3))norm"
        case .degrees(let value): return "\(value.fixed(1))deg"
        case .probability(let value): return value.fixed(4)
        case .divergence: return text
        }
    }

    private static func line(_ text: String) -> String {
        text.replacing("\n", with: " ⏎ ").replacing("`", with: "'")
    }

    private static func percent(_ value: Double) -> String { "\((value * 100).fixed(1)) %" }
}
