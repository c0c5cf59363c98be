public import ArgumentParser
public import Vane

struct FindNeurons: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "neurons",
        abstract: "MLP neurons named by the vocabulary (row 139).",
        discussion: """
            A neuron's name is the token that its weights score highest; the margin is in standard deviations above the mean
            over the vocabulary. With --clamp the neurons found are set to a value by a plan:

              vane find neurons --top 20 --weights writing
              vane find neurons --words Monday,Tuesday --clamp 12 --output days.plan.json
              vane steer "We met on" --plan days.plan.json
            """)

    @Option(help: "Which weights name a neuron: reading (the paper's) or writing.")
    var weights: VocabularyNeurons.Weights = .reading

    @Option(
        help: ArgumentHelp(
            "Only neurons named by these words, which must be one token each.", valueName: "words"))
    var words: String?

    @Option(help: ArgumentHelp("Blocks to look at, counted from 0; all if not given.", valueName: "range"))
    var layers: LayersArgument?

    @Option(help: ArgumentHelp("The most neurons to list, the largest margins first.", valueName: "count"))
    var top = 30

    @Option(
        help: ArgumentHelp(
            "Write a plan that sets the neurons listed to this value; those named at their other end to its negative.",
            valueName: "value"))
    var clamp: Float?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("With --clamp: where; neurons.plan.json if not given.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var output: String?

    @OptionGroup var model: ModelOptions
    @OptionGroup var display: OutputOptions

    private struct Row: Encodable {
        let layer: Int
        let neuron: Int
        let token: String
        let id: Int
        let margin: Double
        let isNegative: Bool
    }

    private struct Report: Encodable {
        let weights: String
        let looked: Int
        let neurons: [Row]
        let file: String?
    }

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top must be positive, not \(top)") }
        guard clamp.map(\.isFinite) ?? true else { throw ValidationError("--clamp must be a finite number") }
        guard output == nil || clamp != nil else { throw ValidationError("--output belongs to --clamp") }
    }

    func run() async throws {
        let path = clamp == nil ? nil : output ?? "neurons.plan.json"
        if let path { try requireWritable(path) }
        let engine = Engine(try model.load())
        let (all, looked) = try await engine.neurons(
            by: weights, namedBy: words.map(WordOptions.list) ?? [], in: layers?.layers)
        let listed = Array(all.prefix(top))
        if let path, let clamp {
            guard !listed.isEmpty else {
                throw ConceptError(
                    .unusableExamples, "no neuron is named by these words; no plan was written")
            }
            let entries = SteeringPlan.neurons(listed, at: clamp)
            try PlanFile(SteeringPlan(entries), model: engine.model.identity).write(to: path)
        }
        let rows = listed.map { neuron in
            Row(
                layer: neuron.layer, neuron: neuron.index,
                token: engine.model.tokenizer.decode([neuron.token]), id: neuron.token,
                margin: neuron.margin, isNegative: neuron.isNegative)
        }
        if display.json {
            return try printJSON(
                Report(weights: weights.rawValue, looked: looked, neurons: rows, file: path))
        }
        let terminal = Terminal(display.color)
        print("\(listed.count) of \(looked) neurons, named by what they are \(weights.rawValue)\n")
        var table = TextTable(["block", "neuron", "token", "margin", "end"], words: [2, 4])
        for row in rows {
            table.add([
                "\(row.layer)", "\(row.neuron)", terminal.safe(row.token.debugDescription),
                row.margin.text(1), row.isNegative ? "negative" : "positive",
            ])
        }
        print(table.lines.joined(separator: "\n"))
        if let path { print("\nwrote \(path); use it with `vane steer PROMPT --plan \(path)`") }
    }
}

extension VocabularyNeurons.Weights: ExpressibleByArgument {}
