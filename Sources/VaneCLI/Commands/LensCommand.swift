import ArgumentParser
import Vane

struct LensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lens", abstract: "Train a tuned lens, which shows what each layer would say.",
        discussion: """
            One affine map a layer carries its states over into the last one's terms, so that early layers are not misread. Every fifth \
            text is kept out: the table says how near the lens comes to the model's own predictions there.

              vane lens --output tuned.safetensors
              vane lens --texts corpus.txt --output tuned.safetensors --model MODEL
              vane explain --prompt "The film was" --lens tuned.safetensors --model MODEL
            """)

    @Option(
        help: ArgumentHelp(
            "Texts to train on, one a line or a JSON list; sentences of its language for the built-in model if not given.",
            valueName: "file"), completion: .file())
    var texts: String?

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the lens.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("Steps of training a layer.", valueName: "count"))
    var steps = TunedLens.Options().steps

    @Option(help: ArgumentHelp("The highest rate of learning.", valueName: "number"))
    var rate = TunedLens.Options().rate

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        guard steps > 0, rate > 0, rate.isFinite else {
            throw ValidationError("--steps and --rate are numbers above 0")
        }
        guard texts != nil || model.model == nil else {
            throw ValidationError("give texts to train on with --texts")
        }
    }

    func run() async throws {
        let sentences = try texts.map { try promptTexts(path: $0) } ?? TestImportance.languageSentences(400)
        let engine = Engine(try model.load())
        var options = TunedLens.Options()
        (options.steps, options.rate, options.seed) = (steps, rate, seed)
        let chosen = options
        let bar = ProgressBar()
        defer { bar.finish() }
        let lens = try await engine.perform { model in
            let limit = model.network.layout.maximumPositions
            let tokens = sentences.map { Array(model.tokenizer.encode($0).prefix(limit)) }
                .filter { !$0.isEmpty }
            return try TunedLens(
                tokens, in: model.inspectable, fingerprint: model.identity.fingerprint, options: chosen
            ) { bar.update($0, "training") }
        }
        bar.finish()
        try lens.write(to: output)
        let report = LensReport(output: output, fits: lens.fits)
        try pictures.write(page: report.page, chart: { report.chart.svg })
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
    }
}

/// How near a tuned lens comes to a model's own predictions.
struct LensReport: Encodable {
    let output: String
    let fits: [TunedLens.Fit]

    func text(_ terminal: Terminal) -> String {
        var table = TextTable(["site", "tuned", "logit lens", "constant", "gain"], words: [0])
        for fit in fits {
            table.add([
                "\(fit.site)", fit.tuned.text(3), fit.plain.text(3), fit.constant.text(3),
                "\((fit.plain - fit.tuned).text(3)) ± \(fit.error.text(3))",
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let nearer = fits.count { $0.isNearer }
        let informed = fits.count { $0.tuned < $0.constant }
        return lines.joined(separator: "\n") + """


            \(terminal.dim("nats a token from the model's own prediction, on texts that took no part in training; constant: one prediction for all places"))
            The tuned lens is nearer than the logit lens at \(nearer) of \(fits.count) sites (by more than two standard errors) and knows more than a \
            constant at \(informed). It shows what can be read from a state, not what the model reads. Wrote \(terminal.safe(output)).
            """
    }

    var chart: LineChart {
        func line(_ name: String, _ value: (TunedLens.Fit) -> Double, isControl: Bool = false)
            -> LineChart.Series
        {
            LineChart.Series(name, fits.map { LineChart.Point(value($0)) }, isControl: isControl)
        }
        return LineChart(
            "How far each layer's reading is from the prediction", places: fits.map(\.site.shortName),
            axis: "nats a token",
            series: [
                LineChart.Series(
                    "tuned lens",
                    fits.map {
                        LineChart.Point($0.tuned, low: $0.tuned - 2 * $0.error, high: $0.tuned + 2 * $0.error)
                    }),
                line("logit lens", \.plain), line("constant prediction", \.constant, isControl: true),
            ])
    }

    func page() -> HTMLPage {
        var page = HTMLPage("A tuned lens")
        page.add(svg: chart.svg)
        page.add(heading: "In numbers")
        page.add(preformatted: text(Terminal(.never)))
        return page
    }
}
