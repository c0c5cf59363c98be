import ArgumentParser
import Vane

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a concept file holds.",
        discussion: "  vane show happiness.vane\n  vane show happiness.vane --json")

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var file: String

    @OptionGroup var display: OutputOptions

    func run() throws {
        let report = ConceptReport(try Concept(argument: file), file: file)
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
    }
}
