import Foundation
import Testing
import Vane
import VaneTestSupport

@Suite("What the README shows")
struct ReadmeTests {
    private let happy = (0..<20).map { "the day was bright and number \($0) made us smile" }
    private let sad = (0..<20).map { "the night was grey and number \($0) made us cry" }

    @Test("the eight lines of Swift learn, steer and write")
    func eightLines() async throws {
        let engine = Engine(try LanguageModel(folder: Fixtures.url("models/llama").path))
        let happiness = try await engine.learn(
            "happiness", from: ExampleSet(positive: happy, negative: sad))
        let plan = SteeringPlan([.add(happiness, to: 0.999)])
        var text = ""
        for try await token in try engine.stream(
            "my day was", steering: plan, with: [happiness], maximumTokens: 8)
        {
            text += token.text
        }
        var plain = ""
        for try await token in try engine.stream(
            "my day was", steering: SteeringPlan(), with: [], maximumTokens: 8)
        {
            plain += token.text
        }
        #expect(!text.isEmpty && text != plain)
        // Words decide the class here, so even a model with random weights tells them apart.
        #expect(happiness.verdict.isFound)
    }
}
