import ArgumentParser
import Vane

struct MethodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods", abstract: "List the ways to learn a concept, or what else to steer by.",
        discussion: """
            Each stands with the command that takes it. The rows are those of METHODS.md, which names the published systems.

              vane methods
              vane methods --json
            """)

    @OptionGroup var display: OutputOptions

    /// A method with the command that takes it.
    private struct Listed: Encodable {
        let method: LearningMethod
        let command: String

        private enum Key: CodingKey { case command }

        func encode(to encoder: any Encoder) throws {
            try method.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(command, forKey: .command)
        }
    }

    func run() throws {
        let learners = Learners.all.map { Listed(method: $0.method, command: "vane learn --method") }
        let maps = MapMethods.transport.map { Listed(method: $0, command: "vane transport --form") }
        let block = Listed(method: MapMethods.promptPair, command: "vane steer --prompt-pair")
        let guide = Listed(method: MapMethods.guide, command: "vane steer --guide-words")
        let finders = MapMethods.finders.map { Listed(method: $0, command: "vane find") }
        let groups = [learners, maps, [block], [guide], finders]
        if display.json { return try printJSON(Array(groups.joined())) }
        for (number, methods) in groups.enumerated() {
            var table = TextTable(["method", "rows", "what it takes", "cost"], words: [0, 2, 3])
            for method in methods.map(\.method) {
                let rows = method.rows.map(String.init).joined(separator: ", ")
                table.add([method.id, rows.isEmpty ? "–" : rows, method.summary, method.cost ?? ""])
            }
            print((number == 0 ? "" : "\n") + "\(methods[0].command):")
            print(table.lines.joined(separator: "\n"))
        }
    }
}
