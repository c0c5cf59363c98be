import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Causal tests on networks written by hand")
struct CausalTests {
    private static let previous = Site.head(
        layer: PlantedCircuit.previousTokenHead.layer, head: PlantedCircuit.previousTokenHead.head)
    private static let induction = Site.head(
        layer: PlantedCircuit.inductionHead.layer, head: PlantedCircuit.inductionHead.head)

    private func texts(_ count: Int, seed: UInt64 = 3) -> [[Int]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { PlantedCircuit.repeating(&generator, then: $0 % 6) }
    }

    /// What follows the last token's earlier occurrence.
    private func answer(_ text: [Int]) throws -> Int {
        let last = try #require(text.last)
        return text[try #require(text.firstIndex(of: last)) + 1]
    }

    @Test("the circuit does what it was built for", .tags(.planted))
    func circuit() throws {
        let network = try PlantedCircuit.induction()
        for text in texts(30) {
            let logits = try lastLogits(network, text)
            let best = logits.indices.max { logits[$0] < logits[$1] }
            #expect(try best == answer(text), "\(text): \(logits)")
        }
    }

    @Test("path patching finds the two heads and the path between them, and no other", .tags(.planted))
    func paths() throws {
        let network = try PlantedCircuit.induction()
        // Start 1 2 3 4 5 6 7 2: after 2 came 3. In the other prompt another token comes after 2.
        let clean = [0, 1, 2, 3, 4, 5, 6, 7, 2]
        let corrupted = [0, 1, 3, 2, 4, 5, 6, 7, 2]
        let objective = Objective.difference(3, 4)
        let heads = network.layout.everySite.filter { if case .head = $0 { true } else { false } }
        let first = heads.filter { $0.layer == 0 }
        let patching = try PathPatching(
            clean: clean, corrupted: corrupted, objective: objective, in: network)
        let direct = try patching.effects(of: heads, on: .output)
        for effect in direct {
            let expected = effect.sender == Self.induction ? 1.0 : 0
            #expect(abs(effect.effect - expected) < 0.05, "\(effect)")
        }
        let through = try patching.effects(of: first, on: .site(Self.induction))
        for effect in through {
            // The tokens themselves changed places, too, which the induction head's values see.
            let isSender = effect.sender == Self.previous
            #expect(isSender ? effect.effect > 0.3 : abs(effect.effect) < 0.05, "\(effect)")
        }
        // A head of the last block that nothing sends to is no receiver of the effect.
        let wrong = try patching.effects(of: first, on: .site(.head(layer: 1, head: 0)))
        #expect(wrong.allSatisfy { abs($0.effect) < 0.05 }, "\(wrong)")
        #expect(throws: EvidenceError.self) {
            try patching.effects(of: [Self.induction], on: .site(Self.previous))
        }
    }

