import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Parts of factual recall on planted truth", .tags(.planted))
struct RecallPartsTests {
    /// Repeating texts with what follows, or with another token as if that were the answer.
    private func facts(_ count: Int, wrong: Bool) throws -> [FactualRecall.Fact] {
        var generator = SeededGenerator(seed: 12)
        return try (0..<count).map { number in
            let text = PlantedCircuit.repeating(&generator, then: number % 6)
            let last = try #require(text.last)
            let answer = text[try #require(text.firstIndex(of: last)) + 1]
            return FactualRecall.Fact(prompt: text, answer: wrong ? answer % 7 + 1 : answer)
        }
    }

    @Test("the last block that writes an answer is kept, and taken out where it lowers what is asked for")
    func damping() throws {
        let network = try PlantedCircuit.induction()
        let right = try LastBlockDamping(facts(20, wrong: false), in: network)
        #expect(right.damped == 0 && right.best >= 1 && right.facts == 20, "\(right)")
        #expect(right.points.first { $0.share == 1 }?.accuracy == 1, "\(right.points)")
        #expect(right.points.first { $0.share == 0 }?.accuracy ?? 1 < 0.5, "\(right.points)")
        // What follows is another token: the block that raises it lowers the one that is asked for.
        let wrong = try LastBlockDamping(facts(20, wrong: true), in: network)
        #expect(wrong.damped == 20 && wrong.best == 0 && wrong.gain.low > 0, "\(wrong)")
        // Without another share to choose there is no gain to find.
        let held = try LastBlockDamping(facts(20, wrong: false), shares: [1], in: network)
        #expect(held.best == 1 && held.gain.value == 0 && held.points.map(\.share) == [0, 1])
        #expect(throws: EvidenceError.self) { try LastBlockDamping(facts(3, wrong: false), in: network) }
        #expect(throws: EvidenceError.self) {
            try LastBlockDamping(facts(4, wrong: false), shares: [.nan], in: network)
        }
        #expect(throws: EvidenceError.self) {
            try LastBlockDamping(facts(4, wrong: false), in: PlantedCircuit.neurons())
        }
    }

    /// Additions of three heads and an MLP to candidates, per fact; the MLP doubles head 0 and erases head 1,
    /// and adds 1.5 to
    /// the answer.
    private func parts(_ isPlanted: Bool) -> (parts: [[[Double]]], answers: [Int]) {
        var generator = SeededGenerator(seed: 8)
        var answers: [Int] = []
        let parts = (0..<24).map { _ in
            let heads = (0..<3).map { _ in (0..<9).map { _ in Double(generator.normal()) } }
            let answer = generator.integer(below: 9)
            answers.append(answer)
            let mlp = (0..<9).map { candidate in
                let own = Double(generator.normal()) * (isPlanted ? 0.3 : 2)
                return own
                    + (isPlanted
                        ? 2 * heads[0][candidate] - heads[1][candidate] + (candidate == answer ? 1.5 : 0) : 0)
            }
            return heads + [mlp]
        }
        return (parts, answers)
    }

    @Test(
        "an MLP that amplifies one head, erases another and adds to the answer is seen through; noise is not")
    func regression() throws {
        let planted = parts(true)
        let block = try RecallRegression.block(
            3, planted.parts, answers: planted.answers, seed: 1)
        #expect(block.layer == 3 && abs(block.coefficients[0] - 2) < 0.15, "\(block)")
        #expect(abs(block.coefficients[1] + 1) < 0.15 && abs(block.coefficients[2]) < 0.15, "\(block)")
        #expect(block.explained > 0.85 && block.shuffled < 0.1, "\(block)")
        // Centring over nine candidates leaves eight ninths of what is added to one.
        #expect(
            block.own.low < 1.5 * 8 / 9 && block.own.high > 1.5 * 8 / 9 && block.own.low > 0.5, "\(block)")
        let noise = parts(false)
        let none = try RecallRegression.block(0, noise.parts, answers: noise.answers, seed: 1)
        #expect(none.explained < 0.1 && abs(none.own.value) < 1, "\(none)")
    }

    @Test("a network without MLPs has nothing to regress; too few facts are refused")
    func idle() throws {
        let network = try PlantedCircuit.induction()
        let found = try RecallRegression(facts(8, wrong: false), in: network)
        #expect(found.blocks.count == 2 && found.facts == 8)
        #expect(found.blocks.allSatisfy { $0.answer.value == 0 && $0.explained == 0 }, "\(found.blocks)")
        #expect(throws: EvidenceError.self) { try RecallRegression(facts(5, wrong: false), in: network) }
        #expect(throws: EvidenceError.self) {
            try RecallRegression(facts(8, wrong: false), candidates: [99], in: network)
        }
    }
}
