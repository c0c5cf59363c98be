import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Causes in the built-in model", .tags(.planted))
struct CauseModelTests {
    private let model: BuiltIn
    private let texts: [[Int]]
    private let reference: [[Int]]
    private let objective: Objective

    init() throws {
        model = try BuiltIn()
        let starter = try #require(StarterConcept.all.first { $0.name == "sentiment" })
        // Other sentences than the concept was learnt from.
        let examples = try starter.examples(24, seed: 17)
        let own = model
        texts = examples.positive.map { own.tokens($0 + " The film was") }
        reference = texts + examples.negative.map { own.tokens($0 + " The film was") }
        objective = .difference(try own.token(" lovely"), try own.token(" awful"))
    }

    @Test("taking sentiment out costs 'lovely' more than random directions and than another concept do")
    func ablation() throws {
        let site = Site.residual(4)
        func test(_ direction: [Float], _ random: Int) throws -> AblationTest {
            try AblationTest(
                of: .direction(direction), at: site, on: texts, objective: objective, reference: reference,
                randomParts: random, in: model.network)
        }
        let sentiment = try #require(try DefaultModel.concept(named: "sentiment"))
        let food = try #require(try DefaultModel.concept(named: "food"))
        let own = try test(sentiment.layer(at: site).steering.direction, 19)
        let other = try test(food.layer(at: site).steering.direction, 0)
        print("sentiment out: \(own.effect), p \(own.pValue); food out: \(other.effect)")
        #expect(own.effect.high < -0.3 && own.pValue == 0.05, "\(own)")
        #expect(abs(other.effect.value) < 0.5 * abs(own.effect.value), "\(other.effect)")
        var generator = SeededGenerator(seed: 6)
        let idle = try test(generator.unitVector(width: model.width), 19)
        #expect(idle.pValue > 0.05, "\(idle)")
    }

    @Test("swapping a whole late state carries sentiment over, an early one at the last token does not")
    func swaps() throws {
        let (shown, hidden) = (Array(reference[..<24]), Array(reference[24...]))
        let pairs = zip(hidden, shown).map { UnitClaim.Pair(base: $0, source: $1) }
        let sentiment = try #require(try DefaultModel.concept(named: "sentiment"))
        func claim(_ layer: Int) throws -> UnitClaim {
            let site = Site.residual(layer)
            return try UnitClaim(
                that: .direction(sentiment.layer(at: site).steering.direction), at: site, represents: shown,
                against: hidden, pairs: pairs, objective: objective, reading: .mean, randomParts: 3,
                in: model.network)
        }
        let late = try #require(try claim(5).intervention)
        let early = try #require(try claim(0).intervention)
        print("swaps: late \(late), early \(early)")
        #expect(late.whole == 1 && late.success.value >= 0.5 && (late.random.max() ?? 1) <= 0.1, "\(late)")
        #expect(early.success.value == 0 && early.whole <= 0.2, "\(early)")
    }
}
