import ArgumentParser
import Vane

struct MeasureModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Measure how well the built-in model knows its language and how steering moves it.",
        discussion: """
              vane models measure
              vane models measure --model FOLDER

            FOLDER is what `vane models train` or `vane models export` wrote. Nothing is judged by a model: the
            grammar of the planted language reads the texts.
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("Texts to write at each temperature.", valueName: "count"))
    var samples = 500

    @Option(
        help: ArgumentHelp("Prompts to continue for each concept; 0 leaves steering out.", valueName: "count")
    )
    var prompts = SteeringReport.promptCount

    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let quality: ModelQuality
        let steering: SteeringReport?
    }

    func validate() throws {
        guard samples > 0 && prompts >= 0 else {
            throw ValidationError("--samples must be positive, --prompts at least 0")
        }
    }

    func run() async throws {
        let concepts =
            try prompts == 0
            ? []
            : StarterConcept.all.compactMap { starter in
                try concept(starter.name).map { (starter, $0) }
            }
        let engine = Engine(try model.load())
        let bar = ProgressBar()
        let quality = try await ModelQuality(of: engine, samples: samples) { bar.update($0, $1) }
        bar.finish()
        if !display.json { print(text(quality)) }
        var steering: SteeringReport?
        if prompts > 0 {
            let bar = ProgressBar()
            steering = try await SteeringReport(of: engine, concepts: concepts, prompts: prompts) {
                bar.update($0, $1)
            }
            bar.finish()
            if let steering, !display.json { print("\n" + text(steering)) }
        }
        if display.json { try printJSON(Report(quality: quality, steering: steering)) }
    }

    /// The concept beside the model's files, or the one that is built in.
    private func concept(_ name: String) throws -> Concept? {
        try model.model.map { try Concept(contentsOf: "\($0)/concepts/\(name).vane") }
            ?? DefaultModel.concept(named: name)
    }

    private func text(_ quality: ModelQuality) -> String {
        let heldOut = quality.heldOut
        var sections = [
            """
            \(heldOut.texts) held-out texts, \(heldOut.words) words: perplexity of a word \(heldOut.model.text(2)), \
            the grammar's own \(heldOut.grammar.text(2))
            """
        ]
        var writing = TextTable(["temperature", "samples", "sentences", "grammatical", "flawless samples"])
        for row in quality.writing {
            writing.add([
                row.temperature.text(1), "\(row.samples)", "\(row.sentences)",
                percent(row.grammatical, row.sentences), percent(row.flawless, row.samples),
            ])
        }
        sections.append(writing.lines.joined(separator: "\n"))
        var answers = TextTable(["questions", "topic", "shown in training", "count", "right", "chance"])
        for row in quality.answers {
            answers.add([
                row.kind, row.topic, row.isHeldOut ? "no" : "yes", "\(row.count)",
                percent(row.right, row.count), "\((row.chance * 100).text(0))%",
            ])
        }
        sections.append(answers.lines.joined(separator: "\n"))
        sections += quality.writing.last?.examples.map { "  " + $0.replacing("\n", with: "\n  ") } ?? []
        return sections.joined(separator: "\n\n")
    }

    private func text(_ report: SteeringReport) -> String {
        var table = TextTable([
            "concept", "held-out", "method", "target", "shows it", "shift", "95%", "true perplexity",
            "times", "model's", "move",
        ])
        for part in report.parts {
            for row in part.rows {
                table.add([
                    part.concept, part.accuracy.text(2), row.method.rawValue,
                    row.target.map { "\(($0 * 1e6).rounded() / 1e6)" } ?? "–", row.positiveRate.text(3),
                    row.shift?.value.text(3) ?? "–",
                    row.shift.map { "[\($0.low.text(3)), \($0.high.text(3))]" } ?? "–",
                    row.truePerplexity?.text(2) ?? "–",
                    row.truePerplexity.map { ($0 / report.unsteeredPerplexity).text(2) } ?? "–",
                    row.perplexity.text(2), row.meanMove.text(2),
                ])
            }
        }
        var pairs = TextTable(["swept", "held at 0.9", "method", "target", "swept shows", "held shows"])
        var movements = TextTable(["swept", "held", "held moves by, GCAV", "95%", "by plain addition", "95%"])
        for pair in report.pairs {
            for row in pair.rows {
                pairs.add([
                    pair.swept, pair.held, row.method.rawValue, "\((row.target * 1e6).rounded() / 1e6)",
                    row.swept.text(3), row.held.text(3),
                ])
            }
            movements.add(
                [pair.swept, pair.held]
                    + [pair.gcav, pair.meanDifference].flatMap {
                        [$0.value.text(3), "[\($0.low.text(3)), \($0.high.text(3))]"]
                    })
        }
        return
            ([table, pairs, movements].map { $0.lines.joined(separator: "\n") }
            + ["unsteered perplexity \(report.unsteeredPerplexity.text(2))"]).joined(separator: "\n\n")
    }

    private func percent(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "–" : "\((100 * Double(part) / Double(whole)).text(1))%"
    }
}
