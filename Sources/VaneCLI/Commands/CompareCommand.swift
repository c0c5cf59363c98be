import ArgumentParser
import Vane

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare all methods on a concept: how they read it, and how they steer at the same cost.",
        discussion: """
            Half of the examples teach, a quarter tests what was learnt, a quarter trains the judge of generated texts \
            (none if you give its texts). Every way to steer gets the strength at which it changes the model's predictions by --kl nats a \
            token, so that effects can be compared; beside it stand random directions and, with --ask-more and --ask-less, asking in words.

              vane compare happy.txt sad.txt --model MODEL
              vane compare happy.txt sad.txt --methods logistic,natural-gradient,difference-of-means:rotate
              vane compare happy.txt sad.txt --reading
              vane compare --starter sentiment
              vane compare --planted

            --planted takes made activations whose truth is known, --starter a concept of the built-in model and its grammar as the \
            judge. The output is Markdown. Nothing is written to disk.
            """)

    @Argument(
        help: "Two files: examples that show the concept, and examples that do not.", completion: .file())
    var files: [String] = []

    @OptionGroup var model: ModelOptions
    @OptionGroup var what: ComparisonArguments
    @OptionGroup var writing: ComparisonWriting
    @OptionGroup var display: OutputOptions

    func validate() throws {
        let sources = [!files.isEmpty, what.planted, !what.starter.isEmpty].count { $0 }
        guard sources == 1, files.isEmpty || files.count == 2 else {
            throw ValidationError("give two files of examples, or --starter NAME, or --planted")
        }
        guard what.starter.isEmpty || model.model == nil else {
            throw ValidationError("--starter belongs to the built-in model; leave --model out")
        }
        guard !what.planted || (model.model == nil && !what.reading) else {
            throw ValidationError("--planted takes made activations; leave --model and --reading out")
        }
        guard files.isEmpty || (writing.judgePositive == nil) == (writing.judgeNegative == nil) else {
            throw ValidationError("--judge-positive and --judge-negative go together")
        }
    }

    func run() async throws {
        if what.planted { return try await planted() }
        let engine = Engine(try model.load())
        let options = try what.options(writing, layout: engine.model.network.layout)
        var comparisons: [MethodComparison] = []
        if files.count == 2 {
            comparisons = [try await own(engine, options)]
        } else {
            let likelihood = what.reading ? nil : PlantedLikelihood()
            for name in what.starter {
                comparisons.append(try await starter(name, engine, options, likelihood))
            }
        }
        if display.json { return try printJSON(comparisons) }
        let terminal = Terminal(display.color)
        print(terminal.safe(comparisons.map(\.markdown).joined(separator: "\n")), terminator: "")
    }

    private func planted() async throws {
        let bar = ProgressBar()
        let table = try await LearnerTable(learners: try what.learners, seeds: what.seeds) {
            bar.update($0, $1)
        }
        bar.finish()
        if display.json { return try printJSON(table) }
        print(table.markdown, terminator: "")
    }

    /// A concept of the built-in model, judged by the grammar.
    private func starter(
        _ name: String, _ engine: Engine, _ options: MethodComparison.Options,
        _ likelihood: PlantedLikelihood?
    ) async throws -> MethodComparison {
        guard let starter = StarterConcept.all.first(where: { $0.name == name }) else {
            throw ValidationError(
                "there is no starter concept '\(name)'; there are "
                    + StarterConcept.all.map(\.name).joined(separator: ", "))
        }
        var options = options
        if options.sites == nil { options.sites = StarterConcept.sites }
        if options.writing.instructions.isEmpty { options.writing.instructions = starter.instructions }
        let examples = try ComparisonExamples(
            starter.examples(what.limit ?? StarterConcept.sentences), seed: what.seed)
        let generation = try likelihood.map { likelihood in
            let all = try writing.texts() ?? SteeringReport.prompts(writing.count + 20)
            return try writing.generation(all, judge: OracleJudge(starter, likelihood: likelihood))
        }
        return try await compare(name, examples, generation, engine, options)
    }

    /// The user's concept.
    private func own(_ engine: Engine, _ options: MethodComparison.Options) async throws -> MethodComparison {
        let classes = try files.map { try ExampleFile.texts(path: $0) }
        let cut = classes.map { Array($0.prefix(what.limit ?? .max)) }
        guard !what.paired || cut[0].count == cut[1].count else {
            throw ValidationError(
                "\(files[0]) has \(cut[0].count) texts and \(files[1]) \(cut[1].count); --paired needs as many of both"
            )
        }
        let set =
            try what.paired
            ? ExampleSet(pairs: zip(cut[0], cut[1]).map { (positive: $0, negative: $1) })
            : ExampleSet(positive: cut[0], negative: cut[1])
        let judged = !what.reading && writing.judgePositive == nil
        let examples = try ComparisonExamples(
            set, isPaired: what.paired, judging: judged ? 0.25 : 0, seed: what.seed)
        let name = files[0].split(separator: "/").last.map { $0.prefix { $0 != "." } }.map(String.init)
        guard !what.reading else {
            return try await compare(name ?? files[0], examples, nil, engine, options)
        }
        let judge = try BagOfWordsJudge(
            positive: writing.judgePositive.map { try ExampleFile.texts(path: $0) }
                ?? examples.positiveJudging,
            negative: writing.judgeNegative.map { try ExampleFile.texts(path: $0) }
                ?? examples.negativeJudging)
        let all = try writing.texts() ?? beginnings(examples)
        return try await compare(
            name ?? files[0], examples, writing.generation(all, judge: judge), engine, options)
    }

    /// The first four words of the texts to test on, no two alike.
    private func beginnings(_ examples: ComparisonExamples) -> [String] {
        var seen: Set<String> = []
        return zip(examples.positiveTest, examples.negativeTest).flatMap { [$0, $1] }
            .map { $0.split(separator: " ").prefix(4).joined(separator: " ") }
            .filter { seen.insert($0).inserted }
    }

    private func compare(
        _ name: String, _ examples: ComparisonExamples, _ generation: MethodComparison.Generation?,
        _ engine: Engine, _ options: MethodComparison.Options
    ) async throws -> MethodComparison {
        let bar = ProgressBar()
        defer { bar.finish() }
        return try await MethodComparison(
            name, examples: examples, generation: generation, engine: engine, options: options
        ) { bar.update($0, "\(name): \($1)") }
    }
}
