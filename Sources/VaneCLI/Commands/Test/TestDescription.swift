import ArgumentParser
import Vane

struct TestDescription: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "description",
        abstract: "Test whether a concept's description in tokens tells its texts from others (row 51).",
        discussion: """
            The concept's direction is described in tokens, as `vane explain` does. Then it writes texts, and so do random directions that \
            change the predictions as much. By counting the described tokens the right set of texts is picked among three.

              vane test description sentiment
              vane test description joy.vane --model MODEL --texts corpus.txt --divergence 0.5
            """)

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var name: String

    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Texts to describe on and to begin with, one a line or a JSON list; the model writes some if not given.",
            valueName: "file"), completion: .file())
    var texts: String?

    @Option(
        help: ArgumentHelp(
            "The block to add the direction at; one the concept is steered at if not given.",
            valueName: "index"))
    var layer: Int?

    @Option(help: ArgumentHelp("How far to change predictions, nats a token.", valueName: "nats"))
    var divergence = DescriptionTrials.Options().divergence

    @Option(help: ArgumentHelp("Trials; chance is right in a third.", valueName: "count"))
    var trials = DescriptionTrials.Options().trials

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let concept: String
        let site: Site
        let divergence: Double
        let raised: [String]
        let result: DescriptionTrials
    }

    func validate() throws {
        guard divergence > 0, divergence.isFinite else {
            throw ValidationError("--divergence is a number above 0")
        }
        guard trials > 0 else { throw ValidationError("--trials must be positive, not \(trials)") }
    }

    func run() async throws {
        let concept = try Concept(argument: name)
        let given = try texts.map { try promptTexts(path: $0) }
        let engine = Engine(try model.load())
        try concept.requireModel(engine.model.identity)
        guard
            let site = try layer.map(Site.residual) ?? concept.defaultLayers.last?.site
                ?? concept.bestLayer?.site
        else { throw ConceptError(.unknownSite, "the concept '\(concept.name)' holds no layers") }
        let direction = try concept.layer(at: site).steering.direction
        let material = try await ExplainTexts(given, engine)
        var options = DescriptionTrials.Options()
        (options.divergence, options.trials, options.seed) = (divergence, trials, seed)
        let bar = ProgressBar()
        defer { bar.finish() }
        let result = try await DescriptionTrials(
            of: direction, at: site, texts: Array(material.tokens.prefix(32)),
            prompts: material.tokens.map { Array($0.prefix(max(1, min(4, $0.count / 2)))) }, engine: engine,
            options: options
        ) { bar.update($0, "describing and writing") }
        bar.finish()
        let report = Report(
            concept: concept.name, site: site, divergence: divergence,
            raised: result.raised.prefix(12).map { engine.model.text(ofToken: $0) }, result: result)
        if display.json { return try printJSON(report) }
        let terminal = Terminal(display.color)
        func share(_ estimate: Estimate) -> String {
            "\((100 * estimate.value).text(0)) % (\((100 * estimate.low).text(0)) to \((100 * estimate.high).text(0)))"
        }
        let verdict =
            result.right.low > max(1.0 / 3, result.control.value)
            ? "The description says what the direction writes."
            : "The description does not tell what it writes."
        print(
            """
            \(terminal.bold(terminal.safe(concept.name))) at \(site), predictions moved by \(divergence.text(2)) nats a token
            described by: \(report.raised.map { terminal.quoted($0) }.joined(separator: " "))

            picks the right texts of three in  \(share(result.right)) of \(trials) trials
            random tokens do in                \(share(result.control)); chance 33 %

            \(verdict)
            """)
    }
}
