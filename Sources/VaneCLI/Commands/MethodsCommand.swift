import ArgumentParser
import Vane

struct MethodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods", abstract: "List the ways to learn a concept.",
        discussion: """
            Each is a value of `vane learn --method`. The rows are those of METHODS.md, which names the published systems.

              vane methods
              vane methods --json
            """)

    @OptionGroup var display: OutputOptions

    func run() throws {
        let methods = Learners.all.map(\.method)
        if display.json { return try printJSON(methods) }
        var table = TextTable(["method", "rows", "what it takes", "cost"], words: [0, 2, 3])
        for method in methods {
            let rows = method.rows.map(String.init).joined(separator: ", ")
            table.add([method.id, rows.isEmpty ? "–" : rows, method.summary, method.cost ?? ""])
        }
        print(table.lines.joined(separator: "\n"))
    }
}
