import Vane

/// How the model recalls facts.
struct FactReport: Encodable, Sendable {
    struct Head: Encodable, Sendable {
        let site: Site
        /// What it adds to the answer's logit over the vocabulary's mean, mean over the facts.
        let direct: Double
        /// Its attention from the last token to the subject; nil where that is not known.
        let subject: Double?
        /// The share of the answer's lead over another subject's that is lost when its output is taken from
        /// that other fact.
        let swapped: Estimate?
    }

    struct Part: Encodable, Sendable {
        let part: String
        let value: Double
    }

    let facts: Int
    let examples: [String]
    let probability: Double
    let removed: Int
    let withoutTopHeads: Double
    let withoutRandomHeads: Double
    /// The part of the prompt's tokens that are the subject's: the attention of a head that looks evenly.
    let evenly: Double
    let pairs: Int
    let heads: [Head]
    let writers: [Part]
    let blocks: [RecallRegression.Block]
    let damping: LastBlockDamping
    let dampingPValue: Double

    init(
        _ known: [KnownFact], in model: LanguageModel, progress: @escaping (Double, String) -> Void
    ) throws {
        let network = try model.inspectable
        let layout = network.layout
        let facts = known.map { FactualRecall.Fact(prompt: $0.prompt, answer: $0.answer) }
        guard facts.count >= 6 else {
            throw EvidenceError(
                .unusableInputs,
                "recall is looked at on at least 6 facts, which the model should know, not \(facts.count)")
        }
        let total = Double(facts.count)
        let removed = max(1, min(3, HeadAblation.heads(of: layout).count / 2))
        let recall = try FactualRecall(facts, removing: removed, in: network) {
            progress(0.3 * Double($0) / total, "taking answers apart")
        }
        var attention: [Site: Double] = [:]
        for fact in known where !fact.subject.isEmpty {
            let patterns = try network.attentionPatterns(of: fact.prompt, layers: nil, under: Hooks())
            let count = fact.prompt.count
            for (layer, matrices) in patterns {
                for (head, matrix) in matrices.enumerated() {
                    let row = matrix.elements.suffix(count)
                    let looked = fact.subject.reduce(0.0) { $0 + Double(row[row.startIndex + $1]) }
                    attention[.head(layer: layer, head: head), default: 0] += looked / total
                }
            }
        }
        progress(0.4, "swapping subjects")
        let sites = HeadAblation.heads(of: layout)
        let pairs = try Self.pairs(known).filter { pair in
            // Only where either prompt has its own answer is there a way between the two.
            let values = try Objective.difference(pair.0.answer, pair.1.answer)
                .values(of: [pair.0.prompt, pair.1.prompt], in: network)
            return values[0] > 0 && values[1] < 0
        }
        var swaps: [Site: [Double]] = [:]
        for (number, pair) in pairs.enumerated() {
            let patching = try PathPatching(
                clean: pair.0.prompt, corrupted: pair.1.prompt,
                objective: .difference(pair.0.answer, pair.1.answer), in: network)
            for effect in try patching.effects(of: sites, on: .output) {
                swaps[effect.sender, default: []].append(effect.effect)
            }
            progress(0.4 + 0.3 * Double(number + 1) / Double(pairs.count), "swapping subjects")
        }
        var generator = SeededGenerator(seed: 0)
        var direct: [Site: Double] = [:]
        for entry in recall.contributions {
            if case .head(let layer, let head) = entry.part {
                direct[.head(layer: layer, head: head)] = entry.value
            }
        }
        heads = sites.map { site in
            Head(
                site: site, direct: direct[site] ?? 0, subject: attention[site],
                swapped: swaps[site].map {
                    Statistics.pairedBootstrap($0, resamples: 500, generator: &generator)
                })
        }
        writers = recall.contributions.map { Part(part: $0.part.description, value: $0.value) }
        let regression = try RecallRegression(
            Array(facts.prefix(16)), candidates: Array(Set(facts.map(\.answer)).sorted().prefix(10)),
            in: network
        ) { progress(0.7 + 0.25 * Double($0) / min(total, 16), "what MLPs do with heads") }
        blocks = regression.blocks
        damping = try LastBlockDamping(facts, in: network)
        dampingPValue = Statistics.binomialTail(successes: damping.damped, of: facts.count, chance: 0.5)
        self.facts = facts.count
        self.removed = removed
        examples = known.prefix(3).map { "\($0.text) →\(model.text(ofToken: $0.answer))" }
        (probability, withoutTopHeads, withoutRandomHeads) = (
            recall.probability, recall.withoutTopHeads, recall.withoutRandomHeads
        )
        evenly =
            known.reduce(0) { $0 + Double($1.subject.count) / Double(max($1.prompt.count, 1)) } / total
        self.pairs = pairs.count
        progress(1, "reading the last block")
    }

