import Testing
import VaneConcepts
import VaneDefaultModel
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Rank-1 representation fine-tuning")
struct RankOneReFTTests {
    private let site = Site.residual(3)

    /// The largest detection of each text.
    private func detections(
        _ model: BuiltIn, _ texts: [[Int]], _ direction: [Float], _ site: Site
    ) throws -> [Double] {
        try texts.map { tokens in
            let recorder = ActivationRecorder()
            let input = SequenceInput(
                state: model.network.makeSequence(), tokens: tokens, hooks: recorder.hooks(at: [site]),
                promptLength: tokens.count)
            _ = try model.network.forward([input], output: .none, through: site)
            return recorder.rows(at: site).dropFirst().map { dot($0, direction) }.reduce(0, max)
        }
    }

    @Test(
        "the direction detects the concept in new texts and makes them likelier; without texts of it, or at random, it does not",
        .tags(.planted, .slow))
    func planted() throws {
        let name = "film"
        let model = try BuiltIn()
        let starter = try #require(StarterConcept.all.first { $0.name == name })
        let others = starter.attribute.values.filter { $0 != starter.value }
        func texts(_ count: Int, seed: UInt64) -> [[[Int]]] {
            let language = PlantedLanguage(seed: seed)
            return [true, false].map { positive in
                (0..<count).map { index in
                    let value = positive ? starter.value : others[index % others.count]
                    let text = language.text(
                        at: 2 * index + (positive ? 0 : 1), attributes: [starter.attribute: value])
                    return Array(model.tokens(text.text).prefix(48))
                }
            }
        }
        let classes = texts(150, seed: 3).map { $0.map { PromptedText($0) } }
        let heldOut = texts(60, seed: 77)
        var generator = SeededGenerator(seed: 5)
        func area(_ direction: [Float]) throws -> Double {
            let scores = try heldOut.map { try detections(model, $0, direction, site) }
            return Statistics.auroc(
                scores: scores[0] + scores[1],
                positive: scores[0].map { _ in true } + scores[1].map { _ in false }, resamples: 0,
                generator: &generator
            ).value
        }
        let learner = RankOneReFT(rate: 0.03, seed: 1)
        let result = try learner.train(
            positive: classes[0], negative: classes[1], at: site, in: model.network)
        // Shuffled labels would be no control: the loss does not see them.
        let control = try learner.train(
            positive: texts(150, seed: 4)[1].map { PromptedText($0) }, negative: classes[1], at: site,
            in: model.network)
        let random = generator.unitVector(width: model.width)

        // How much likelier the positive texts get against the negative ones, along a direction as far as its
        // largest detection goes.
        func gain(_ direction: [Float]) throws -> Double {
            let vector = direction.map { $0 * Float(result.largestDetection / 2) }
            let moved = try heldOut.map { try model.loss($0, model.adding(vector, at: site)) }
            let plain = try heldOut.map { try model.loss($0) }
            return (moved[1] - plain[1]) - (moved[0] - plain[0])
        }
        let areas = try [result.direction, control.direction, random].map(area)
        let gains = try [result.direction, control.direction, random].map(gain)
        let part = result.losses.count / 3
        let ends = [result.losses.prefix(part), result.losses.suffix(part)].map {
            $0.reduce(0, +) / Double(part)
        }
        print(
            "\(name): detection AUROC \(areas[0]), without the concept \(areas[1]), random \(areas[2]); log-odds a token \(gains[0]), "
                + "\(gains[1]), \(gains[2]); loss \(ends[0]) to \(ends[1])")
        #expect(result.firstGradient > 0 && ends[1] < ends[0])
        #expect(areas[0] > 0.9 && areas[0] > areas[1] + 0.1 && areas[0] > areas[2] + 0.1)
        #expect(gains[0] > 0 && gains[0] > gains[1] && gains[0] > gains[2])
    }
}
