import Vane

extension PatchReport {
    /// A place with a large effect.
    private struct Spot {
        let site: Site
        let position: Int
        let effect: Double
        let chance: Double
    }

    /// The largest effects of a map that random moves do not reach, the first in the forward pass among equals.
    private func spots(_ map: Map) -> [Spot] {
        var spots: [Spot] = []
        for (row, site) in sites.enumerated() {
            for (column, effect) in map.effects[row].enumerated()
            where abs(effect) > map.chance[row] && abs(effect) >= 0.1 {
                spots.append(Spot(site: site, position: column, effect: effect, chance: map.chance[row]))
            }
        }
        return spots.sorted { abs($0.effect) > abs($1.effect) }
    }

    private func name(_ position: Int) -> String { "\(position) \(tokens[position].debugDescription)" }

    /// One sentence.
    var verdict: String {
        guard let denoising = maps.first(where: { $0.direction == .denoising }) else { return "" }
        // At the last site and token everything is carried: not news.
        let trivial = { (spot: Spot) in spot.site == self.sites.last && spot.position == self.tokens.count - 1 }
        guard let best = spots(denoising).first(where: { !trivial($0) }) else {
            return "no single state carries what tells the prompts apart"
        }
        return
            "the state at \(best.site), token \(name(best.position)), alone brings back \((100 * best.effect).text(0))% of the difference"
    }

    /// What the figures mean.
    var meaning: String {
        "Effects are parts of the difference between the two prompts, for this one pair: where a map stays below chance, no single state "
            + "there suffices (denoising) or is needed (noising). A pair can mislead; try others before you believe a place."
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        let words = ObjectiveOptions.words(token, against: against)
        var parts = [
            terminal.bold(terminal.safe(verdict)),
            "clean      \(terminal.quoted(clean)): \(cleanValue.text(3)) nats for \(terminal.safe(words))\n"
                + "corrupted  \(terminal.quoted(corrupted)): \(corruptedValue.text(3))",
        ]
        for map in maps { parts.append(table(map, terminal)) }
        var senders = TextTable(["head", "direct effect", "other heads of the block"])
        for path in direct.sorted(by: { abs($0.effect) > abs($1.effect) }).prefix(6) {
            senders.add([path.sender.description, path.effect.text(3), "±" + path.others.text(3)])
        }
        parts.append(block("what heads send straight to the logits, the largest", senders, terminal))
        if let sender = paths.first?.sender {
            var table = TextTable(["receiver", "effect", "other heads of the block"])
            for path in paths.sorted(by: { abs($0.effect) > abs($1.effect) }).prefix(8) {
                table.add([
                    path.receiver?.description ?? "logits", path.effect.text(3), "±" + path.others.text(3),
                ])
            }
            parts.append(block("what \(sender) sends to later heads, the largest", table, terminal))
        }
        parts.append(meaning)
        return parts.joined(separator: "\n\n")
    }

    private func block(_ title: String, _ table: TextTable, _ terminal: Terminal) -> String {
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        return terminal.bold(title) + "\n" + lines.joined(separator: "\n")
    }

    private func table(_ map: Map, _ terminal: Terminal) -> String {
        // Columns in which nothing happens only take space.
        let shown = tokens.indices.filter { column in map.effects.contains { abs($0[column]) >= 0.005 } }
        var table = TextTable(["site"] + shown.map { terminal.quoted(tokens[$0]) } + ["by chance"])
        for (row, site) in sites.enumerated() {
            table.add(
                [site.description]
                    + shown.map { column in
                        let effect = map.effects[row][column]
                        return effect.text(2) + (abs(effect) > map.chance[row] ? "*" : " ")
                    } + ["±" + map.chance[row].text(2)])
        }
        let what =
            map.direction == .denoising
            ? "denoising: clean states in the corrupted run" : "noising: corrupted states in the clean run"
        return block(what, table, terminal) + "\n"
            + terminal.dim(
                "1 is the whole difference; * more than 95 of 100 random moves as far; tokens without any effect are left out"
            )
    }

    /// The effects of one direction by site and token.
    func map(_ direction: ActivationPatching.Direction) -> HeatMap {
        HeatMap(
            direction == .denoising
                ? "Denoising: what suffices" : "Noising: what is needed",
            rows: sites.map(\.description), columns: tokens,
            values: maps.first { $0.direction == direction }?.effects ?? [])
    }

    /// Everything, with maps.
    func page() -> HTMLPage {
        var page = HTMLPage("What tells the two prompts apart")
        page.add(paragraph: verdict + ".")
        page.add(svg: map(.denoising).svg)
        page.add(svg: map(.noising).svg)
        page.add(
            svg: HeatMap(heads: "What heads send straight to the logits", direct.map { ($0.sender, $0.effect) }).svg)
        if let sender = paths.first?.sender {
            let cells = paths.compactMap { path in path.receiver.map { (site: $0, value: path.effect) } }
            page.add(svg: HeatMap(heads: "What \(sender) sends to later heads", cells).svg)
        }
        page.add(preformatted: text(Terminal(.never)))
        return page
    }
}

extension HeatMap {
    /// A number for each head, a row a block.
    init(heads title: String, _ cells: [(site: Site, value: Double)]) {
        var values: [Int: [Int: Double]] = [:]
        for cell in cells {
            if case .head(let layer, let head) = cell.site { values[layer, default: [:]][head] = cell.value }
        }
        let layers = values.keys.sorted()
        let count = (values.values.flatMap(\.keys).max() ?? -1) + 1
        self.init(
            title, rows: layers.map { "block \($0)" }, columns: (0..<count).map { "head \($0)" },
            values: layers.map { layer in (0..<count).map { values[layer]?[$0] ?? .nan } })
    }
}
