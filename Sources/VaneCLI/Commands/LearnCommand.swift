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

            Without examples, words or a description give a direction from the model's own vocabulary; nothing says then
            whether it is the concept, until examples test it:

              vane learn joy --words happy,joy,glad --against sad,grief,gloomy
              vane learn joy --description "cheerful, full of joy" --positive happy.txt --negative sad.txt

            A quarter of the examples is held out; the table shows how well each layer's probe does on it, beside
            the same procedure on shuffled labels.
            """)

    @Argument(help: "The concept's name.")
    var name: String

    @OptionGroup var sentences: ExampleOptions
    @OptionGroup var words: WordOptions
    @OptionGroup var model: ModelOptions

    @OptionGroup var place: ConceptOutput

    @Option(help: ArgumentHelp("Seeds the split, the folds and the control.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "How to find the direction; `vane methods` lists the ways.", valueName: "method"))
    var method: LearnerArgument = LearnerArgument(learner: LogisticCAV())

    @Flag(
        help: """
            Choose method, layers, token scope and strength by what steering does to examples that nothing was learnt from. \
            Trials are kept in NAME.trials.jsonl beside the concept: a run that was stopped goes on.
            """)
    var auto = false

    @Option(
        help: ArgumentHelp(
            "With --auto: what a target of 0.99 may cost, in nats a token of divergence from the unsteered model.",
            valueName: "nats"))
    var budget: Double?

    @Option(
        help: ArgumentHelp(
            "With --auto: the largest perplexity of generated texts, as a multiple of that of unsteered ones (default: 1.5).",
            valueName: "ratio"))
    var maxPerplexity: Double?

    @Option(
        help: ArgumentHelp(
            "Texts that stand for the language as a whole, for --method mean-centring and for words without examples (the model "
                + "writes some if not given).", valueName: "file"))
    var background: String?

    @Flag(help: "Cut the larger class to the size of the smaller one.")
    var balanced = false

    @Option(
        help: ArgumentHelp(
            "Leave out tokens with an entry of so many times the median, such as 1000: the first tokens of GPT-2 and others carry "
                + "huge constants.", valueName: "ratio"))
    var massiveRatio: Double?

    @Option(
        help: ArgumentHelp(
            "What stands for a text: mean, last, tokens (each on its own), or a token's index; mean if not given, last with --pairs-from.",
            valueName: "how"))
    var pooling: Pooling?

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

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Two more files, positive and negative: the same is learnt from them, and the directions are compared.",
            valueName: "file"))
    var second: [String] = []

    @OptionGroup var display: OutputOptions

    func validate() throws {
        guard separation.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--separation must be a positive number")
        }
        guard separation == nil || steering == .probe else {
            throw ValidationError("--separation belongs to --steering probe; a gradient has its own scale")
        }
        if auto {
            guard separation == nil, penalty == nil, steering == .probe, sites == nil, background == nil,
                method.learner is LogisticCAV
            else {
                throw ValidationError(
                    "--auto chooses --method, --steering, --sites and strength itself; leave these, --penalty, --separation and "
                        + "--background out")
            }
        }
        guard budget.map({ $0 > 0 && $0.isFinite && auto }) ?? true else {
            throw ValidationError("--budget is a positive number of nats and belongs to --auto")
        }
        guard maxPerplexity.map({ $0 > 1 && $0.isFinite && auto }) ?? true else {
            throw ValidationError("--max-perplexity is a number above 1 and belongs to --auto")
        }
        guard second.isEmpty || (second.count == 2 && !auto) else {
            throw ValidationError(
                "--second takes two files, positive and negative, and does not go with --auto")
        }
        guard sentences.areGiven || words.areGiven else {
            throw ValidationError(
                "give either --positive and --negative, or --examples, or --words for a concept without examples"
            )
        }
        if words.areGiven {
            guard method.learner is LogisticCAV, !auto, steering == .probe, second.isEmpty else {
                throw ValidationError(
                    "--words and --description give the direction: leave out --method, --auto, --steering and --second"
                )
            }
            guard sentences.areGiven || (penalty == nil && !balanced && pooling == nil && massiveRatio == nil)
            else {
                throw ValidationError(
                    "without examples there is nothing to fit: leave out --penalty, --balanced, --pooling and --massive-ratio"
                )
            }
        }
        guard
            background == nil || method.learner is MeanCentring
                || (words.areGiven && !sentences.areGiven)
        else {
            throw ValidationError(
                "--background belongs to --method mean-centring, or to words without examples")
        }
        guard penalty.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--penalty must be a positive number")
        }
    }

    func run() async throws {
        let path = try place.path(name)
        let loaded = try sentences.areGiven ? sentences.load() : nil
        var selector = try sites.map { try SiteSelector($0) }
        let generic =
            try background.map { try ExampleFile.texts(path: $0, textKey: sentences.textColumn) } ?? []
        var options = LearningOptions(
            pooling: pooling ?? sentences.pooling,
            isPaired: sentences.arePairs, isBalanced: balanced, massiveRatio: massiveRatio,
            seed: seed)
        if let penalty { options.lambdas = [penalty] }
        let engine = Engine(try model.load())
        guard let loaded else { return try await nameOnly(engine, generic, selector, path) }
        let (set, cautions) = try loaded.fitted(to: engine.model)
        var learner = method.learner
        if words.areGiven {
            let directions = try await engine.directions(
                ofWords: words.own, against: words.others, at: selector)
            learner = GivenDirections(directions, from: words.source)
            selector = try SiteSelector(directions.keys.sorted().map(\.description).joined(separator: ","))
        }
        if auto { return try await choose(set, options, engine, path) }
        let bar = ProgressBar()
        let learnt = try await engine.learn(
            name, from: set, by: learner, options: options, background: generic, at: selector,
            steering: steering == .gradient ? NaturalGradient() : nil, progress: { bar.update($0, $1) })
        var concept = separation.map { learnt.separated(by: $0) } ?? learnt
        concept = concept.cautioned(cautions)
        var comparison: ProbeSetComparison?
        if second.count == 2 {
            let more = try ExampleSet(
                positive: ExampleFile.texts(path: second[0], textKey: sentences.textColumn),
                negative: ExampleFile.texts(path: second[1], textKey: sentences.textColumn))
            var unpaired = options
            unpaired.isPaired = false
            let other = try await engine.learn(
                name, from: more, by: learner, options: unpaired, background: generic, at: selector
            ) { bar.update($0, "second set: \($1)") }
            let found = try await engine.compare(learnt, from: set, and: other, from: more)
            comparison = found
            concept = concept.cautioned(found.caution.map { [$0] } ?? [])
        }
        bar.finish()
        try concept.write(to: path)
        var report = ConceptReport(concept, file: path)
        report.secondSet = comparison
        if display.json { return try printJSON(report) }
        if set.duplicates > 0 { print("\(set.duplicates) repeated examples were left out") }
        if set.contradictions > 0 {
            print("\(set.contradictions) examples that stand in both classes were left out")
        }
        print(report.text(Terminal(display.color)))
        for layer in comparison?.layers ?? [] {
            print(
                "second set at \(layer.site): cosine \(layer.cosine.text(2)), own AUROC \(layer.first.value.text(3)) and "
                    + "\(layer.second.value.text(3)), on the other set \(layer.firstOnSecond.value.text(3)) and "
                    + layer.secondOnFirst.value.text(3))
        }
        print("\nwrote \(path)")
    }

    /// A concept of words alone, which nothing tests.
    private func nameOnly(
        _ engine: Engine, _ background: [String], _ selector: SiteSelector?, _ path: String
    ) async throws {
        let bar = ProgressBar()
        let made = try await engine.concept(
            name, ofWords: words.own, against: words.others, background: background, at: selector, seed: seed
        ) { bar.update($0, "writing texts that stand for the language") }
        bar.finish()
        let concept = separation.map { made.separated(by: $0) } ?? made
        try concept.write(to: path)
        let report = ConceptReport(concept, file: path)
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
        print("\nwrote \(path)")
    }

    /// Chooses method, layers, scope and strength.
    private func choose(
        _ set: ExampleSet, _ learning: LearningOptions, _ engine: Engine, _ path: String
    ) async throws {
        var options = MethodSelection.Options(learning: learning)
        if let budget { options.budget = budget }
        if let maxPerplexity { options.maximumPerplexity = maxPerplexity }
        let bar = ProgressBar()
        let journal = path.replacing(/\.vane$/, with: "") + ".trials.jsonl"
        let selection = try await MethodSelection(
            name, from: set, engine: engine, options: options, journal: journal
        ) { bar.update($0, $1) }
        bar.finish()
        try selection.concept.write(to: path)
        let report = SelectionReport(selection, file: path, trials: journal)
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
    }
}

extension Pooling: ExpressibleByArgument {}

/// A learner by its id.
struct LearnerArgument: ExpressibleByArgument {
    let learner: any Learner

    init(learner: any Learner) { self.learner = learner }

    init?(argument: String) {
        guard let learner = Learners.learner(id: argument) else { return nil }
        self.learner = learner
    }

    var defaultValueDescription: String { learner.method.id }

    static var allValueStrings: [String] { Learners.all.map(\.method.id) }
}

/// Where the probes that steer come from.
enum SteeringLearner: String, CaseIterable, ExpressibleByArgument {
    case probe, gradient
}
