import ArgumentParser
import Foundation
import Vane

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure whether steering moves the text, beside its controls.",
        discussion: """
            Continues every prompt unsteered, steered up and down by GCAV, pushed as far in a random direction, and
            pushed as far along the plain difference of means; with --ask-more and --ask-less also asked in words, by a text
            put before each prompt. A bag-of-words classifier judges the texts; train it on
            other sentences than the concept.

              vane evaluate happiness.vane --model MODEL --prompts prompts.txt \\
                --judge-positive joy.txt --judge-negative grief.txt --seeds 2

            With two targets or more, the effect at its cost over all strengths (PNES) tells which of several concepts' directions \
            is clean: the lower it is, the more the direction is entangled with what breaks the text.

            With --keep the effect at one target is written into the concept file, where `vane show` shows it.
            """)

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var file: String

    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Prompts, one a line (\\n stands for a line break), or a JSON list.", valueName: "file"))
    var prompts: String

    @Option(help: ArgumentHelp("Texts of the concept for the judge.", valueName: "file"))
    var judgePositive: String

    @Option(help: ArgumentHelp("Texts without it for the judge.", valueName: "file"))
    var judgeNegative: String

    @Option(help: ArgumentHelp("Target probabilities, separated by commas.", valueName: "list"))
    var targets = "0.9,0.99,0.999"

    @Option(help: ArgumentHelp("Continuations a prompt.", valueName: "count"))
    var seeds = 2

    @Option(help: ArgumentHelp("Put before each prompt to ask for the concept in words.", valueName: "text"))
    var askMore: String?

    @Option(help: ArgumentHelp("Put before each prompt to ask for its absence in words.", valueName: "text"))
    var askLess: String?

    @Flag(help: "Keep the effect at the target nearest to 0.99 in the concept file.")
    var keep = false

    @Option(help: ArgumentHelp("Blocks to edit; the concept's own if not given.", valueName: "range"))
    var layers: LayersArgument?

    @Option(help: "Which tokens' states to edit: all, prompt or generated.")
    var scope: TokenScope = .all

    @OptionGroup var writing: SamplingArguments
    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let concept: String
        let model: String
        let sites: [Site]
        let scope: TokenScope
        let prompts: Int
        let seeds: Int
        let judgeAccuracy: Double
        let judgeTexts: Int
        let rows: [SteeringExperiment.Row]
        /// By method.
        let normalisedEffects: [String: NormalisedEffect]
    }

    /// Ways to steer that have a normalised effect.
    private static let normalised: [SteeringExperiment.Method] = [.gcav, .meanDifference, .random]

    func run() async throws {
        let concept = try Concept(argument: file)
        guard !keep || FileManager.default.fileExists(atPath: file) else {
            throw ValidationError(
                "--keep writes into a concept file; \(file) is a concept of the built-in model")
        }
        let aims = try targets.split(separator: ",").map { text in
            let value = Double(text) ?? .nan
            try SteeringPlan.requireTarget(value, of: file)
            return value
        }
        let texts = try promptTexts(path: prompts)
        let judge = try BagOfWordsJudge(
            positive: ExampleFile.texts(path: judgePositive), negative: ExampleFile.texts(path: judgeNegative)
        )
        let engine = Engine(try model.load())
        let sites = try layers.map {
            try SiteSelector.residuals($0.layers).sites(in: engine.model.network.layout)
        }
        var instructions: [SteeringPlan.Goal: String] = [:]
        instructions[.add] = askMore.map { $0.replacing("\\n", with: "\n") }
        instructions[.remove] = askLess.map { $0.replacing("\\n", with: "\n") }
        let bar = ProgressBar()
        let experiment = try await SteeringExperiment(
            concept, prompts: texts, judge: judge, engine: engine,
            options: SteeringExperiment.Options(
                targets: aims, seeds: seeds, sites: sites, scope: scope, maximumTokens: writing.maxTokens,
                sampling: writing.sampling, stop: writing.stop, instructions: instructions),
            progress: { bar.update(Double($0) / Double($1), "\($0) of \($1) continuations") })
        bar.finish()
        if keep {
            var kept = concept
            let nearest = aims.min { abs($0 - 0.99) < abs($1 - 0.99) } ?? 0.99
            kept.effect = experiment.effect(target: nearest, scope: scope, judge: "a bag of words")
            try kept.write(to: file)
        }
        if display.json {
            return try printJSON(
                Report(
                    concept: concept.name, model: engine.model.identity.name, sites: experiment.sites,
                    scope: scope,
                    prompts: experiment.prompts, seeds: experiment.seeds, judgeAccuracy: judge.accuracy,
                    judgeTexts: judge.trainingCount, rows: experiment.rows,
                    normalisedEffects: Dictionary(
                        uniqueKeysWithValues: Self.normalised.compactMap { method in
                            experiment.normalisedEffect(method).map { (method.rawValue, $0) }
                        })))
        }
        print(text(experiment, judge, Terminal(display.color)))
    }

    private func text(_ experiment: SteeringExperiment, _ judge: BagOfWordsJudge, _ terminal: Terminal)
        -> String
    {
        var table = TextTable([
            "method", "goal", "target", "positive", "shift", "95%", "perplexity", "repeats", "move",
        ])
        for row in experiment.rows {
            table.add([
                row.method.rawValue, row.goal?.rawValue ?? "–",
                row.target.map { "\(($0 * 1e6).rounded() / 1e6)" } ?? "–",
                row.positiveRate.text(3), row.shift?.value.text(3) ?? "–",
                row.shift.map { "[\($0.low.text(3)), \($0.high.text(3))]" } ?? "–", row.perplexity.text(2),
                row.repetition.text(3), row.meanMove.text(2),
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let effects = Self.normalised.compactMap { method in
            experiment.normalisedEffect(method).map {
                "\(method.rawValue) \($0.score.text(2)) (fit explains \((100 * max(0, $0.rSquared)).text(0)) %)"
            }
        }
        if !effects.isEmpty {
            lines += [
                "",
                "effect at its perplexity over all strengths (PNES, 0 to 2): "
                    + effects.joined(separator: ", "),
                terminal.dim("compare with random: that much is noise"),
            ]
        }
        return """
            \(experiment.prompts) prompts, \(experiment.seeds) seeds; edits at \
            \(experiment.sites.map(\.description).joined(separator: ", ")) (\(scope.rawValue) tokens); judge: bag of words \
            on \(judge.trainingCount) texts, \((judge.accuracy * 100).text(1))% right in cross-validation

            \(lines.joined(separator: "\n"))
            """
    }
}
