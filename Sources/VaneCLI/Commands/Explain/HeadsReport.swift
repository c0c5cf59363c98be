import Vane

/// What every head looks at and is worth.
struct HeadsReport: Encodable, Sendable {
    struct Head: Encodable, Sendable {
        let site: Site
        let previous: Double
        let duplicate: Double
        let induction: Double
        /// Induction where nothing repeats: the control.
        let inductionWithoutRepetition: Double
        let retrieval: Double
        /// What the loss of a token rises by without the head, nats.
        let worth: Double
    }

    /// A point of the curve of heads taken away.
    struct Point: Encodable, Sendable {
        let heads: Int
        let loss: Double
        /// The same with other heads, one a draw.
        let random: [Double]
    }

    let texts: String
    let heads: [Head]
    let trials: Int
    /// Trials that the model copied.
    let copied: Int
    let recall: Double
    let loss: Double
    let curve: [Point]

    init(
        _ texts: ExplainTexts, in model: LanguageModel, progress: @escaping (Double) -> Void
    ) throws {
        let network = try model.inspectable
        let layout = network.layout
        let start = model.endOfText.min()
        var generator = SeededGenerator(seed: 0)
        func list(_ count: Int) -> [Int] {
            (0..<count).map { _ in generator.integer(below: layout.vocabulary) }
        }
        let length = max(2, min(20, (layout.maximumPositions - 1) / 2))
        let lists = (0..<8).map { _ in list(length) }
        let scores = try HeadScores(repeating: lists, from: start, in: network) {
            progress(0.01 * Double($0))
        }
        let control = try HeadScores(repeating: lists, from: start, repeats: false, in: network)
        let room = min(layout.maximumPositions, 96)
        guard room >= 24 else {
            throw EvidenceError(
                .unsupportedNetwork,
                "retrieval takes 24 positions; the network has \(layout.maximumPositions)")
        }
        let trials = (0..<8).map { _ in
            let (before, key, needle, after) = (list(room / 6), list(2), list(6), list(room / 6))
            let opening = (start.map { [$0] } ?? []) + before + key
            return RetrievalHeads.Trial(
                tokens: opening + needle + after + key, needle: opening.count..<opening.count + needle.count)
        }
        let retrieval = try RetrievalHeads(trials, in: network) { progress(0.1 + 0.01 * Double($0)) }
        // One half says what a head is worth, the other measures the curve.
        let half = max(1, texts.tokens.count / 2)
        let (chosen, judged) = (
            Array(texts.tokens.prefix(half)), Array(texts.tokens.suffix(max(1, texts.tokens.count - half)))
        )
        let mean = try HeadAblation.mean(over: texts.tokens, in: network)
        func measured(_ texts: [[Int]], _ hooks: Hooks) throws -> Double {
            let all = try model.logProbabilities(of: texts, hooks: hooks).joined()
            return -all.reduce(0, +) / Double(max(all.count, 1))
        }
        let plain = try measured(chosen, Hooks())
        let sites = HeadAblation.heads(of: layout)
        let worth = try sites.enumerated().map { number, site in
            defer { progress(0.2 + 0.5 * Double(number + 1) / Double(sites.count)) }
            return try measured(chosen, mean.hooks(removing: [site])) - plain
        }
        let found = Dictionary(uniqueKeysWithValues: retrieval.heads.map { ($0.site, $0.score) })
        heads = zip(zip(scores.heads, control.heads), worth).map { pair, worth in
            Head(
                site: pair.0.site, previous: pair.0.previous, duplicate: pair.0.duplicate,
                induction: pair.0.induction, inductionWithoutRepetition: pair.1.induction,
                retrieval: found[pair.0.site] ?? 0, worth: worth)
        }
        let order = sites.indices.sorted { (worth[$1], $0) < (worth[$0], $1) }.map { sites[$0] }
        let counts = [0, 1, 2, 4, 8, 16, 32, 64].filter { $0 <= sites.count / 2 }
        let own = try mean.curve(removing: order, counts: counts) { try measured(judged, $0) }
        let draws = (0..<3).map { _ in generator.shuffled(sites) }
        let random = try draws.enumerated().map { number, draw in
            defer { progress(0.75 + 0.25 * Double(number + 1) / Double(draws.count)) }
            return try mean.curve(removing: draw, counts: counts) { try measured(judged, $0) }
        }
        curve = own.enumerated().map { place, point in
            Point(heads: point.heads, loss: point.value, random: random.map { $0[place].value })
        }
        loss = curve.first?.loss ?? plain
        self.texts = texts.source
        (self.trials, copied, recall) = (trials.count, retrieval.counted, retrieval.recall)
    }

