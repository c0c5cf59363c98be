import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Trained additive vector")
struct TrainedVectorTests {
    private let site = Site.residual(3)

    @Test(
        "texts written while a vector was added train it back; texts written without, and random vectors, do not",
        .tags(.planted, .slow))
    func planted() async throws {
        let model = try BuiltIn()
        var generator = SeededGenerator(seed: 1, stream: 99)
        let truth = generator.unitVector(width: model.width).map { 35 * $0 }
        let nothing = [Float](repeating: 0, count: model.width)
        let shown = try await model.prompted(adding: truth, at: site, count: 400, seed: 0)
        let plain = try await model.prompted(adding: nothing, at: site, count: 400, seed: 10_000)
        func train(_ texts: [PromptedText]) throws -> TrainedVector.Result {
            try TrainedVector(epochs: 4).train(
                positive: Array(texts.prefix(300)), at: site, in: model.network)
        }
        let result = try train(shown)
        let control = try train(plain)

        let heldOut = shown.suffix(100).map(\.tokens)
        let before = try model.loss(heldOut)
        let after = try model.loss(heldOut, model.adding(result.vector, at: site))
        let best = try model.loss(heldOut, model.adding(truth, at: site))
        let size = Float(length(result.vector))
        let random = try model.loss(
            heldOut, model.adding(generator.unitVector(width: model.width).map { size * $0 }, at: site))
        print(
            "trained vector: cosine \(cosine(result.vector, truth)), length \(size) of 35, held-out loss \(before) to "
                + "\(after), with the true vector \(best), with a random one \(random); control cosine "
                + "\(cosine(control.vector, truth)); training \(result.lossBefore) to \(result.lossAfter)")
        #expect(result.firstGradient > 0 && result.lossAfter < result.lossBefore)
        #expect(cosine(result.vector, truth) > 0.7)
        #expect(before - after > 0.6 * (before - best))
        #expect(random > before)
        #expect(abs(cosine(control.vector, truth)) < 0.3)
    }
}
