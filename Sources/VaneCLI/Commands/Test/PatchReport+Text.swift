import Vane

extension PatchReport {
    private func name(_ position: Int) -> String { "\(position) \(tokens[position].debugDescription)" }

    /// The token whose state does most at a site, where that is more than random moves do.
    private func strongest(_ map: Map, at row: Int) -> (position: Int, effect: Double)? {
        let effects = map.effects[row].map(abs)
        guard let best = effects.indices.max(by: { effects[$0] < effects[$1] }), effects[best] >= 0.1,
            effects[best] > map.chance[row]
        else { return nil }
        return (best, map.effects[row][best])
    }

    /// One sentence.
    var verdict: String {
        guard let map = maps.first(where: { $0.direction == .denoising }) else { return "" }
        let found = sites.indices.compactMap { row in
            strongest(map, at: row).map { (site: sites[row], position: $0.position, effect: $0.effect) }
        }
        let last = tokens.count - 1
        func share(_ effect: Double) -> String { "\((100 * effect).text(0))%" }
        let before = found.last { $0.position != last }
        let after = found.first { $0.position == last }
        switch (before, after) {
        case (let before?, let after?) where before.site < after.site:
            return
                "until \(before.site) token \(name(before.position)) carries most (there \(share(before.effect)) of the difference), from "
                + "\(after.site) on the last token (\(share(after.effect)))"
        case (let before?, _):
            return
                "token \(name(before.position)) carries most, at \(before.site) \(share(before.effect)) of the difference"
        case (nil, let after?):
            return "the last token carries most, at \(after.site) \(share(after.effect)) of the difference"
        case (nil, nil): return "no single state carries what tells the prompts apart"
        }
    }

    /// What the figures mean.
    var meaning: String {
        "Effects are parts of the difference between the two prompts, for this one pair: where a map stays below chance, no single state "
            + "there suffices (denoising) or is needed (noising). A pair can mislead; try others before you believe a place."
            + (abs(cleanValue - corruptedValue) < 0.5
                ? " These two hardly differ (\(abs(cleanValue - corruptedValue).text(2)) nats), so that parts of the difference mislead."
                : "")
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
            svg: HeatMap(
                heads: "What heads send straight to the logits", direct.map { ($0.sender, $0.effect) }
            ).svg)
        if let sender = paths.first?.sender {
            let cells = paths.compactMap { path in path.receiver.map { (site: $0, value: path.effect) } }
            page.add(svg: HeatMap(heads: "Sent by \(sender) to later heads", cells).svg)
        }
        page.add(report: text(Terminal(.never)))
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
