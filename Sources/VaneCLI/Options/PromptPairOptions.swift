public import ArgumentParser
public import Vane

/// What one prompt leaves in the stream beyond another.
struct PromptPairOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Two texts, such as Love Hate: add what the first leaves in the stream beyond the second, token by token, to the "
                + "prompt's states. Either may be blank.", valueName: "text"))
    var promptPair: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --prompt-pair: read and edit in front of this block, counted from 0 (default: a fifth of the depth).",
            valueName: "index"))
    var atBlock: Int?

    @Option(
        help: ArgumentHelp(
            "With --prompt-pair: the factor of what is added; negative steers the other way. The paper takes 1 to 15; above 1 the "
                + "built-in model loses its grammar (default: 1).",
            valueName: "factor"))
    var times: Double?

    @Option(
        help: ArgumentHelp(
            "With --prompt-pair: where in the prompt to add it: front, middle or back (default: front).",
            valueName: "where"))
    var place: PromptBlock.Placement?

    /// Whether there is one.
    var isGiven: Bool { !promptPair.isEmpty }

    func validate() throws {
        guard isGiven || (atBlock == nil && times == nil && place == nil) else {
            throw ValidationError("--at-block, --times and --place belong to --prompt-pair")
        }
        guard !isGiven || promptPair.count == 2 else {
            throw ValidationError(
                "--prompt-pair takes two texts, not \(promptPair.count); the prompt to continue stands before it"
            )
        }
        guard times?.isFinite ?? true else { throw ValidationError("--times must be a finite number") }
        guard atBlock.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--at-block counts blocks from 0")
        }
    }

    /// The part of the plan.
    func entries(_ engine: Engine) async throws -> [SteeringPlan.Entry] {
        guard isGiven else { return [] }
        return [
            try await engine.promptPair(
                promptPair[0], against: promptPair[1],
                inFrontOf: atBlock ?? engine.model.network.layout.depth / 5, times: times ?? 1,
                at: place ?? .front)
        ]
    }
}

extension PromptBlock.Placement: ExpressibleByArgument {}