    /// Facts of one relation with as many tokens and other answers; each fact in one pair at most.
    private static func pairs(_ facts: [KnownFact], atMost count: Int = 12) -> [(KnownFact, KnownFact)] {
        var waiting: [String: KnownFact] = [:]
        var pairs: [(KnownFact, KnownFact)] = []
        for fact in facts where pairs.count < count {
            let key = "\(fact.relation) \(fact.prompt.count)"
            if let other = waiting[key], other.answer != fact.answer {
                pairs.append((other, fact))
                waiting[key] = nil
            } else {
                waiting[key] = fact
            }
        }
        return pairs
    }
}

extension FactReport {
    /// Facts whose answer is the likeliest token.
    private var answered: Int {
        let whole = damping.points.first { $0.share == 1 }
        return Int(((whole?.accuracy ?? 0) * Double(facts)).rounded())
    }

    /// One sentence.
    var verdict: String {
        let lost = probability > 0 ? 1 - withoutTopHeads / probability : 0
        let best = heads.filter { $0.swapped.map { $0.low > 0 } ?? false }
            .max { ($0.swapped?.value ?? 0) < ($1.swapped?.value ?? 0) }
        let carried = best.flatMap { head in
            head.swapped.map {
                "; \(head.site) carries most of the subject (\((100 * $0.value).text(0))% of an answer's lead)"
            }
        }
        return
            "without the \(removed) heads that write most, answers lose \((100 * lost).text(0))% of their probability"
            + (carried ?? "")
    }