    @Test("activation patching finds the position and the layer, in both directions", .tags(.planted))
    func patching() throws {
        let network = try PlantedCircuit.induction()
        // Only the token after the first 2 differs.
        let clean = [0, 1, 2, 3, 4, 5, 6, 7, 2]
        let corrupted = [0, 1, 2, 5, 4, 3, 6, 7, 2]
        for direction in ActivationPatching.Direction.allCases {
            let found = try ActivationPatching(
                clean: clean, corrupted: corrupted, objective: .difference(3, 5),
                at: [.embedding, .residual(0), .residual(1)], direction, in: network)
            for (site, row) in zip(found.sites, found.effects) {
                for (position, effect) in zip(found.positions, row) {
                    // Until block 0 the answer stands where it is written, after block 1 at the last token.
                    let carries = site == .residual(1) ? 8 : 3
                    let expected = position == carries ? 1.0 : 0
                    #expect(abs(effect - expected) < 0.1, "\(direction) \(site) \(position): \(effect)")
                }
            }
        }
        #expect(throws: EvidenceError.self) {
            try ActivationPatching(
                clean: clean, corrupted: clean + [1], objective: .logit(3), at: [.embedding], in: network)
        }
        #expect(throws: EvidenceError.self) {
            try ActivationPatching(
                clean: clean, corrupted: clean, objective: .logit(3), at: [.embedding], in: network)
        }
    }

    @Test("ablating the induction head costs what its block costs, ablating others nothing", .tags(.planted))
    func ablation() throws {
        let network = try PlantedCircuit.induction()
        var generator = SeededGenerator(seed: 9)
        // One answer for all texts, so that one objective serves: 4 follows 2.
        let texts = (0..<24).map { _ in
            let rest = generator.shuffled([1, 3, 5, 6, 7])
            let cut = generator.integer(below: 5)
            return [0] + rest.prefix(cut) + [2, 4] + rest.dropFirst(cut) + [2]
        }
        for filling in AblationTest.Filling.allCases {
            func test(_ site: Site, _ part: StatePart = .whole) throws -> AblationTest {
                try AblationTest(
                    of: part, at: site, on: texts, objective: .logProbability([4]), filling: filling,
                    reference: self.texts(20), onlyLast: true, in: network)
            }
            let own = try test(Self.induction)
            let other = try test(.head(layer: 1, head: 0))
            #expect(own.effect.high < -0.5, "\(filling): \(own.effect)")
            #expect(abs(other.effect.value) < 0.05, "\(filling): \(other.effect)")
            #expect(abs(own.effect.value - own.whole) < 1e-6)
        }
        // The direction that the logit of 4 reads in the stream, against random directions moved as far.
        var direction = [Float](repeating: 0, count: 64)
        direction[16 + 4] = 1
        let causal = try AblationTest(
            of: .direction(direction), at: .residual(1), on: texts, objective: .logit(4), filling: .mean,
            reference: self.texts(20), onlyLast: true, in: network)
        #expect(causal.pValue == 0.05 && causal.effect.value < -1, "\(causal)")
        direction[16 + 4] = 0
        direction[25] = 1
        let idle = try AblationTest(
            of: .direction(direction), at: .residual(1), on: texts, objective: .logit(4), filling: .mean,
            reference: self.texts(20), onlyLast: true, in: network)
        #expect(abs(idle.effect.value) < 1e-4, "\(idle)")
    }

    @Test(
        "a neuron that knows and acts passes, one that only knows fails, one that does neither fails",
        .tags(.planted))
    func claims() throws {
        let network = try PlantedCircuit.neurons()
        let positive = [1, 3, 5, 7].flatMap { token in (0..<6).map { [($0 * 2) % 8, token] } }
        let negative = [0, 2, 4, 6].flatMap { token in (0..<6).map { [($0 * 2) % 8, token] } }
        let pairs = zip(negative, positive).map { UnitClaim.Pair(base: $0, source: $1) }
        func claim(_ neuron: Int) throws -> UnitClaim {
            try UnitClaim(
                that: .entries([neuron]), at: .mlpHidden(0), represents: positive, against: negative,
                pairs: pairs, objective: .difference(8, 11), in: network)
        }
        let (real, idle, other) = (try claim(0), try claim(3), try claim(1))
        let (acts, does, wrong) = (
            try #require(real.intervention), try #require(idle.intervention), try #require(other.intervention)
        )
        #expect(real.observation.f1 >= 0.95 && acts.success.value >= 0.9, "\(real)")
        #expect(acts.whole == 1 && acts.random.reduce(0, +) / Double(acts.random.count) < 0.2, "\(acts)")
        #expect(idle.observation.f1 >= 0.95 && does.success.value == 0, "\(idle)")
        #expect(other.observation.f1 < 0.8 && wrong.success.value == 0, "\(other)")
        // A direction is a claim as well.
        var direction = [Float](repeating: 0, count: 16)
        direction[0] = 1
        let along = try UnitClaim(
            that: .direction(direction), at: .mlpHidden(0), represents: positive, against: negative,
            pairs: pairs, objective: .difference(8, 11), in: network)
        #expect(along.observation.f1 >= 0.95 && along.intervention?.success.value ?? 0 >= 0.9)
        #expect(throws: EvidenceError.self) {
            try UnitClaim(
                that: .whole, at: .mlpHidden(0), represents: positive, against: negative, in: network)
        }
    }

    @Test(
        "lesions of an attribute's units hurt its own task; mixed labels find no such units", .tags(.planted))
    func lesions() throws {
        let network = try PlantedCircuit.neurons()
        let all = (0..<8).flatMap { token in (0..<4).map { [$0, token] } }
        func attribute(_ bit: Int, _ isPositive: ([Int]) -> Bool) -> SelectiveLesions.Attribute {
            SelectiveLesions.Attribute(
                "bit \(bit)", positive: all.filter(isPositive), negative: all.filter { !isPositive($0) })
        }
        let tasks = (0..<3).map { bit in
            SelectiveLesions.Task(
                all.filter { ($0[1] >> bit) & 1 == 1 }, objective: .difference(8 + bit, 11 + bit))
        }
        let found = try SelectiveLesions(
            (0..<3).map { bit in attribute(bit) { ($0[1] >> bit) & 1 == 1 } }, tasks: tasks,
            at: [.mlpHidden(0)], count: 2, in: network)
        for (bit, units) in found.units.enumerated() {
            #expect(Set(units.map(\.entry)) == [bit, bit + 3], "\(units)")
        }
        #expect(found.isSelective(), "\(found.drops) random \(found.random)")
        // The control: attributes that have nothing to do with the bits.
        var generator = SeededGenerator(seed: 5)
        let mixed = try SelectiveLesions(
            (0..<3).map { bit in
                let order = generator.shuffled(all)
                return SelectiveLesions.Attribute(
                    "\(bit)", positive: Array(order[..<16]), negative: Array(order[16...]))
            }, tasks: tasks, at: [.mlpHidden(0)], count: 2, in: network)
        #expect(!mixed.isSelective(), "\(mixed.drops)")
    }
}
