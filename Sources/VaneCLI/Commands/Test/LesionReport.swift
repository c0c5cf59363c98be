import Vane

/// Whose task suffers when a concept's neurons are taken out.
struct LesionReport: Encodable, Sendable {
    /// A concept by its texts.
    struct Contrast: Sendable {
        let name: String
        let positive: [String]
        let negative: [String]
    }

    struct Request: Sendable {
        let contrasts: [Contrast]
        var sites: String?
        var units: Int?
        var random = 10
        var seed: UInt64 = 0
    }

    struct Unit: Encodable, Sendable {
        let site: Site
        let entry: Int
        let selectivity: Double
    }

    let names: [String]
    /// Units taken out for each concept.
    let count: Int
    /// All units there are.
    let all: Int
    let texts: Int
    /// The most selective units of each concept.
    let units: [[Unit]]
    /// `[lesioned concept][task]`, nats.
    let drops: [[Double]]
    /// `[draw][task]`, nats.
    let random: [[Double]]

    init(
        _ request: Request, in model: LanguageModel, progress: @escaping (Double) -> Void
    ) throws {
        let layout = model.network.layout
        let places =
            try request.sites.map { try SiteSelector($0).sites(in: layout) }
            ?? (0..<layout.depth).map(Site.mlpHidden)
        all = try places.reduce(0) { try $0 + layout.width(of: $1) }
        count = request.units ?? max(1, all / 100)
        var attributes: [SelectiveLesions.Attribute] = []
        var tasks: [SelectiveLesions.Task] = []
        for contrast in request.contrasts {
            let (positive, negative) = (
                model.tokens(of: contrast.positive), model.tokens(of: contrast.negative)
            )
            guard positive.count >= 8, negative.count >= 8 else {
                throw EvidenceError(
                    .unusableInputs,
                    "lesions take at least 8 texts a side; '\(contrast.name)' has \(positive.count) and \(negative.count)"
                )
            }
            let (half, otherHalf) = (positive.count / 2, negative.count / 2)
            attributes.append(
                SelectiveLesions.Attribute(
                    contrast.name, positive: Array(positive[..<half]), negative: Array(negative[..<otherHalf])
                ))
            tasks.append(
                try SelectiveLesions.Task(
                    telling: Array(positive[half...]), from: Array(negative[otherHalf...])))
        }
        let found = try SelectiveLesions(
            attributes, tasks: tasks, at: places, count: count, draws: request.random, seed: request.seed,
            in: model.network
        ) { progress(Double($0) / Double($1)) }
        names = found.names
        units = found.units.map {
            $0.prefix(10).map { Unit(site: $0.site, entry: $0.entry, selectivity: $0.selectivity) }
        }
        (drops, random) = (found.drops, found.random)
        texts = tasks.reduce(0) { $0 + $1.texts.count }
    }

    /// What each task loses under random lesions.
    private var means: [Double] {
        names.indices.map { task in
            random.reduce(0) { $0 + $1[task] } / Double(max(random.count, 1))
        }
    }

    private func chance(_ task: Int) -> Double { random.map { abs($0[task]) }.max() ?? 0 }

    /// Concepts whose own task suffers most, and more than under any random lesion.
    private var own: [Int] {
        names.indices.filter { k in
            let column = drops.indices.filter { $0 != k }.map { drops[$0][k] }
            return drops[k][k] > max(column.max() ?? 0, chance(k))
        }
    }

    /// Those by three times as much.
    private var selective: [Int] {
        own.filter { k in
            let others = drops[k].indices.filter { $0 != k }.map { abs(drops[k][$0]) }
            return drops[k][k] >= 3 * max(others.max() ?? 0, chance(k))
        }
    }

    private func list(_ numbers: [Int]) -> String { numbers.map { "'\(names[$0])'" }.joined(separator: ", ") }

    /// One sentence.
    var verdict: String {
        if own.isEmpty { return "no concept has neurons that its own task needs most" }
        return
            "the neurons of \(list(own)) matter most for the concept itself (\(own.count) of \(names.count))"
            + (selective.isEmpty
                ? "; none by three times as much as for others and as random ones"
                : "; by three times as much as for others and as random ones for \(list(selective))")
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable(["taken out"] + names.map { terminal.safe($0) })
        for (k, row) in drops.enumerated() {
            table.add(
                [names[k]]
                    + row.enumerated().map { task, drop in
                        drop.text(3) + (abs(drop) > chance(task) ? (task == k ? "*" : "+") : " ")
                    })
        }
        table.add(["random, mean"] + means.map { $0.text(3) + " " })
        table.add(["random, largest"] + names.indices.map { "±" + chance($0).text(3) + " " })
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        var members = TextTable(["concept", "most selective units (standard deviations)"], words: [0, 1])
        for (name, list) in zip(names, units) {
            members.add([
                name,
                list.prefix(3).map { "\($0.site)[\($0.entry)] (\($0.selectivity.text(1)))" }.joined(
                    separator: ", "),
            ])
        }
        return [
            terminal.bold(terminal.safe(verdict)),
            "\(count) of \(all) units a concept, at their mean; \(texts) texts; what each task loses, in nats",
            lines.joined(separator: "\n"),
            terminal.dim(
                "a row: whose units are taken out; a column: whose task; * and + more than any of \(random.count) random lesions of as many other units"
            ),
            members.lines.joined(separator: "\n"),
            "A drop on the diagonal says the task needs those units; drops beside it, that units are shared or that the tasks' words are. "
                + "Units were chosen by contrast on other texts of the same kind, so do not expect as much elsewhere.",
        ].joined(separator: "\n\n")
    }

    /// The matrix, with the mean of random lesions below.
    var map: HeatMap {
        HeatMap(
            "What each task loses, nats", rows: names.map { "without \($0)" } + ["without random units"],
            columns: names,
            values: drops + [means],
            words: (drops + [means]).map { row in row.map { $0.text(2) } })
    }

    /// Everything, with the map.
    func page() -> HTMLPage {
        var page = HTMLPage("Do concepts have neurons of their own?")
        page.add(paragraph: verdict + ".")
        page.add(svg: map.svg)
        page.add(report: text(Terminal(.never)))
        return page
    }
}