    /// The text for people.
    func text(_ terminal: Terminal, top: Int = 10) -> String {
        func block(_ title: String, _ table: TextTable, _ note: String) -> String {
            var lines = table.lines
            lines[0] = terminal.bold(lines[0])
            return terminal.bold(title) + "\n" + lines.joined(separator: "\n") + "\n" + terminal.dim(note)
        }
        var carriers = TextTable(["head", "answer moved by swap", "95%", "adds directly", "looks at subject"])
        for head in heads.sorted(by: { ($0.swapped?.value ?? 0) > ($1.swapped?.value ?? 0) }).prefix(top) {
            carriers.add([
                head.site.description, (head.swapped?.value ?? .nan).text(3),
                head.swapped.map { "[\($0.low.text(2)), \($0.high.text(2))]" } ?? "–", head.direct.text(3),
                (head.subject ?? .nan).text(3),
            ])
        }
        var writing = TextTable(["part", "adds"])
        for part in writers.prefix(top) { writing.add([part.part, part.value.text(3)]) }
        var mlps = TextTable([
            "block", "adds to the answer", "95%", "on its own account", "95%", "heads explain", "shuffled",
            "most amplified", "most erased",
        ])
        for block in blocks {
            let order = block.coefficients.indices.sorted { block.coefficients[$0] > block.coefficients[$1] }
            func named(_ head: Int?) -> String {
                head.map { "head \($0) (\(block.coefficients[$0].text(1)))" } ?? "–"
            }
            let isClear = block.explained > block.shuffled + 0.05
            mlps.add([
                "\(block.layer)", block.answer.value.text(3),
                "[\(block.answer.low.text(2)), \(block.answer.high.text(2))]", block.own.value.text(3),
                "[\(block.own.low.text(2)), \(block.own.high.text(2))]", block.explained.text(2),
                block.shuffled.text(2), isClear ? named(order.first) : "–", isClear ? named(order.last) : "–",
            ])
        }
        var course = TextTable(["share of the last block", "log p(answer)", "95%", "right"])
        for point in damping.points {
            course.add([
                point.share.text(2), point.logProbability.value.text(3),
                "[\(point.logProbability.low.text(2)), \(point.logProbability.high.text(2))]",
                point.accuracy.text(2),
            ])
        }
        return [
            terminal.bold(verdict),
            "\(facts) facts, such as \(terminal.quoted(examples.first ?? "")), of which the model answers \(answered) right; p(answer) \(probability.text(3)), without the top "
                + "\(removed) heads \(withoutTopHeads.text(3)), without \(removed) others \(withoutRandomHeads.text(3))",
            block(
                "which heads carry the subject", carriers,
                "moved by swap: the head's output is taken from a fact with another subject, the other heads held (\(pairs) pairs); 1 is the "
                    + "whole way to the other answer"
                    + (evenly > 0 ? "; a head that looks evenly gives the subject \(evenly.text(3))" : "")
            ),
            block(
                "which parts write the answer", writing,
                "logits over the vocabulary's mean, mean over the facts"),
            block(
                "what MLPs do with what heads write", mlps,
                "regression of an MLP's additions to candidate answers on those of its block's heads, judged on other facts: shuffled is the "
                    + "control, heads are named only where it is clearly beaten"),
            block(
                "does the last block damp answers?", course,
                "\(damping.damped) of \(facts) answers are likelier without the last block (p = \(dampingPValue.text(3))); the best share on one half, "
                    + "\(damping.best.text(2)), gains \(damping.gain.value.text(3)) nats on the other [\(damping.gain.low.text(2)), \(damping.gain.high.text(2))]"
            ),
            "Direct additions and attention describe; only the swaps and the removal of heads are tests. All of it is about facts that the model "
                + "already answers; on others it means little.",
        ].joined(separator: "\n\n")
    }

    /// How far each head's swap moves the answer.
    var map: HeatMap {
        HeatMap(
            heads: "Answer moved by swapping each head",
            heads.map { ($0.site, $0.swapped?.value ?? .nan) })
    }

    /// Everything, with grids and curves.
    func page() -> HTMLPage {
        var page = HTMLPage("How facts are recalled")
        page.add(paragraph: verdict + ".")
        page.add(svg: map.svg)
        page.add(
            svg: HeatMap(heads: "Attention to the subject", heads.map { ($0.site, $0.subject ?? .nan) }).svg)
        page.add(svg: HeatMap(heads: "What heads add to the answer", heads.map { ($0.site, $0.direct) }).svg)
        func points(_ value: (RecallRegression.Block) -> Estimate) -> [LineChart.Point] {
            blocks.map { LineChart.Point(value($0).value, low: value($0).low, high: value($0).high) }
        }
        page.add(
            svg: LineChart(
                "What MLPs add to the answer", places: blocks.map { "\($0.layer)" }, axis: "logits",
                series: [
                    LineChart.Series("in all", points(\.answer)),
                    LineChart.Series("beyond their heads", points(\.own)),
                ], mark: 0
            ).svg)
        page.add(
            svg: LineChart(
                "Answers by the share of the last block", places: damping.points.map { $0.share.text(2) },
                axis: "log-probability, nats",
                series: [
                    LineChart.Series(
                        "answers",
                        damping.points.map {
                            LineChart.Point(
                                $0.logProbability.value, low: $0.logProbability.low,
                                high: $0.logProbability.high)
                        })
                ]
            ).svg)
        page.add(report: text(Terminal(.never)))
        return page
    }
}
