import ArgumentParser
import Vane

struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Read a concept's probability in a text, token by token.",
        discussion: """
              vane score happiness.vane --model MODEL --text "What a lovely day!"

            The text's own probability is read from its activations pooled as the examples were.
            """)

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var file: String

    @OptionGroup var model: ModelOptions

    @Option(help: "The text to read; can be repeated.")
    var text: [String]

    @Option(
        help: ArgumentHelp(
            "The block to read at, counted from 0; the best one if not given.", valueName: "index"))
    var layer: Int?

    @OptionGroup var display: OutputOptions

    private struct Result: Encodable {
        struct Token: Encodable {
            let text: String
            let probability: Double
        }
        let text: String
        let concept: String
        let site: Site
        let probability: Double
        let tokens: [Token]
    }

    func validate() throws {
        guard !text.isEmpty else { throw ValidationError("give a text to read with --text") }
    }

    func run() async throws {
        let concept = try Concept(argument: file)
        let engine = Engine(try model.load())
        try concept.requireModel(engine.model.identity)
        guard let site = layer.map(Site.residual) ?? concept.bestLayer?.site else {
            throw ConceptError(.malformedFile, "\(file) holds no layers")
        }
        let texts = text
        let results = try await engine.perform { model in
            let tokens = texts.map { model.tokenizer.encode($0) }
            guard let empty = tokens.firstIndex(where: \.isEmpty) else {
                let scores = try concept.score(tokens, at: site, in: model.network)
                let readouts = try concept.readout(of: tokens, at: site, in: model.network)
                return texts.indices.map { i in
                    var decoder = model.tokenizer.streamingDecoder()
                    let pieces = tokens[i].map { decoder.append($0) }
                    return Result(
                        text: texts[i], concept: concept.name, site: site, probability: scores[i],
                        tokens: zip(pieces, readouts[i]).map { Result.Token(text: $0, probability: $1) })
                }
            }
            throw GenerationError(.unusablePrompt, "text \(empty + 1) has no tokens")
        }
        if display.json { return try printJSON(results) }
        let terminal = Terminal(display.color)
        for result in results {
            print(
                "\(terminal.bold(terminal.safe(result.concept))) at \(site): \(result.probability.text(3)) for the whole text"
            )
            let shaded = ShadedText(pieces: result.tokens.map { ($0.text, $0.probability) })
            for line in shaded.lines(width: terminal.width) { print(terminal.render(line)) }
            if !terminal.hasColor {
                var table = TextTable(["token", "probability"])
                for token in result.tokens {
                    table.add([token.text.debugDescription, token.probability.text(3)])
                }
                print(table.lines.joined(separator: "\n"))
            }
        }
    }
}
