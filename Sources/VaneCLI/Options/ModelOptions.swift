import ArgumentParser
import Vane

/// The model, and how results are printed.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A Hugging Face folder: config.json, model.safetensors, tokenizer.json; the built-in model if not given.",
            valueName: "folder"))
    var model: String?

    func load() throws -> LanguageModel {
        try model.map { try LanguageModel(folder: $0) } ?? DefaultModel.load()
    }
}

/// Output for programs.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Colour the text: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .auto
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
