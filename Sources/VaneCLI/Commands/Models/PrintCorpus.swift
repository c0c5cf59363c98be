import ArgumentParser
import Vane

struct PrintCorpus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus",
        abstract: "Print documents of the corpus that the built-in model is trained on.",
        discussion: "  vane models corpus --count 10 --seed 1")

    @Option(help: ArgumentHelp("Documents to print.", valueName: "count"))
    var count = 10

    @Option(help: ArgumentHelp("The first document, counted from 0.", valueName: "index"))
    var from = 0

    @Option(help: ArgumentHelp("Seeds the corpus.", valueName: "number"))
    var seed = DefaultModelRecipe().seed

    @Flag(help: "Print a JSON list.")
    var json = false

    func validate() throws {
        guard count > 0, from >= 0, count <= Int.max - from else {
            throw ValidationError("--count must be positive, --from at least 0")
        }
    }

    func run() throws {
        let corpus = DefaultModelRecipe().corpus(seed: seed)
        let indices = from..<from + count
        if json { return try printJSON(indices.map { corpus.document(at: $0) }) }
        for index in indices {
            print((index == from ? "" : "\n") + corpus.document(at: index))
        }
    }
}