    /// One sentence.
    var verdict: String {
        guard let previous = heads.max(by: { $0.previous < $1.previous }),
            let induction = heads.max(by: { $0.induction < $1.induction })
        else { return "the model has no heads" }
        let isInduction = induction.induction > 2 * induction.inductionWithoutRepetition + 0.1
        return
            "\(previous.site) looks at the token before most (\(previous.previous.text(2))); "
            + (isInduction
                ? "\(induction.site) is an induction head (\(induction.induction.text(2)), \(induction.inductionWithoutRepetition.text(2)) where nothing repeats)"
                : "no head is an induction head: the best scores \(induction.induction.text(2)), \(induction.inductionWithoutRepetition.text(2)) where nothing repeats")
    }

    /// The text for people.
    func text(_ terminal: Terminal, top: Int = 10) -> String {
        func block(_ title: String, _ table: TextTable) -> String {
            var lines = table.lines
            lines[0] = terminal.bold(lines[0])
            return terminal.bold(title) + "\n" + lines.joined(separator: "\n")
        }
        var table = TextTable([
            "head", "previous", "duplicate", "induction", "unrepeated", "retrieval", "loss without it",
        ])
        func add(_ head: Head) {
            table.add([
                head.site.description, head.previous.text(3), head.duplicate.text(3),
                head.induction.text(3), head.inductionWithoutRepetition.text(3), head.retrieval.text(3),
                (head.worth < 0 ? "" : "+") + head.worth.text(4),
            ])
        }
        for head in heads.sorted(by: { $0.worth > $1.worth }).prefix(top) { add(head) }
        let middle = heads.sorted { $0.worth < $1.worth }[heads.count / 2]
        var points = TextTable(["heads taken away", "loss", "random heads", "range"])
        for point in curve {
            let mean = point.random.reduce(0, +) / Double(max(point.random.count, 1))
            points.add([
                "\(point.heads)", point.loss.text(3), mean.text(3),
                "\((point.random.min() ?? .nan).text(3))–\((point.random.max() ?? .nan).text(3))",
            ])
        }
        let copies =
            copied == 0
            ? "the model copied none of \(trials) lists of random tokens, so retrieval scores are 0 and say nothing"
            : "the model copied \(copied) of \(trials) lists of random tokens (\(recall.text(2)) of their tokens)"
        return [
            terminal.bold(verdict),
            block("heads by what they are worth", table) + "\n"
                + terminal.dim(
                    "previous, duplicate, induction: attention on lists of random tokens that stand twice, unrepeated: induction where they do "
                        + "not; retrieval: how often it looks at the token that is copied; the middle head of \(heads.count) is worth "
                        + "\(middle.worth.text(4))"),
            copies, block("loss of a token, the worthiest heads at their means first", points),
            "What a head looks at is not what it does. Heads were ranked on one half of \(texts) and the curve is of the other half: where it "
                + "leaves the range of random heads, those heads matter in texts like these.",
        ].joined(separator: "\n\n")
    }

    private func grid(_ title: String, _ value: (Head) -> Double) -> HeatMap {
        HeatMap(heads: title, heads.map { ($0.site, value($0)) })
    }

    /// What each head is worth.
    var map: HeatMap { grid("Loss without the head, nats more", \.worth) }

    private var chart: LineChart {
        LineChart(
            "Heads taken away", places: curve.map { "\($0.heads)" }, axis: "loss of a token, nats",
            series: [
                LineChart.Series("worthiest first", curve.map { LineChart.Point($0.loss) }),
                LineChart.Series(
                    "random heads",
                    curve.map {
                        LineChart.Point(
                            $0.random.reduce(0, +) / Double(max($0.random.count, 1)), low: $0.random.min(),
                            high: $0.random.max())
                    }, isControl: true),
            ])
    }

    /// Everything, with a grid for each score.
    func page() -> HTMLPage {
        var page = HTMLPage("Attention heads")
        page.add(paragraph: verdict + ".")
        page.add(svg: grid("Attention to the token before", \.previous).svg)
        page.add(svg: grid("Induction: after an earlier occurrence", \.induction).svg)
        page.add(svg: grid("The same where nothing repeats (control)", \.inductionWithoutRepetition).svg)
        if copied > 0 { page.add(svg: grid("Retrieval", \.retrieval).svg) }
        page.add(svg: map.svg)
        page.add(svg: chart.svg)
        page.add(report: text(Terminal(.never)))
        return page
    }
}
