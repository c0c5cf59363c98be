import ArgumentParser
import Vane

struct TestCause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cause",
        abstract: "Test whether a prediction changes when a concept, a neuron or a head is taken out.",
        discussion: """
            The part of every state along the concept's direction is replaced by its mean over reference texts, and the prediction is \
            read again. Beside it stand random parts along which states move as far, and the whole state replaced as a \
            yardstick. Where there are texts with and without the concept, the claim that the part stands for it is \
            tested as well: does it fire on those texts and only there, and does putting it into another text carry the concept over?

              vane test cause sentiment --token lovely --against awful
              vane test cause joy.vane --model MODEL --token happy --against sad --texts prompts.txt --html cause.html
              vane test cause --neuron 2:17 --neuron 2:40 --token lovely --against awful
              vane test cause --head 4:2 --token lovely --against awful --texts prompts.txt

            A built-in concept is tested on new texts that show it, neurons and heads of the built-in model on texts of all kinds, each \
            followed by --ending.
            """)

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "A neuron of an MLP instead of a concept; can be repeated within a block.",
            valueName: "layer:index"))
    var neuron: [PartArgument] = []

    @Option(help: ArgumentHelp("An attention head instead of a concept.", valueName: "layer:index"))
    var head: PartArgument?

    @OptionGroup var model: ModelOptions
    @OptionGroup var prediction: PredictionOptions
    @OptionGroup var material: MaterialOptions

    @Option(help: "What takes the part's place: zero, mean or resample (another text's).")
    var filling: AblationTest.Filling = .mean

    @Option(
        help: ArgumentHelp(
            "Texts that mean or resampled values come from; the texts of both kinds if not given.",
            valueName: "file"), completion: .file())
    var reference: String?

    @Option(help: "Which of the concept's directions: steering, probe or difference (of the means).")
    var direction: ConceptDirection = .steering

    @Option(help: ArgumentHelp("Sites such as 'blocks[2..<6].residual'; all of the concept's if not given."))
    var sites: String?

    @Flag(help: "Edit the last token's state alone.")
    var onlyLast = false

    @Option(help: "Random parts a site.")
    var random = 39

    @Option(help: "Texts a side of a built-in concept or of the files.")
    var count = 30

    @Option(help: ArgumentHelp("The level of significance.", valueName: "number"))
    var level = 0.05

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        try prediction.objective.require()
        guard [name != nil, !neuron.isEmpty, head != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("give one thing to take out: a concept, --neuron or --head")
        }
        guard Set(neuron.map(\.layer)).count <= 1 else {
            throw ValidationError("neurons that are taken out together belong to one block")
        }
        guard name != nil || sites == nil else {
            throw ValidationError("--sites belongs to a concept; neurons and heads have a place of their own")
        }
        guard (1...9999).contains(random), (4...10_000).contains(count), level > 0, level < 1 else {
            throw ValidationError(
                "--random is a number from 1 to 9999, --count one from 4 to 10000, --level between 0 and 1")
        }
    }

    func run() async throws {
        let concept = try name.map { try Concept(argument: $0) }
        let known = try material.load(concept?.name, count: count, model)
        var given = try prediction.given()
        var isDrawn = false
        if given.isEmpty, known.isEmpty, model.model == nil, concept == nil {
            isDrawn = true
            given = TestBet.languageTexts(count, seed: 17).map {
                $0 + (material.ending ?? MaterialOptions.ending)
            }
        }
        guard !given.isEmpty || !known.isEmpty else {
            throw ValidationError(
                "give beginnings with --prompt or --texts, or texts with and without it with --positive and --negative"
            )
        }
        let engine = Engine(try model.load())
        try concept?.requireModel(engine.model.identity)
        let subject: CauseReport.Subject
        if let concept {
            subject = .concept(concept, direction, sites)
        } else if let head {
            subject = .head(head)
        } else {
            subject = .neurons(neuron)
        }
        var request = CauseReport.Request(
            subject: subject, token: prediction.objective.token, against: prediction.objective.against,
            inputs: given, material: known, filling: filling)
        if isDrawn { request.source = "new texts of the built-in model's language" }
        request.reference = try reference.map { try promptTexts(path: $0) } ?? []
        (request.onlyLast, request.random, request.level, request.seed) = (onlyLast, random, level, seed)
        let (asked, objective) = (request, try prediction.objective.objective(in: engine.model))
        let bar = ProgressBar()
        defer { bar.finish() }
        let report = try await engine.perform { model in
            try CauseReport(asked, objective, in: model) { bar.update($0, $1) }
        }
        bar.finish()
        try pictures.write(page: report.page, chart: { report.chart.svg })
        try display.json ? printJSON(report) : print(report.text(Terminal(display.color)))
    }
}
