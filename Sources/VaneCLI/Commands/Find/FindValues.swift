import ArgumentParser
import Vane

struct FindValues: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "values",
        abstract: "MLP neurons that write a concept's words, and whether its texts hang on them (row 6).",
        discussion: """
            Each neuron's output column is seen through the vocabulary; those that raise the words most are listed with the words they raise. \
            With texts, noise is added to each column: the loss of the concept's texts should rise, that of other texts should not, and \
            random columns of the same block should do neither. With --changed, the same columns of a changed model are compared: a \
            model that forgot has other ones.

              vane find values --words soup,bread,pie
              vane find values --words soup,bread,pie --positive food.txt --negative other.txt
              vane find values --words soup,bread --model MODEL --changed UNLEARNED
            """)

    @Option(
        help: ArgumentHelp("The concept's words; each counts by its first token.", valueName: "words"))
    var words: String

    @Option(help: ArgumentHelp("Texts that need the concept.", valueName: "file"), completion: .file())
    var positive: String?

    @Option(help: ArgumentHelp("Texts that do not.", valueName: "file"), completion: .file())
    var negative: String?

    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "The same model after training or unlearning, a Hugging Face folder.", valueName: "folder"),
        completion: .directory)
    var changed: String?

    @Option(help: ArgumentHelp("Blocks to look at, counted from 0; all if not given.", valueName: "range"))
    var layers: LayersArgument?

    @Option(help: ArgumentHelp("How many columns to list and test.", valueName: "count"))
    var top = 5

    @Option(help: ArgumentHelp("The noise's length, in lengths of the column.", valueName: "number"))
    var noise = ValueVectorTest.Options().noise

    @Option(help: ArgumentHelp("Seeds the noise.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var display: OutputOptions

    struct Row: Encodable {
        let layer: Int
        let neuron: Int
        let score: Double
        let raises: [NamedToken]
        let effect: ValueVectorTest.Effect?
        let controls: [ValueVectorTest.Effect]?
        let pValue: Double?
        let erasure: ErasureMetrics?
    }

    private struct Report: Encodable {
        let words: [String]
        let looked: Int
        let columns: [Row]
    }

    func validate() throws {
        guard (1...1000).contains(top) else {
            throw ValidationError("--top is a number from 1 to 1000, not \(top)")
        }
        guard (positive == nil) == (negative == nil) else {
            throw ValidationError("--positive and --negative go together")
        }
        guard noise > 0, noise.isFinite else { throw ValidationError("--noise is a number above 0") }
        guard !WordOptions.list(words).isEmpty else { throw ValidationError("give words with --words") }
        guard changed == nil || model.model != nil else {
            throw ValidationError("--changed is compared with --model; give that as well")
        }
    }

    func run() async throws {
        let list = WordOptions.list(words)
        let texts = try positive.map { positive in
            (
                concept: try ExampleFile.texts(path: positive),
                other: try ExampleFile.texts(path: negative ?? positive)
            )
        }
        let engine = Engine(try model.load())
        let second = try changed.map { try LanguageModel(folder: $0) }
        var options = ValueVectorTest.Options()
        (options.noise, options.seed) = (noise, seed)
        let (chosen, top, layers) = (options, top, layers?.layers)
        let bar = ProgressBar()
        defer { bar.finish() }
        let report = try await engine.perform { model in
            let network = try model.inspectable
            let depth = network.layout.depth
            if let layers, layers.lowerBound < 0 || layers.upperBound >= depth {
                throw ValidationError("--layers: the model has blocks 0 to \(depth - 1)")
            }
            let vectors = try ValueVectors(network)
            let tokens = try list.map { try model.nextToken($0) }
            let found = try vectors.promoting(tokens, count: top, layers: layers)
            let other = try second?.inspectable
            func prompted(_ texts: [String]) -> [PromptedText] {
                texts.map { PromptedText(model.tokenizer.encode($0)) }
            }
            let rows = try found.enumerated().map { number, candidate in
                let test = try texts.map { texts in
                    try ValueVectorTest(
                        layer: candidate.layer, neuron: candidate.neuron, concept: prompted(texts.concept),
                        other: prompted(texts.other), in: network, options: chosen
                    ) { bar.update((Double(number) + $0) / Double(found.count), "adding noise") }
                }
                let erasure = try other.map {
                    try ErasureMetrics(
                        layer: candidate.layer, neuron: candidate.neuron, before: network, after: $0)
                }
                return Row(
                    layer: candidate.layer, neuron: candidate.neuron, score: candidate.score,
                    raises: try vectors.top(6, layer: candidate.layer, neuron: candidate.neuron)
                        .map { NamedToken($0, model) },
                    effect: test?.effect, controls: test?.controls, pValue: test?.pValue, erasure: erasure)
            }
            let looked = try (layers ?? 0...depth - 1).reduce(0) {
                $0 + (try network.layout.width(of: .mlpHidden($1)))
            }
            return Report(words: list, looked: looked, columns: rows)
        }
        bar.finish()
        if display.json { return try printJSON(report) }
        print(text(report, Terminal(display.color)))
    }

    private func text(_ report: Report, _ terminal: Terminal) -> String {
        let isTested = report.columns.contains { $0.effect != nil }
        let isCompared = report.columns.contains { $0.erasure != nil }
        var table = TextTable(
            ["neuron", "score", "raises"]
                + (isTested ? ["concept", "others", "random", "p"] : [])
                + (isCompared ? ["tokens kept", "cosine", "change"] : []), words: [0, 2])
        for row in report.columns {
            var cells = [
                "blocks[\(row.layer)].mlpHidden[\(row.neuron)]", row.score.text(1), terminal.list(row.raises),
            ]
            if let effect = row.effect, let controls = row.controls, let pValue = row.pValue {
                let selectivities = controls.map(\.selectivity)
                cells += [
                    effect.concept.text(3), effect.other.text(3),
                    "\((selectivities.min() ?? 0).text(3)) to \((selectivities.max() ?? 0).text(3))",
                    pValue.text(3),
                ]
            }
            if let erasure = row.erasure {
                cells += [erasure.jaccard.text(2), erasure.cosine.text(3), erasure.change.text(2)]
            }
            table.add(cells)
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        lines.append("")
        lines.append(
            terminal.dim(
                "of \(report.looked) neurons; score: the words' mean score, standard deviations over the vocabulary"
            ))
        if isTested {
            lines.append(
                terminal.dim(
                    "concept, others: rise of the loss under noise of \(noise.text(1)) times the column's length, nats a token; "
                        + "random: concept less others, of random columns of the block"))
            let certain = report.columns.count {
                $0.pValue ?? 1 <= 0.1 && $0.effect?.selectivity ?? 0 > 0
            }
            let luck = Double(report.columns.count) / 10
            lines.append(
                "\(certain) of \(report.columns.count) columns cost the concept's texts more than all but a tenth of random columns do; "
                    + "luck alone gives \(luck.text(1)). The others only look like the concept.")
        }
        if isCompared {
            lines.append(
                "Kept tokens and cosines near 1 say that the changed model still holds the words; whether it says them is another question."
            )
        }
        if !isTested && !isCompared {
            lines.append(
                "Candidates by their weights alone: test them with --positive and --negative before you believe them."
            )
        }
        return lines.joined(separator: "\n")
    }
}
