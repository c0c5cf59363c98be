import ArgumentParser
import Foundation
import Vane

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Continue a prompt without steering.",
        discussion: "  vane generate \"Once upon a time\" --model MODEL --max-tokens 100 --seed 3")

    @Argument(help: "The text to continue.")
    var prompt: String

    @OptionGroup var model: ModelOptions
    @OptionGroup var writing: SamplingArguments
    @OptionGroup var display: OutputOptions

    private struct Result: Encodable {
        let prompt: String
        let text: String
        let tokens: [Int]
        let logProbabilities: [Double]
        let finish: FinishReason
        let seed: UInt64
        let tokensPerSecond: Double
    }

    func run() async throws {
        let engine = Engine(try model.load())
        let request = GenerationRequest(
            prompt: engine.model.tokenizer.encode(prompt), maximumTokens: writing.maxTokens,
            sampling: writing.sampling, stop: writing.stop)
        let terminal = Terminal(display.color)
        var generation = Generation()
        var firstToken: ContinuousClock.Instant?
        for try await token in engine.stream(request) {
            if generation.tokens.isEmpty && !display.json { print(prompt, terminator: "") }
            firstToken = firstToken ?? .now
            generation.append(token)
            if !display.json {
                print(terminal.safe(token.text), terminator: "")
                fflush(nil)
            }
        }
        guard display.json else { return print("") }
        let seconds = firstToken.map { (ContinuousClock.now - $0) / .seconds(1) } ?? 0
        try printJSON(
            Result(
                prompt: prompt, text: generation.text, tokens: generation.tokens,
                logProbabilities: generation.logProbabilities, finish: generation.finish, seed: writing.seed,
                tokensPerSecond: seconds > 0 ? Double(max(0, generation.tokens.count - 1)) / seconds : 0))
    }
}
