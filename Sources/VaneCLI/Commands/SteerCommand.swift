import ArgumentParser
import Vane

struct SteerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steer", abstract: "Continue a prompt with as much of a concept as asked for.",
        discussion: """
              vane steer "My day was" --model MODEL --concept happiness.vane=0.95
              vane steer "My day was" --model MODEL --remove happiness.vane=0.05 --layers 4..6 --scope generated
              vane steer "The film" --model MODEL --concept happiness.vane=0.9 --remove toxicity.vane=0.05
              vane steer "The film" --concept sentiment=0.5kl --method add-norm --schedule decay:0.95
              vane steer "The film" --remove sentiment --method project --when "film>0.5"
              vane steer "My day was" --model MODEL --vector happy.gguf=1.5
              vane steer "My day was" --model MODEL --plan joy.plan.json --strength 0.7
              vane steer "My day was" --model MODEL --concept happiness.vane=0.5kl --save-plan found.json
              vane steer "The film" --guide-words lovely,splendid,superb --guide-against awful,dull,dreadful
              vane steer "I went home" --prompt-pair Love Hate --at-block 3 --times 1

            Prints the unsteered and the steered continuation side by side, coloured by the concept's probability
            per token (blue is low, orange is high), both read in the unsteered model.
            """)

    @Argument(help: "The text to continue.")
    var prompt: String

    @OptionGroup var model: ModelOptions
    @OptionGroup var steering: SteeringArguments
    @OptionGroup var writing: SamplingArguments
    @OptionGroup var display: OutputOptions

    private struct Result: Encodable {
        struct Continuation: Encodable {
            let text: String
            let tokens: [String]
            let probabilities: [String: [Double]]
            let meanProbability: [String: Double]
            let perplexity: Double
            let finish: FinishReason

            init(_ continuation: SteeringComparison.Continuation) {
                text = continuation.text
                tokens = continuation.pieces
                probabilities = continuation.probabilities
                meanProbability = Dictionary(
                    uniqueKeysWithValues: continuation.probabilities.keys.map {
                        ($0, continuation.meanProbability(of: $0))
                    })
                perplexity = continuation.perplexity
                finish = continuation.finish
            }
        }
        let prompt: String
        let plan: SteeringPlan
        let seed: UInt64
        let unsteered: Continuation
        let steered: Continuation
        let edits: [String: SteeringLedger.Entry]
        let notes: [String]
        let guide: Guided?
    }

    /// What the guide was, and how near its words both continuations keep the model.
    private struct Guided: Encodable {
        let words: [String]
        let against: [String]
        let candidates: Int
        let unsteered: Double
        let steered: Double
    }

    func run() async throws {
        try steering.checkTargets()
        let files = try steering.plans.load()
        let engine = Engine(try model.load())
        let (plan, named) = try await steering.plan(from: files, for: engine)
        let concepts = named.all
        let calibration = try steering.calibrationPrompts()
        let vectors = try steering.vectors(for: engine.model.network.layout)
        let guide = try await steering.guide.guide(for: engine)
        let request = GenerationRequest(
            prompt: [], maximumTokens: writing.maxTokens, sampling: writing.sampling, stop: writing.stop,
            guidance: guide?.guidance)
        let bar = ProgressBar()
        let total = 2 * writing.maxTokens
        let comparison = try await SteeringComparison(
            prompt: prompt, plan: plan, concepts: concepts, request: request, engine: engine,
            additional: vectors,
            calibration: calibration, searching: { bar.update($0, "searching for the strength") },
            progress: { bar.update(Double($0) / Double(total), "writing") })
        bar.finish()
        try steering.plans.write(comparison.plan, named, for: engine.model.identity)
        let guided = try await read(guide, comparison, engine)
        if display.json {
            return try printJSON(
                Result(
                    prompt: prompt, plan: comparison.plan, seed: writing.seed,
                    unsteered: Result.Continuation(comparison.unsteered),
                    steered: Result.Continuation(comparison.steered),
                    edits: Dictionary(
                        uniqueKeysWithValues: comparison.ledger.map { ($0.key.description, $0.value) }),
                    notes: comparison.notes, guide: guided))
        }
        print(text(comparison, concepts, guided, Terminal(display.color)))
        if !files.isEmpty || steering.pair.isGiven || steering.plans.save != nil {
            print("\nplan:\n\(Terminal(display.color).safe(comparison.plan.description))")
        }
        if let path = steering.plans.save { print("\nwrote \(path)") }
    }

    private func read(
        _ guide: GuideOptions.Guide?, _ comparison: SteeringComparison, _ engine: Engine
    ) async throws -> Guided? {
        guard let guide else { return nil }
        let start = engine.model.tokenizer.encode(prompt)
        return Guided(
            words: guide.words, against: guide.against, candidates: guide.candidates,
            unsteered: try await guide.correlation(comparison.unsteered.tokens, after: start, in: engine),
            steered: try await guide.correlation(comparison.steered.tokens, after: start, in: engine))
    }

    private func text(
        _ comparison: SteeringComparison, _ concepts: [Concept], _ guided: Guided?, _ terminal: Terminal
    ) -> String {
        let shown = concepts.first?.name ?? ""
        func shaded(_ continuation: SteeringComparison.Continuation) -> ShadedText {
            let values = continuation.probabilities[shown] ?? continuation.pieces.map { _ in .nan }
            return ShadedText(
                pieces: [(prompt, .nan)] + zip(continuation.pieces, values).map { ($0, $1) })
        }
        var table = TextTable(["", "unsteered", "steered"])
        for concept in concepts {
            table.add([
                "mean probability of \(concept.name)",
                comparison.unsteered.meanProbability(of: concept.name).text(3),
                comparison.steered.meanProbability(of: concept.name).text(3),
            ])
        }
        if let guided {
            table.add([
                "mean frame correlation with the guide's words", guided.unsteered.text(3),
                guided.steered.text(3),
            ])
        }
        table.add([
            "perplexity under the unsteered model", comparison.unsteered.perplexity.text(2),
            comparison.steered.perplexity.text(2),
        ])
        let sections =
            [
                terminal.sideBySide(
                    ("unsteered", shaded(comparison.unsteered)), ("steered", shaded(comparison.steered))),
                table.lines.joined(separator: "\n"),
            ] + comparison.notes.map { "note: \($0)" }
        return sections.joined(separator: "\n\n")
    }
}
