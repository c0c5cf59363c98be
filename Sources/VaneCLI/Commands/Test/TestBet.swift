import ArgumentParser
import Vane

struct TestBet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bet",
        abstract: "Bet that a prediction depends on concepts, text after text, until one is sure.",
        discussion: """
            A bettor starts with 1 and bets on every text that the concept's score tells something about the prediction. Without any \
            dependence the wealth ever passes 1/level with a chance of at most the level, so one may look after every text and stop. \
            Needs no gradients and finds dependences of any shape. Random directions bet beside the concepts.

              vane test bet sentiment formality past --token lovely --against awful
              vane test bet joy.vane calm.vane --model MODEL --texts corpus.txt --ending " I feel" --token happy
              vane test bet sentiment food --token lovely --against awful --sample "We had a splendid soup."

            Each concept is also tested given the others: does it tell anything that they do not? With --sample the question is about \
            one text: does its score of the concept set its prediction apart?
            """)

    @Argument(help: "Concept files, or names of concepts of the built-in model.")
    var names: [String]

    @OptionGroup var model: ModelOptions
    @OptionGroup var objective: ObjectiveOptions

    @Option(
        help: ArgumentHelp(
            "Texts to bet on, one a line or a JSON list; new texts of the built-in model's language if not given.",
            valueName: "file"), completion: .file())
    var texts: String?

    @Option(
        help: ArgumentHelp(
            "What follows each text before the next token is asked for; ' The film was' for the built-in language.",
            valueName: "text"))
    var ending: String?

    @Option(
        help: ArgumentHelp("Where concepts are read; each at its best site if not given.", valueName: "site"))
    var site: Site?

    @Option(help: "Texts of the built-in language.")
    var count = 400

    @Option(help: "Orders of the texts to bet in.")
    var orders = 20

    @Option(help: ArgumentHelp("Also ask about this one text.", valueName: "text"))
    var sample: String?

    @Option(help: ArgumentHelp("The chance of a false rejection, ever.", valueName: "number"))
    var level = 0.05

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        try objective.require()
        guard !names.isEmpty, Set(names).count == names.count else {
            throw ValidationError("name each concept once")
        }
        guard texts != nil || model.model == nil else {
            throw ValidationError("give the texts to bet on with --texts")
        }
        guard (100...100_000).contains(count), (1...1000).contains(orders), level > 0, level < 1 else {
            throw ValidationError(
                "--count is a number from 100 to 100000, --orders one from 1 to 1000, --level between 0 and 1"
            )
        }
    }

    func run() async throws {
        let concepts = try names.map { try Concept(argument: $0) }
        let material = try texts.map { try promptTexts(path: $0) } ?? Self.languageTexts(count, seed: 2121)
        let engine = Engine(try model.load())
        for concept in concepts { try concept.requireModel(engine.model.identity) }
        var request = BetReport.Request(
            concepts: concepts, token: objective.token, against: objective.against, texts: material,
            ending: ending ?? (texts == nil ? MaterialOptions.ending : ""))
        (request.site, request.orders, request.level) = (site, orders, level)
        (request.seed, request.sample) = (seed, sample)
        let (asked, measured) = (request, try objective.objective(in: engine.model))
        let bar = ProgressBar()
        defer { bar.finish() }
        let report = try await engine.perform { model in
            try BetReport(asked, measured, in: model) { bar.update($0, $1) }
        }
        bar.finish()
        try pictures.write(page: report.page, chart: { report.chart.svg })
        try display.json ? printJSON(report) : print(report.text(Terminal(display.color)))
    }

    /// The first sentences of texts of the built-in model's language.
    static func languageTexts(_ count: Int, seed: UInt64) -> [String] {
        let language = PlantedLanguage(seed: seed)
        return (0..<count).map { language.text(at: $0).sentences.prefix(2).joined(separator: " ") }
    }
}
