import ArgumentParser
import Vane

struct TestPatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch",
        abstract: "Find the states, positions and heads that carry what tells one prompt from another.",
        discussion: """
            Two prompts of as many tokens that differ in one thing are run; then one state of the one run is put in the place of the \
            other's, at every site and position. Denoising puts clean states into the corrupted run and finds what suffices; noising \
            puts corrupted states into the clean run and finds what is needed. Path patching follows what single heads send to the \
            logits, and with --head what one head sends to each later head.

              vane test patch --clean "I saw a lovely play. The film was" --corrupt "I saw a dreadful play. The film was" --token good --against bad
              vane test patch --html patch.html
              vane test patch --head 2:1 --sites 'embedding, blocks[*].mlp'

            Without --clean and --corrupt the built-in model is asked for two facts that it knows. Without --token and --against the \
            likeliest tokens after either prompt are compared.
            """)

    @Option(help: ArgumentHelp("The prompt with the answer of interest.", valueName: "text"))
    var clean: String?

    @Option(help: ArgumentHelp("The other prompt, of as many tokens.", valueName: "text"))
    var corrupt: String?

    @OptionGroup var model: ModelOptions
    @OptionGroup var objective: ObjectiveOptions

    @Option(help: ArgumentHelp("Sites such as 'blocks[*].mlp'; embedding and residual streams if not given."))
    var sites: String?

    @Option(help: ArgumentHelp("Follow what this head sends to each later head.", valueName: "layer:index"))
    var head: PartArgument?

    @Flag(help: "With paths: hold the MLPs too, so that only the residual stream itself carries.")
    var holdMlps = false

    @Option(help: "Random moves a place, as far as the patch moves the state.")
    var random = 5

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        guard (clean == nil) == (corrupt == nil) else {
            throw ValidationError("--clean and --corrupt go together")
        }
        guard clean != nil || model.model == nil else {
            throw ValidationError("give two prompts of as many tokens with --clean and --corrupt")
        }
        guard objective.token.isEmpty || !objective.against.isEmpty else {
            throw ValidationError("--token needs --against: patching follows the difference of two words")
        }
        guard clean != nil || objective.token.isEmpty else {
            throw ValidationError("--token and --against need --clean and --corrupt")
        }
        guard (1...1000).contains(random) else {
            throw ValidationError("--random is a number from 1 to 1000")
        }
    }

    func run() async throws {
        let engine = Engine(try model.load())
        let known = engine.model
        let prompts: PatchReport.Prompts
        if let clean, let corrupt {
            prompts = PatchReport.Prompts(
                clean: clean, corrupted: corrupt, cleanTokens: known.tokenizer.encode(clean),
                corruptedTokens: known.tokenizer.encode(corrupt))
        } else {
            prompts = try await engine.perform { try PatchReport.Prompts(factsOf: $0) }
        }
        let words: (token: [String], against: [String]) = (objective.token, objective.against)
        let measured = words.token.isEmpty ? nil : try objective.objective(in: known)
        var request = PatchReport.Request(prompts: prompts, token: words.token, against: words.against)
        (request.sites, request.head, request.holdingMLPs) = (sites, head, holdMlps)
        (request.random, request.seed) = (random, seed)
        let asked = request
        let bar = ProgressBar()
        defer { bar.finish() }
        let report = try await engine.perform { model in
            try PatchReport(asked, measured, in: model) { bar.update($0, $1) }
        }
        bar.finish()
        try pictures.write(page: report.page, chart: { report.map(.denoising).svg })
        try display.json ? printJSON(report) : print(report.text(Terminal(display.color)))
    }
}
