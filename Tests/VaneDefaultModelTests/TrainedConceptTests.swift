import Testing
import VaneConcepts
import VaneDefaultModel
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

/// Do the learners that train through the network find what makes it write a concept? Steering along the
/// direction at plus and minus one typical norm must move the log-likelihood of held-out texts of the
/// concept against texts without it, in nats a token. Reading is another matter, and the tests say which
/// learner does it.
@Suite("Learners of the network as learners of concepts")
struct TrainedConceptTests {
    private static let site = Site.residual(3)

    /// What held-out texts of the concept do along the direction.
    enum Reading { case higher, noDifference, lower }

    /// A learner on a concept with what is known of it.
    struct Case: Sendable, CustomStringConvertible {
        let learner: any NetworkLearner
        let concept: String
        /// By how much one typical norm up and one down part the classes at least; nil where the learner is
        /// known to fail.
        let span: Double?
        let reading: Reading

        var description: String { "\(learner.method.id) of \(concept)" }
    }

    private static let style = StyleVectors(.all, tokens: 16, steps: 60)
    private static let latent = StyleVectors(.first, tokens: 16, steps: 60)
    static let cases = [
        Case(learner: TrainedDirection(), concept: "formality", span: 0.7, reading: .higher),
        Case(learner: TrainedDirection(), concept: "sentiment", span: 0.5, reading: .noDifference),
        Case(learner: style, concept: "formality", span: 0.3, reading: .noDifference),
        Case(learner: style, concept: "sentiment", span: 0.3, reading: .noDifference),
        Case(learner: style, concept: "templates", span: 0.3, reading: .lower),
        Case(learner: latent, concept: "formality", span: 0.4, reading: .noDifference),
        // Its loss does not see the labels, and single sentences give it too little to find; see
        // `wholeTexts`.
        Case(learner: RankOneReFTDirection(), concept: "formality", span: nil, reading: .noDifference),
    ]

    /// Texts to learn from and, drawn apart, texts to steer; positive before negative.
    private func texts(_ concept: String) throws -> (shown: [[String]], heldOut: [[String]]) {
        if concept == "templates" {
            func sentences(_ words: [String], _ more: String, _ numbers: Range<Int>) -> [String] {
                numbers.map { "The \(words[$0 % words.count]) day number \($0) \(more)." }
            }
            func classes(_ numbers: Range<Int>) -> [[String]] {
                [
                    sentences(["happy", "sunny", "lovely"], "made us laugh", numbers),
                    sentences(["sad", "gloomy", "awful"], "made us weep", numbers),
                ]
            }
            return (classes(0..<24), classes(30..<60))
        }
        let starter = try #require(StarterConcept.all.first { $0.name == concept })
        let (shown, more) = (try starter.examples(100), try starter.examples(80, seed: 77))
        let known = Set(shown.positive + shown.negative)
        return (
            [shown.positive, shown.negative],
            [more.positive, more.negative].map { $0.filter { !known.contains($0) } }
        )
    }

    @Test(
        "steering along the direction parts held-out texts of the concept from others; shuffled labels and chance do not",
        .tags(.planted, .slow), arguments: cases)
    func steers(_ known: Case) throws {
        let model = try BuiltIn()
        let (shown, more) = try texts(known.concept)
        let heldOut = more.map { $0.map(model.tokens) }
        let plain = try heldOut.map { try model.loss($0) }
        func learn(_ classes: [[String]]) throws -> Concept.Layer {
            try ConceptLearner(known.learner, LearningOptions(resamples: 200)).learn(
                known.concept, positive: classes[0].map(model.tokens), negative: classes[1].map(model.tokens),
                digest: "", start: model.start, at: [Self.site], in: model.network,
                model: model.engine.model.identity
            ).layers[0]
        }
        let layer = try learn(shown)
        let norm = layer.result.typicalNorm
        // Half of each class on either side: no label is left.
        let count = shown[0].count
        let mixed = try learn(
            [0, 1].map { side in
                (0..<count).map { shown[($0 + side) % 2][$0] }
            })

        func gain(_ direction: [Float], _ strength: Double) throws -> Double {
            let hooks = model.adding(direction.map { Float(strength * norm) * $0 }, at: Self.site)
            let moved = try heldOut.map { try model.loss($0, hooks) }
            return (moved[1] - plain[1]) - (moved[0] - plain[0])
        }
        func span(_ direction: [Float]) throws -> (up: Double, down: Double, whole: Double) {
            let (up, down) = (try gain(direction, 1), try gain(direction, -1))
            return (up, down, up - down)
        }
        var generator = SeededGenerator(seed: 5)
        let learnt = try span(layer.steering.direction)
        let shuffled = try span(mixed.steering.direction).whole
        let random = try (0..<8).map { _ in try span(generator.unitVector(width: model.width)).whole }
        let controls = [shuffled] + random
        let chance = (controls.reduce(0) { $0 + $1 * $1 } / Double(controls.count)).squareRoot()
        print(
            "\(known): up \(learnt.up.short), down \(learnt.down.short), shuffled \(shuffled.short), controls' root mean "
                + "square \(chance.short); AUROC \(layer.result.auroc.value.short) [\(layer.result.auroc.low.short), "
                + "\(layer.result.auroc.high.short)], halves \(layer.result.agreement.short)")
        let reading = layer.result.auroc
        switch known.reading {
        case .higher: #expect(reading.low > 0.5)
        case .noDifference: #expect(reading.low < 0.5 || reading.value < 0.7)
        case .lower: #expect(reading.high < 0.5)
        }
        if let least = known.span {
            #expect(learnt.up > 0 && learnt.down < 0 && learnt.whole > least)
            #expect(learnt.whole > 2 * chance && learnt.whole > abs(shuffled))
        } else {
            #expect(learnt.whole < 2 * chance)
        }
        if known.reading == .lower { try explain(model, more, layer.steering.direction) }
    }

