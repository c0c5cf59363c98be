public import ArgumentParser
import Foundation
public import Vane

struct LearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn", abstract: "Learn a concept from example sentences.",
        discussion: """
            Examples come as two files of one class each (text with one example a line, a JSON list of strings, or
            JSON lines), or as one labelled file (.tsv or .csv with a header, or .jsonl):

              vane learn happiness --positive happy.txt --negative sad.txt --model MODEL
              vane learn sentiment --examples reviews.tsv --model MODEL
              vane learn sports --examples news.tsv --text-column title --label-column topic \\
                --positive-label Sports --model MODEL

            A quarter of the examples is held out; the table shows how well each layer's probe does on it, beside
            the same procedure on shuffled labels.
            """)

    @Argument(help: "The concept's name.")
    var name: String

    @Option(help: ArgumentHelp("Examples that show the concept.", valueName: "file"))
    var positive: String?

    @Option(help: ArgumentHelp("Examples that do not.", valueName: "file"))
    var negative: String?

    @Option(help: ArgumentHelp("Labelled examples: .tsv, .csv or .jsonl.", valueName: "file"))
    var examples: String?

    @OptionGroup var model: ModelOptions

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Where to write; NAME.vane if not given.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Seeds the split, the folds and the control.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "What stands for a text: mean, last, tokens (each on its own), or a token's index.",
            valueName: "how"))
    var pooling: Pooling = LogisticCAV.Options().pooling

    @Option(
        help: ArgumentHelp(
            "The penalty of the fit; chosen by cross-validation if not given. A strong one (10) steers the built-in "
                + "model better and reads worse.", valueName: "number"))
    var penalty: Double?

    @Option(
        help: ArgumentHelp(
            "How many logits the means of the classes shall lie apart for steering; as fitted if not given. With less, a target asks "
                + "for a longer way; 1.5 does well on the built-in model.", valueName: "number"))
    var separation: Double?

    @Option(
        help: ArgumentHelp(
            "What is steered along: probe (what parts the examples) or gradient (what makes the model write them, for the "
                + "least change of everything else; takes a backward pass).", valueName: "how"))
    var steering: SteeringLearner = .probe

    @Option(help: ArgumentHelp("Sites such as 'blocks[2..<6].residual'; all residual streams if not given."))
    var sites: String?

    @Option(help: ArgumentHelp("The column (or JSON key) of the text.", valueName: "name"))
    var textColumn = "text"

    @Option(help: ArgumentHelp("The column (or JSON key) of the label.", valueName: "name"))
    var labelColumn = "label"

    @Option(help: ArgumentHelp("The label that means positive; every other is negative.", valueName: "label"))
    var positiveLabel: String?

    @OptionGroup var display: OutputOptions

    func validate() throws {
        let pair = [positive, negative].compactMap { $0 }.count
        guard (examples != nil && pair == 0) || (examples == nil && pair == 2) else {
            throw ValidationError("give either --positive and --negative, or --examples")
        }
        guard separation.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--separation must be a positive number")
        }
        guard separation == nil || steering == .probe else {
            throw ValidationError("--separation belongs to --steering probe; a gradient has its own scale")
        }
        guard positiveLabel == nil || examples != nil else {
            throw ValidationError("--positive-label belongs to --examples; two files need no labels")
        }
        guard !name.isEmpty, output != nil || !name.contains("/") else {
            throw ValidationError("the name '\(name)' cannot be a file name; give --output")
        }
    }

    func run() async throws {
        let path = output ?? "\(name).vane"
        try requireFolder(of: path)
        let set = try readExamples()
        let selector = try sites.map { try SiteSelector($0) }
        var options = LogisticCAV.Options(pooling: pooling, seed: seed)
        if let penalty { options.lambdas = [penalty] }
        let engine = Engine(try model.load())
        let bar = ProgressBar()
        let learnt = try await engine.learn(
            name, from: set, options: options, at: selector,
            steering: steering == .gradient ? NaturalGradient() : nil, progress: { bar.update($0, $1) })
        bar.finish()
        let concept = separation.map { learnt.separated(by: $0) } ?? learnt
        try concept.write(to: path)
        let report = ConceptReport(concept, file: path)
        if display.json { return try printJSON(report) }
        if set.duplicates > 0 { print("\(set.duplicates) repeated examples were left out") }
        if set.contradictions > 0 {
            print("\(set.contradictions) examples that stand in both classes were left out")
        }
        print(report.text(Terminal(display.color)))
        print("\nwrote \(path)")
    }

    /// Refuses a place that cannot be written before the work is done, not after.
    private func requireFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw WeightsError(
                .unwritable, "cannot write \(path): \(folder) is not a folder that can be written")
        }
    }

    private func readExamples() throws -> ExampleSet {
        if let examples {
            return try ExampleFile.labelled(
                path: examples,
                columns: ExampleFile.Columns(text: textColumn, label: labelColumn, positive: positiveLabel))
        }
        return try ExampleSet(
            positive: ExampleFile.texts(path: positive ?? "", textKey: textColumn),
            negative: ExampleFile.texts(path: negative ?? "", textKey: textColumn))
    }
}

extension Pooling: ExpressibleByArgument {}

/// Where the probes that steer come from.
enum SteeringLearner: String, CaseIterable, ExpressibleByArgument {
    case probe, gradient
}
