import Vane

/// What an attention head looks at, writes and is worth.
struct HeadReport: Encodable, Sendable {
    let head: Site
    let previous: Double
    let duplicate: Double
    let induction: Double
    /// Its place among all heads by each score, 1 for the largest.
    let places: [Int]
    let heads: Int
    let texts: String
    let loss: Double
    let lossWithZero: Double
    let lossWithMean: Double
    /// The loss with another head at its mean, some drawn ones: the control.
    let lossWithOthers: [Double]
    /// What the mean of its output over the texts writes.
    let raises: [NamedToken]
    let lowers: [NamedToken]
    /// The tokens of the first text, and where each looks.
    let patternTokens: [String]
    let attention: [[Double]]

    init(
        _ part: PartArgument, _ texts: ExplainTexts, _ top: Int, in model: LanguageModel,
        progress: @escaping (Double) -> Void
    ) throws {
        let network = try model.inspectable
        let layout = network.layout
        let site = Site.head(layer: part.layer, head: part.index)
        let shown = Array(texts.tokens.first?.prefix(24) ?? [])
        _ = try layout.width(of: site)
        let start = model.endOfText.min()
        var generator = SeededGenerator(seed: 0)
        let length = max(2, min(20, (layout.maximumPositions - 1) / 2))
        let lists = (0..<8).map { _ in
            (0..<length).map { _ in generator.integer(below: layout.vocabulary) }
        }
        let scores = try HeadScores(repeating: lists, from: start, in: network) { progress(Double($0) / 12) }
        guard let own = scores.heads.first(where: { $0.site == site }) else {
            throw EvidenceError(.unusableSite, "\(site) was not scored")
        }
        head = site
        (previous, duplicate, induction) = (own.previous, own.duplicate, own.induction)
        places = [
            scores.heads.count { $0.previous > own.previous },
            scores.heads.count { $0.duplicate > own.duplicate },
            scores.heads.count { $0.induction > own.induction },
        ].map { $0 + 1 }
        heads = scores.heads.count
        self.texts = texts.source
        let mean = try HeadAblation.mean(over: texts.tokens, in: network)
        func measured(_ hooks: Hooks) throws -> Double {
            let all = try model.logProbabilities(of: texts.tokens, hooks: hooks).joined()
            return -all.reduce(0, +) / Double(max(all.count, 1))
        }
        loss = try measured(Hooks())
        progress(0.8)
        lossWithZero = try measured(HeadAblation.zero(in: network).hooks(removing: [site]))
        lossWithMean = try measured(mean.hooks(removing: [site]))
        let others = generator.shuffled(HeadAblation.heads(of: layout).filter { $0 != site }).prefix(8)
        lossWithOthers = try others.map { try measured(mean.hooks(removing: [$0])) }
        progress(1)
        let written = try FunctionVectors().vector(of: [site], mean.replacements, in: network)
        let projection = written.contains { $0 != 0 } ? try VocabularyProjection(written, in: network) : nil
        let matrix = try network.attentionPatterns(of: shown, layers: [part.layer], under: Hooks())[
            part.layer]?[
                part.index]
        let weights = matrix?.elements ?? []
        patternTokens = shown.map { model.text(ofToken: $0) }
        attention = shown.indices.map { row in
            shown.indices.map { column in
                column > row ? .nan : Double(weights[row * shown.count + column])
            }
        }
        raises = (projection?.top(top) ?? []).map { NamedToken($0, model) }
        lowers = (projection?.bottom(top) ?? []).map { NamedToken($0, model) }
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable(["looks at", "attention", "place of \(heads)"])
        let rows = [
            ("the token before", previous), ("the same token before", duplicate),
            ("the token after the same one (induction)", induction),
        ]
        for (number, row) in rows.enumerated() { table.add([row.0, row.1.text(3), "\(places[number])"]) }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        return """
            \(terminal.bold(head.description)) on lists of random tokens that stand twice:
            \(lines.joined(separator: "\n"))

            loss of a token on \(texts): \(loss.text(4)) nats; with the head at zero \(lossWithZero.text(4)), at its mean \(lossWithMean.text(4)); with one of \(lossWithOthers.count) other heads at its mean \((lossWithOthers.min() ?? .nan).text(4)) to \((lossWithOthers.max() ?? .nan).text(4))
            its mean output writes      \(terminal.list(raises))
            its mean output takes away  \(terminal.list(lowers))

            The loss says what the head is worth in these texts, while other heads may stand in for it; where it looks does not say what it does.
            """
    }

    /// Where each token of a text looks.
    var pattern: HeatMap {
        HeatMap(
            "Where \(head) looks: rows look at columns", rows: patternTokens, columns: patternTokens,
            values: attention)
    }

    /// Everything, with the attention of one text.
    func page() -> HTMLPage {
        var page = HTMLPage("Attention \(head)")
        page.add(svg: pattern.svg)
        page.add(report: text(Terminal(.never)))
        return page
    }
}
