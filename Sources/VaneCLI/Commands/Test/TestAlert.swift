import ArgumentParser
import Vane

struct TestAlert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert",
        abstract: "Find texts that are odd for their class in a concept.",
        discussion: """
            Of texts of a class two numbers are kept: how the concept reads them and how a prediction depends on the concept in them. A \
            new text is odd if hardly any of the class is as far out in either. A text of the class is called odd with a chance of at \
            most the level.

              vane test alert sentiment --token lovely --against awful
              vane test alert sentiment --token lovely --texts new.txt
              vane test alert joy.vane --model MODEL --class happy.txt --texts new.txt --token happy

            For a built-in concept the class is new texts that show it; if no texts are given to check, other texts with and without it.
            """)

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var name: String

    @OptionGroup var model: ModelOptions
    @OptionGroup var prediction: PredictionOptions

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp("Texts of the class; 79 or more for a level of 0.05.", valueName: "file"),
        completion: .file())
    var members: String?

    @Option(help: ArgumentHelp("Where to read; the concept's best site if not given.", valueName: "site"))
    var site: Site?

    @Option(help: ArgumentHelp("The share of the class that may be called odd.", valueName: "number"))
    var level = 0.05

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        try prediction.objective.require()
        guard level > 0, level < 1 else { throw ValidationError("--level is between 0 and 1") }
    }

    func run() async throws {
        let concept = try Concept(argument: name)
        let given = try prediction.given()
        var (own, checked) = (try members.map { try promptTexts(path: $0) } ?? [], [AlertReport.Input]())
        checked = given.map { AlertReport.Input(text: $0, group: "given") }
        let starter = model.model == nil ? StarterConcept.all.first { $0.name == concept.name } : nil
        if let starter, own.isEmpty || checked.isEmpty {
            let examples = try starter.examples(200, seed: 17)
            if own.isEmpty { own = Array(examples.positive.prefix(160)) }
            if checked.isEmpty, members == nil {
                checked =
                    examples.positive.suffix(40).map { AlertReport.Input(text: $0, group: "of the class") }
                    + examples.negative.suffix(40).map { AlertReport.Input(text: $0, group: "without it") }
            }
        }
        guard !own.isEmpty, !checked.isEmpty else {
            throw ValidationError(
                "give texts of the class with --class and texts to check with --texts or --prompt")
        }
        let engine = Engine(try model.load())
        try concept.requireModel(engine.model.identity)
        let objective = try prediction.objective.objective(in: engine.model)
        let request = AlertReport.Request(
            concept: concept, site: site, members: own, inputs: checked, level: level,
            token: prediction.objective.token, against: prediction.objective.against)
        let bar = ProgressBar()
        defer { bar.finish() }
        let report = try await engine.perform { model in
            try AlertReport(request, objective, in: model) { bar.update($0, "reading texts") }
        }
        bar.finish()
        try pictures.write(page: report.page, chart: { report.chart.svg })
        try display.json ? printJSON(report) : print(report.text(Terminal(display.color)))
    }
}
