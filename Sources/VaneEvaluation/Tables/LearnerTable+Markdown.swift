import VaneConcepts

extension LearnerTable {
    /// The tables as Markdown: a summary of medians, then each world with intervals and controls.
    public var markdown: String {
        var sections: [String] = []
        let planted = worlds.filter { world in cells.contains { $0.world == world.id && $0.cosine != nil } }
        sections.append(
            "### Cosine with the planted direction (median of \(seeds) draws)\n\n"
                + summary(planted) { $0.cosine?.value })
        sections.append(
            "### Held-out accuracy (median of \(seeds) draws)\n\n" + summary(worlds) { $0.accuracy.value })
        for world in worlds {
            var table = MarkdownTable([
                "learner", "cosine", "95 %", "shuffled labels", "95 %", "accuracy", "95 %", "shuffled labels",
                "found",
            ])
            for method in learners {
                guard let cell = cell(world.id, method.id) else { continue }
                table.add([
                    method.id, cell.cosine?.value.fixed(2) ?? "–", Self.interval(cell.cosine),
                    cell.shuffledCosine?.value.fixed(2) ?? "–", Self.interval(cell.shuffledCosine),
                    cell.accuracy.value.fixed(2), Self.interval(cell.accuracy),
                    cell.shuffledAccuracy.value.fixed(2), "\(Int((cell.found * 100).rounded())) %",
                ])
            }
            let failures = learners.compactMap { method in
                cell(world.id, method.id)?.failure.map { "\(method.id) gave nothing in some draw: \($0)" }
            }
            sections.append(
                (["### \(world.id): \(world.summary)", table.text] + failures).joined(separator: "\n\n"))
        }
        return sections.joined(separator: "\n\n") + "\n"
    }

    private func summary(_ worlds: [World], _ value: (Cell) -> Double?) -> String {
        var table = MarkdownTable(["learner"] + worlds.map(\.id))
        for method in learners {
            table.add(
                [method.id]
                    + worlds.map { world in cell(world.id, method.id).flatMap(value)?.fixed(2) ?? "–" })
        }
        return table.text
    }

    static func interval(_ estimate: Estimate?) -> String {
        estimate.map { "\($0.low.fixed(2)) to \($0.high.fixed(2))" } ?? "–"
    }
}
