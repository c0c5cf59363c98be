import ArgumentParser
import Vane

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a concept, a prediction, a neuron or a head in tokens and numbers.",
        discussion: """
            A concept: what its direction writes, what adding it makes the model say, what it responds to:

              vane explain sentiment
              vane explain happiness.vane --model MODEL --texts corpus.txt

            A prediction: what each layer would say, which tokens, heads and MLPs it rests on:

              vane explain --prompt "The film was" --token wonderful --against dull --concept sentiment

            A neuron, a head, or the model as a whole:

              vane explain --neuron 3:17
              vane explain --head 2:1
              vane explain --heads --html heads.html
              vane explain --health

            How facts are recalled, of the built-in model's world or from six or more prompts with their answers:

              vane explain --facts
              vane explain --fact "The capital of France is=Paris" --fact "The capital of Italy is=Rome" ... --model MODEL

            Blocks are counted from 0. Without --texts the model writes texts itself.
            """)

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var name: String?

    @Option(help: "Explain the prediction after this text.")
    var prompt: String?

    @Option(
        help: ArgumentHelp(
            "With --prompt: the next word to explain; the likeliest token if not given.", valueName: "word"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            "With --prompt: the word it is compared with; the likeliest other token if not given.",
            valueName: "word"))
    var against: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "With --prompt: concepts to read at its tokens; file or built-in.", valueName: "concept"))
    var concept: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --prompt: a tuned lens of 'vane lens' to read the layers through.", valueName: "file"),
        completion: .file())
    var lens: String?

    @Option(help: ArgumentHelp("Explain a neuron of an MLP.", valueName: "layer:index"))
    var neuron: PartArgument?

    @Option(help: ArgumentHelp("Explain an attention head.", valueName: "layer:index"))
    var head: PartArgument?

    @Flag(help: "Look at all heads: what they look at and what they are worth.")
    var heads = false

    @Flag(help: "Look at how the built-in model recalls facts of its world.")
    var facts = false

    @Option(
        help: ArgumentHelp(
            "Look at how this fact is recalled; give 6 or more, all of which the model should know.",
            valueName: "prompt=answer"))
    var fact: [FactArgument] = []

    @Flag(help: "Look at the model's states: lengths, likeness, massive activations.")
    var health = false

    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Texts to work on, one a line or a JSON list; the model writes some if not given.",
            valueName: "file"))
    var texts: String?

    @Option(
        help: ArgumentHelp(
            "With a concept: the block to explain it at; one it is steered at if not given.",
            valueName: "index"))
    var layer: Int?

    @Option(
        help: ArgumentHelp(
            "How far a direction is to change predictions, nats a token.", valueName: "nats"))
    var divergence = 0.25

    @Option(help: ArgumentHelp("Points on the path of integrated gradients.", valueName: "count"))
    var steps = 32

    @Option(help: ArgumentHelp("How many tokens, parts and examples to list.", valueName: "count"))
    var top = 10

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        let subjects = [
            name != nil, prompt != nil, neuron != nil, head != nil, health, heads, facts || !fact.isEmpty,
        ].count { $0 }
        guard subjects == 1 else {
            throw ValidationError(
                "give one thing to explain: a concept, --prompt, --neuron, --head, --heads, --facts or --health"
            )
        }
        guard prompt != nil || (token == nil && against == nil && concept.isEmpty && lens == nil) else {
            throw ValidationError("--token, --against, --concept and --lens belong to --prompt")
        }
        guard !facts || (model.model == nil && fact.isEmpty) else {
            throw ValidationError("--facts are the built-in model's; give others with --fact PROMPT=ANSWER")
        }
        guard name != nil || layer == nil else { throw ValidationError("--layer belongs to a concept") }
        guard (1...1000).contains(top), (1...4096).contains(steps) else {
            throw ValidationError("--top is a number from 1 to 1000, --steps one from 1 to 4096")
        }
        guard divergence > 0, divergence.isFinite else {
            throw ValidationError("--divergence is a number above 0")
        }
    }

    func run() async throws {
        let explained = try name.map { try Concept(argument: $0) }
        let others = try concept.map { try Concept(argument: $0) }
        let given = try texts.map { try promptTexts(path: $0) }
        let engine = Engine(try model.load())
        for concept in others + [explained].compactMap(\.self) {
            try concept.requireModel(engine.model.identity)
        }
        let terminal = Terminal(display.color)
        let bar = ProgressBar()
        defer { bar.finish() }
        func show(
            _ report: some Encodable, _ text: String, page: () -> HTMLPage, chart: () -> String
        ) throws {
            bar.finish()
            try pictures.write(page: page, chart: chart)
            try display.json ? printJSON(report) : print(text)
        }
        if let prompt {
            let tuned = try lens.map { try TunedLens(contentsOf: $0) }
            try tuned?.requireModel(engine.model.identity)
            let options = PredictionReport.Options(
                prompt: prompt, token: token, against: against, lens: tuned, steps: steps, top: top)
            let report = try await engine.perform { model in
                try PredictionReport(options, others, in: model) { bar.update($0, "explaining") }
            }
            return try show(
                report, report.text(terminal, top: top), page: report.page, chart: { report.chart.svg })
        }
        let (top, divergence, layer) = (top, divergence, layer)
        if facts || !fact.isEmpty {
            let named = fact
            let report = try await engine.perform { model in
                let known =
                    try named.isEmpty
                    ? KnownFact.known(to: model, 40) : named.map { try KnownFact($0, model) }
                return try FactReport(known, in: model) { bar.update($0, $1) }
            }
            return try show(
                report, report.text(terminal, top: top), page: report.page, chart: { report.map.svg })
        }
        let material = try await ExplainTexts(given, engine)
        if explained != nil || neuron != nil {
            let neuron = neuron
            let report = try await engine.perform { model in
                if let explained {
                    return try DirectionReport(explained, layer: layer, material, divergence, top, in: model)
                    {
                        bar.update($0, "explaining")
                    }
                }
                return try DirectionReport(
                    neuron: neuron ?? PartArgument(layer: 0, index: 0), material, divergence, top, in: model
                ) { bar.update($0, "explaining") }
            }
            return try show(
                report, report.text(terminal), page: report.page, chart: { report.map.svg })
        }
        if let head {
            let report = try await engine.perform { model in
                try HeadReport(head, material, top, in: model) { bar.update($0, "explaining") }
            }
            return try show(
                report, report.text(terminal), page: report.page, chart: { report.pattern.svg })
        }
        if heads {
            let report = try await engine.perform { model in
                try HeadsReport(material, in: model) { bar.update($0, "looking at heads") }
            }
            return try show(
                report, report.text(terminal, top: top), page: report.page, chart: { report.map.svg })
        }
        let report = try await engine.perform { model in
            try HealthReport(material, in: model) { bar.update($0, "reading") }
        }
        try show(report, report.text(terminal), page: report.page, chart: { report.chart.svg })
    }
}

/// `PROMPT=ANSWER`: a fact.
struct FactArgument: ExpressibleByArgument {
    let prompt: String
    let answer: String

    init?(argument: String) {
        guard let separator = argument.lastIndex(of: "=") else { return nil }
        prompt = String(argument[..<separator])
        answer = String(argument[argument.index(after: separator)...])
        guard prompt.contains(where: { !$0.isWhitespace }), answer.contains(where: { !$0.isWhitespace })
        else { return nil }
    }
}

/// `LAYER:INDEX`: a neuron or a head.
struct PartArgument: ExpressibleByArgument {
    let layer: Int
    let index: Int

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let layer = parts[0], let index = parts[1], layer >= 0, index >= 0 else {
            return nil
        }
        (self.layer, self.index) = (layer, index)
    }

    init(layer: Int, index: Int) { (self.layer, self.index) = (layer, index) }
}
