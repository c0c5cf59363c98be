import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("What causal tests are compared with", .tags(.planted))
struct CausalControlTests {
    private static let previous = Site.head(
        layer: PlantedCircuit.previousTokenHead.layer, head: PlantedCircuit.previousTokenHead.head)

    /// Texts in which 4 follows 2, ending with 2.
    private func texts(_ count: Int) -> [[Int]] {
        var generator = SeededGenerator(seed: 9)
        return (0..<count).map { _ in
            let rest = generator.shuffled([1, 3, 5, 6, 7])
            let cut = generator.integer(below: 5)
            return [0] + rest.prefix(cut) + [2, 4] + rest.dropFirst(cut) + [2]
        }
    }

    @Test("a patch at the carrying state does much more than random moves as far; elsewhere nothing moves")
    func patchingChance() throws {
        let network = try PlantedCircuit.induction()
        let (clean, corrupted) = ([0, 1, 2, 3, 4, 5, 6, 7, 2], [0, 1, 2, 5, 4, 3, 6, 7, 2])
        let sites: [Site] = [.embedding, .residual(0), .residual(1)]
        for direction in ActivationPatching.Direction.allCases {
            let found = try ActivationPatching(
                clean: clean, corrupted: corrupted, objective: .difference(3, 5), at: sites, direction,
                in: network)
            let chance = try found.chance(
                clean: clean, corrupted: corrupted, objective: .difference(3, 5), draws: 20, in: network)
            for (row, site) in sites.enumerated() {
                for column in clean.indices {
                    let draws = chance[row][column].map(abs)
                    if column < 3 {
                        // The prompts agree up to here, so that there is no distance to move.
                        #expect(draws.allSatisfy { $0 == 0 }, "\(direction) \(site) \(column)")
                    } else if column == (site == .residual(1) ? 8 : 3) {
                        #expect(found.effects[row][column] > 0.9)
                        #expect(draws.reduce(0, +) / 20 < 0.4, "\(direction) \(site) \(column): \(draws)")
                    }
                }
            }
        }
        let found = try ActivationPatching(
            clean: clean, corrupted: corrupted, objective: .difference(3, 5), at: sites, in: network)
        #expect(throws: EvidenceError.self) {
            try found.chance(
                clean: clean, corrupted: corrupted, objective: .logit(3), draws: 0, in: network)
        }
        #expect(throws: EvidenceError.self) {
            try found.chance(clean: [0, 1], corrupted: [0, 2], objective: .logit(3), in: network)
        }
    }

    @Test("of eight heads the two of the circuit cost the answer, and an idle head is told from them")
    func heads() throws {
        let network = try PlantedCircuit.induction()
        func test(_ layer: Int, _ head: Int) throws -> AblationTest {
            try AblationTest(
                ofHead: layer, head, on: texts(16), objective: .logProbability([4]), in: network)
        }
        let place = PlantedCircuit.inductionHead
        let own = try test(place.layer, place.head)
        #expect(own.effect.high < -0.5 && own.whole < -0.5, "\(own)")
        #expect(own.random.count == 7 && own.random.count { $0 < -0.5 } == 1, "\(own.random)")
        #expect(own.random.count { abs($0) < 0.05 } == 6, "\(own.random)")
        let idle = try test(1, 0)
        #expect(abs(idle.effect.value) < 0.05 && idle.pValue >= 3.0 / 8, "\(idle)")
        #expect(throws: (any Error).self) { try test(1, 9) }
    }

    @Test("values of an objective are those that the gradients come with")
    func values() throws {
        let network = try PlantedCircuit.induction()
        let objective = Objective.difference(4, 3)
        let values = try objective.values(of: texts(5), in: network)
        let other = try OutputGradients(of: objective, texts(5), at: [], in: network).values
        #expect(zip(values, other).allSatisfy { abs($0 - $1) < 1e-4 }, "\(values) \(other)")
        #expect(throws: EvidenceError.self) { try objective.values(of: [], in: network) }
        #expect(throws: EvidenceError.self) { try objective.values(of: [[1], []], in: network) }
        #expect(throws: EvidenceError.self) { try Objective.logit(99).values(of: [[1]], in: network) }
    }

    @Test("the words that tell an attribute are found; classes that are alike have none")
    func words() throws {
        var generator = SeededGenerator(seed: 4)
        func texts(_ own: [Int]) -> [[Int]] {
            (0..<30).map { number in
                generator.shuffled(0..<8).prefix(5) + [
                    own[number % own.count], own[(number + 1) % own.count],
                ]
            }
        }
        let (shown, hidden) = (texts([8, 9, 10]), texts([11, 12, 13]))
        let task = try SelectiveLesions.Task(telling: shown, from: hidden, tokens: 3)
        #expect(Set(task.objective.tokens) == [8, 9, 10], "\(task.objective)")
        guard case .tokens(let others) = task.objective.reference else {
            Issue.record("the task has nothing to compare with")
            return
        }
        #expect(Set(others) == [11, 12, 13], "\(others)")
        #expect(task.texts == shown.map { Array($0.prefix(3)) })
        // The control: mixed labels find no more than what the shared words happen to do.
        let mixed = try SelectiveLesions.Task(
            telling: Array(shown[..<15] + hidden[..<15]), from: Array(shown[15...] + hidden[15...]), tokens: 3
        )
        #expect(Set(mixed.objective.tokens) != [8, 9, 10])
        #expect(throws: EvidenceError.self) {
            try SelectiveLesions.Task(telling: shown, from: shown)
        }
        #expect(throws: EvidenceError.self) { try SelectiveLesions.Task(telling: [], from: shown) }
    }
}
