import ArgumentParser
import Vane

struct FindCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find directions and neurons without two classes of sentences.",
        discussion: """
            `vane learn` takes sentences with and without a concept. These take something else:

              vane find function past --pairs past.tsv --model MODEL
              vane find task past --pairs past.tsv --model MODEL
              vane find observable tense --more " was" --less " is" --text "In the morning, the pie"
              vane find relation speaks --facts languages.tsv --template "{subject} speaks {object}."
              vane find neurons --words Monday,Tuesday --weights writing
              vane find values --words soup,bread --positive food.txt --negative other.txt
              vane find shift tuning --texts texts.txt --tuned TUNED --model MODEL

            What comes out is a plan file for `vane steer --plan`, a concept file for `vane steer --concept`, or a table.
            """,
        subcommands: [
            FindFunction.self, FindTask.self, FindObservable.self, FindRelation.self, FindNeurons.self,
            FindValues.self,
            FindShift.self,
        ])
}

/// Queries with their answers.
struct TaskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Queries with their answers: lines of both with a tab between, or JSON lines with 'query' and 'answer'; at least 16.",
            valueName: "file"), completion: .file())
    var pairs: String

    @Option(
        help: ArgumentHelp("What a demonstration looks like; it ends in {answer}.", valueName: "text"))
    var template = TaskPrompts.template

    @Option(help: ArgumentHelp("Demonstrations in front of a query.", valueName: "count"))
    var demonstrations = 5

    @Option(help: ArgumentHelp("Seeds the draws.", valueName: "number"))
    var seed: UInt64 = 0

    func validate() throws {
        guard demonstrations > 0 else { throw ValidationError("--demonstrations must be positive") }
    }

    /// The prompts in a model's tokens.
    func prompts(of task: TaskPairs, others: [TaskPairs.Pair] = [], for model: LanguageModel) throws
        -> TaskPrompts
    {
        try TaskPrompts(
            task, others: others, template: template, demonstrations: demonstrations, seed: seed
        ) {
            model.tokenizer.encode($0)
        }
    }
}

struct FindFunction: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "function",
        abstract: "What a few attention heads write after demonstrations of a task (row 12).",
        discussion: """
            The file of pairs holds lines such as `walk<TAB>walked`. Heads and block are chosen on a quarter of the pairs and
            tested on another; the plan adds the vector at the last token of a prompt without demonstrations:

              vane find function past --pairs past.tsv --others plural.tsv --model MODEL
              vane steer "climb:" --model MODEL --plan past.plan.json --temperature 0
            """)

    @Argument(help: "What to call the plan.")
    var name: String

    @OptionGroup var task: TaskOptions

    @Option(
        help: ArgumentHelp(
            "Pairs of other tasks for the wrong demonstrations that heads are asked on; answers exchanged if not given. Needed where "
                + "the form of the answers tells the task.", valueName: "file"), completion: .file())
    var others: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Numbers of heads to try.", valueName: "count"))
    var heads: [Int] = [2, 4, 8, 12]

    @OptionGroup var model: ModelOptions
    @OptionGroup var place: PlanOutput
    @OptionGroup var display: OutputOptions

    func run() async throws {
        let path = try place.path(name)
        let pairs = try TaskPairs(contentsOf: task.pairs)
        let strange = try others.map { try TaskPairs.pairs(contentsOf: $0) } ?? []
        let engine = Engine(try model.load())
        let prompts = try task.prompts(of: pairs, others: strange, for: engine.model)
        let bar = ProgressBar()
        let found = try await engine.functionVector(
            name, of: prompts, headCounts: heads, seed: task.seed,
            progress: { bar.update($0, "asking heads") })
        bar.finish()
        try TaskReport(found, name, path).write(found, engine, display)
    }
}

struct FindTask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract:
            "The mean state after demonstrations of a task, to put in the place of one without (rows 23, 63).",
        discussion: """
            The file of pairs holds lines such as `walk<TAB>walked`. The plan replaces the state at the last token of a prompt
            without demonstrations:

              vane find task past --pairs past.tsv --model MODEL
              vane steer "climb:" --model MODEL --plan past.plan.json --temperature 0
            """)

    @Argument(help: "What to call the plan.")
    var name: String

    @OptionGroup var task: TaskOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var place: PlanOutput
    @OptionGroup var display: OutputOptions

    func run() async throws {
        let path = try place.path(name)
        let pairs = try TaskPairs(contentsOf: task.pairs)
        let engine = Engine(try model.load())
        let prompts = try task.prompts(of: pairs, for: engine.model)
        let found = try await engine.taskVector(name, of: prompts, seed: task.seed)
        try TaskReport(found, name, path).write(found, engine, display)
    }
}

/// What was found of a task.
private struct TaskReport: Encodable {
    struct Head: Encodable {
        let head: String
        let effect: Double
    }

    let name: String
    let site: String
    let heads: [Head]
    let asked: Int
    let without: Double
    let demonstrated: Double
    let with: Double
    let random: Double
    let works: Bool
    let file: String

    init(_ found: FoundTask, _ name: String, _ file: String) {
        self.name = name
        site = found.site.description
        heads = found.heads.map { Head(head: $0.site.description, effect: $0.effect) }
        asked = found.asked
        without = found.without
        demonstrated = found.demonstrated
        with = found.with
        random = found.random
        works = found.works
        self.file = file
    }

    /// Writes the plan and prints what was found.
    func write(_ found: FoundTask, _ engine: Engine, _ display: OutputOptions) throws {
        try PlanFile(SteeringPlan([found.entry]), model: engine.model.identity).write(to: file)
        if display.json { return try printJSON(self) }
        let terminal = Terminal(display.color)
        print("\(terminal.bold(terminal.safe(name))) at \(site), tested on \(asked) other queries\n")
        var table = TextTable(["answered exactly", "part"])
        table.add(["with demonstrations", demonstrated.text(2)])
        table.add(["without", without.text(2)])
        table.add(["without, with the vector", with.text(2)])
        table.add(["without, with a random vector as long", random.text(2)])
        print(table.lines.joined(separator: "\n"))
        if !heads.isEmpty {
            print("\nheads: " + heads.map { "\($0.head) (\($0.effect.text(3)))" }.joined(separator: ", "))
        }
        if !works { print("caution: the vector does not bring the task back on these queries") }
        print("\nwrote \(file); use it with `vane steer PROMPT --plan \(file)`")
    }
}