    /// Why what makes the model write a word reads backwards: where the word stands, the state is ready for
    /// what follows and not for the word again; the state in front of it cannot know which word comes.
    private func explain(_ model: BuiltIn, _ texts: [[String]], _ direction: [Float]) throws {
        // `laugh.` and `weep.` are two tokens and three.
        let heights = try zip(texts, [2, 3]).map { texts, length in
            try texts.map { text in
                let recorder = ActivationRecorder()
                _ = try model.logits(model.tokens(text), recorder.hooks(at: [Self.site]))
                let along = recorder.rows(at: Self.site).map { dot($0, direction) }
                return (before: along[along.count - length - 1], at: along[along.count - length])
            }
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let before = heights.map { mean($0.map(\.before)) }
        let at = heights.map { mean($0.map(\.at)) }
        print("style vectors of templates: in front of the word \(before), at the word \(at)")
        #expect(abs(before[0] - before[1]) < 2 && at[0] < at[1] - 8)
    }

    @Test(
        "ReFT-r1 finds a topic from whole texts; along a random direction little moves",
        .tags(.planted, .slow))
    func wholeTexts() throws {
        let model = try BuiltIn()
        func texts(_ count: Int, seed: UInt64) -> [[[Int]]] {
            let language = PlantedLanguage(seed: seed)
            let others = PlantedAttribute.topic.values.filter { $0 != "film" }
            return [true, false].map { positive in
                (0..<count).map { index in
                    let value = positive ? "film" : others[index % others.count]
                    let text = language.text(
                        at: 2 * index + (positive ? 0 : 1), attributes: [.topic: value])
                    return Array(model.tokens(text.text).prefix(40))
                }
            }
        }
        let (shown, heldOut) = (texts(150, seed: 3), texts(40, seed: 77))
        let layer = try ConceptLearner(
            RankOneReFTDirection(), LearningOptions(resamples: 200, seed: 1)
        ).learn(
            "film", positive: shown[0], negative: shown[1], digest: "", at: [Self.site], in: model.network,
            model: model.engine.model.identity
        ).layers[0]
        func span(_ direction: [Float]) throws -> Double {
            try [1, -1].reduce(0.0) { sum, sign in
                let step = Float(sign * layer.result.typicalNorm)
                let hooks = model.adding(direction.map { step * $0 }, at: Self.site)
                let losses = try heldOut.map { try model.loss($0, hooks) }
                return sum + sign * (losses[1] - losses[0])
            }
        }
        let learnt = try span(layer.steering.direction)
        var generator = SeededGenerator(seed: 6)
        let random = try (0..<4).map { _ in try span(generator.unitVector(width: model.width)) }
        print(
            "reft-r1 of film from whole texts: AUROC \(layer.result.auroc.value) [\(layer.result.auroc.low), "
                + "\(layer.result.auroc.high)], halves \(layer.result.agreement), span \(learnt), random \(random)"
        )
        #expect(layer.result.auroc.low > 0.6)
        #expect(random.allSatisfy { 2 * abs($0) < learnt })
    }
}

extension Double {
    fileprivate var short: Double { (self * 1000).rounded() / 1000 }
}
