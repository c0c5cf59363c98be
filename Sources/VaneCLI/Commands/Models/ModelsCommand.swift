import ArgumentParser
import Vane

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List, export, train and measure the built-in model.",
        discussion: """
            The built-in model is used wherever --model is not given. It writes a small English of its own, in which
            the attributes that can be steered are known exactly.

              vane models list --json
              vane models export FOLDER
            """,
        subcommands: [
            ListModels.self, ExportModel.self, TrainModel.self, LearnStarterConcepts.self, MeasureModel.self,
            PrintCorpus.self,
        ], defaultSubcommand: ListModels.self)
}

struct ListModels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the built-in model and its concepts.")

    @OptionGroup var display: OutputOptions

    private struct Row: Encodable {
        let name: String
        let architecture: String
        let parameters: Int
        let layers: Int
        let width: Int
        let vocabulary: Int
        let context: Int
        let bytes: Int
        let fingerprint: String
        let concepts: [String]
    }

    func run() throws {
        let model = try DefaultModel.load()
        let layout = model.identity.layout
        let row = Row(
            name: DefaultModel.name, architecture: model.identity.architecture,
            parameters: try DefaultModel.parameterCount, layers: layout.depth, width: layout.width,
            vocabulary: layout.vocabulary, context: layout.maximumPositions,
            bytes: DefaultModel.byteCount, fingerprint: model.identity.fingerprint,
            concepts: DefaultModel.conceptNames)
        if display.json { return try printJSON([row]) }
        var table = TextTable(["model", "type", "weights", "layers", "width", "tokens", "context", "size"])
        table.add([
            row.name, row.architecture, "\((Double(row.parameters) / 1e6).text(2)) M", "\(row.layers)",
            "\(row.width)", "\(row.vocabulary)", "\(row.context)",
            "\((Double(row.bytes) / 1e6).text(1)) MB",
        ])
        print(table.lines.joined(separator: "\n"))
        print("\nconcepts: \(row.concepts.joined(separator: ", "))")
    }
}

struct ExportModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the built-in model as a Hugging Face folder, for other tools to read.",
        discussion: "  vane models export vane-default")

    @Argument(help: "The folder; it is made if it does not exist.", completion: .directory)
    var folder: String

    func run() throws {
        try DefaultModel.write(to: folder)
        print("wrote \(folder)")
    }
}
