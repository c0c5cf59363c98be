import Testing
import VaneDefaultModel
import VaneEvidence
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Heads of the built-in model")
struct HeadModelTests {
    @Test(
        "one head looks at the token before, most do not; and none is an induction head, repeated or not",
        .tags(.planted))
    func patterns() throws {
        let model = try BuiltIn()
        let network = try #require(model.network as? any InspectableNetwork)
        let language = PlantedLanguage(seed: 74)
        let words = Set((0..<60).flatMap { model.tokens(language.text(at: $0).text) }).sorted()
        var generator = SeededGenerator(seed: 41)
        let lists = (0..<8).map { _ in Array(generator.shuffled(words).prefix(16)) }
        let scores = try HeadScores(repeating: lists, from: model.start, in: network)
        let control = try HeadScores(repeating: lists, from: model.start, repeats: false, in: network)
        let order = scores.heads.sorted { $0.previous > $1.previous }
        let induction = try #require(scores.heads.max { $0.induction < $1.induction })
        let unrepeated = try #require(control.heads.first { $0.site == induction.site })
        print(
            "previous token: \(order[0]); induction: \(induction), without repetition \(unrepeated.induction)"
        )
        #expect(order[0].previous > 0.4 && order[order.count / 2].previous < 0.2)
        // The model writes texts that do not repeat themselves: what looks like induction must be there without
        // repetition too.
        #expect(induction.induction < 0.1 && abs(induction.induction - unrepeated.induction) < 0.05)
    }
}
