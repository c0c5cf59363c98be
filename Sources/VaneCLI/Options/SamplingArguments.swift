import ArgumentParser
import Vane

/// How a continuation is written.
struct SamplingArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The most tokens to write.", valueName: "count"))
    var maxTokens = 60

    @Option(
        help: ArgumentHelp(
            "Divides the logits; 0 takes the most likely token each time.", valueName: "number"))
    var temperature = 0.8

    @Option(help: ArgumentHelp("Draw among the k most likely tokens; 0 is all.", valueName: "count"))
    var topK = 0

    @Option(
        help: ArgumentHelp("Draw among the fewest tokens with this joint probability.", valueName: "number"))
    var topP = 0.95

    @Option(
        help: ArgumentHelp(
            "Draw among tokens at least this fraction as likely as the best.", valueName: "number"))
    var minP = 0.0

    @Option(
        help: ArgumentHelp(
            "Makes tokens already in the text less likely; 1 does nothing.", valueName: "number"))
    var repetitionPenalty = 1.0

    @Option(help: ArgumentHelp("The same seed gives the same text.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("End when this text appears; can be repeated.", valueName: "text"))
    var stop: [String] = []

    var sampling: SamplingOptions {
        SamplingOptions(
            temperature: temperature, topK: topK, topP: topP, minP: minP,
            repetitionPenalty: repetitionPenalty,
            seed: seed)
    }

    func validate() throws {
        guard maxTokens > 0 else { throw ValidationError("--max-tokens must be positive, not \(maxTokens)") }
    }
}
