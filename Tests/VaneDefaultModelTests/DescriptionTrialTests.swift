import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvaluation
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTestSupport
import VaneTokenizers

@Suite("Descriptions put to the test on the built-in model")
struct DescriptionTrialTests {
    @Test(
        "a topic's description picks its texts of three in 60 %; random tokens do in a third", .tags(.planted)
    )
    func topics() async throws {
        let model = try DefaultModel.load()
        let language = PlantedLanguage(seed: 73)
        let texts = (0..<24).map { Array(model.tokenizer.encode(language.text(at: $0).text).prefix(28)) }
        var (right, control) = (0.0, 0.0)
        let names = ["film", "garden"]
        for name in names {
            let concept = try #require(try DefaultModel.concept(named: name))
            let layer = try #require(concept.defaultLayers.last)
            var options = DescriptionTrials.Options()
            options.trials = 60
            let trials = try await DescriptionTrials(
                of: layer.steering.direction, at: layer.site, texts: texts,
                prompts: texts.map { Array($0.prefix(4)) }, engine: Engine(model), options: options)
            print(name, trials.right, trials.control)
            right += trials.right.value / Double(names.count)
            control += trials.control.value / Double(names.count)
        }
        // 120 trials: two standard errors of a third are 0.09.
        #expect(right >= 0.6 && (0.24...0.43).contains(control), "\(right) \(control)")
    }
}
