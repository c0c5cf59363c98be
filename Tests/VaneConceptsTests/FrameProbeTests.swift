import Testing
import VaneConcepts
import VaneTensors
import VaneTestSupport

@Suite("Frames of states beside frames of words")
struct FrameProbeTests {
    @Test(
        "a word's product with a state stays its logit about the mean; without the inverse factor it does not",
        .tags(.planted))
    func products() throws {
        var generator = SeededGenerator(seed: 31)
        let (vocabulary, width) = (120, 10)
        let numbers = (0..<vocabulary * width).map {
            Float(generator.normal() * (1 + Double($0 % width)) + 0.5)
        }
        let frames = try TokenFrames(unembedding: Tensor(numbers, shape: [vocabulary, width]))
        let state = (0..<width).map { _ in Float(generator.normal()) }
        func dot(_ a: some Sequence<Float>, _ b: [Float]) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let logits = (0..<vocabulary).map { dot(numbers[$0 * width..<($0 + 1) * width], state) }
        let mean = logits.reduce(0, +) / Double(vocabulary)
        let moved = try #require(try frames.frame(ofStates: [state]).columns.first)
        var (right, wrong) = (0.0, 0.0)
        for token in 0..<vocabulary {
            let word = try frames.word([token]).columns[0]
            right = max(right, abs(dot(word, moved) - (logits[token] - mean)))
            wrong = max(wrong, abs(dot(word, state) - (logits[token] - mean)))
        }
        #expect(right < 1e-4)
        #expect(wrong > 1)
        #expect(try frames.frame(ofStates: []).columns.isEmpty)
        #expect(throws: ConceptError.self) { try frames.frame(ofStates: [[1, 2]]) }
    }
}
