import ArgumentParser
import Vane

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a concept file holds.",
        discussion: "  vane show happiness.vane\n  vane show happiness.vane --json")

    @Argument(help: "A concept file.", completion: .file(extensions: ["vane"]))
    var file: String

    @OptionGroup var display: OutputOptions

    func run() throws {
        let report = ConceptReport(try Concept(contentsOf: file), file: file)
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
    }
}
