import Testing
import VaneConcepts
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("The GCAV edit of several concepts", .tags(.law))
struct SeveralConceptsTests {
    @Test("all demands are met, one of them exactly", arguments: [2, 3, 5])
    func allMet(count: Int) throws {
        var moved = 0
        for seed in 0..<30 {
            var generator = SeededGenerator(seed: UInt64(seed), stream: UInt64(count))
            let demands = (0..<count).map { i in
                Demand(
                    probe: generator.probe(64, scale: 0.3), goal: generator.uniform() < 0.5 ? .add : .remove,
                    target: 0.05 + 0.9 * generator.uniform())
            }
            let row = generator.vector(64)
            let plan = try compile(demands)
            let edited = plan.edit([row])[0]
            for demand in demands { #expect(demand.miss(edited) < 1e-5, "seed \(seed)") }
            guard demands.contains(where: { $0.miss(row) > 0 }) else {
                #expect(edited == row)
                continue
            }
            moved += 1
            // A shortest move ends on the border of what is asked for.
            #expect(demands.contains { abs($0.miss(edited)) < 1e-5 }, "seed \(seed)")
            #expect(plan.counts == [1, 1, 0, 0])
        }
        #expect(moved > 15)
    }

    @Test("the order of the concepts does not matter")
    func order() throws {
        for seed in 0..<20 {
            var generator = SeededGenerator(seed: UInt64(seed), stream: 77)
            let demands = (0..<4).map { i in
                Demand(
                    probe: generator.probe(32), goal: i % 2 == 0 ? .add : .remove,
                    target: i % 2 == 0 ? 0.9 : 0.1)
            }
            let row = generator.vector(32)
            let edited = try compile(demands).edit([row])[0]
            let shuffled = try compile(generator.shuffled(demands)).edit([row])[0]
            // Sums in another order differ by a rounding of the float row.
            #expect(PlantedRows.distance(edited, shuffled) < 1e-5, "seed \(seed)")
        }
    }

    @Test("demands no move can meet leave the state alone and are counted")
    func infeasible() throws {
        var generator = SeededGenerator(seed: 3)
        let weights = generator.vector(16)
        // The same direction at another scale: at least 0.9 on one, at most 0.1 on the other.
        let demands = [
            Demand(probe: LinearProbe(weights: weights, bias: 0), goal: .add, target: 0.9),
            Demand(probe: LinearProbe(weights: weights.map { $0 * 2 }, bias: 0), goal: .remove, target: 0.1),
        ]
        let row = generator.vector(16)
        let plan = try compile(demands)
        #expect(plan.edit([row])[0] == row)
        #expect(plan.counts == [1, 0, 1, 0] && plan.moveLength == 0)
        #expect(plan.ledger.complaint?.contains("1 could not meet all targets") == true)
        #expect(plan.warnings.count == 1, "one direction twice is worth a warning")
        // Control: each alone can be met.
        for demand in demands where demand.miss(row) > 0 {
            let edited = try compile([demand]).edit([row])[0]
            #expect(abs(demand.miss(edited)) < 1e-5)
        }
    }

    @Test(
        "nearly one direction: the move is cut and counted, never exploded", arguments: [1e-2, 1e-4, 1e-7, 0])
    func collinear(angle: Double) throws {
        for seed in 0..<10 {
            var generator = SeededGenerator(seed: UInt64(seed), stream: 8)
            let first = generator.vector(64)
            let second = zip(first, generator.vector(64)).map { $0 + Float(angle) * $1 }
            let demands = [
                Demand(probe: LinearProbe(weights: first, bias: 0), goal: .add, target: 0.99),
                Demand(probe: LinearProbe(weights: second, bias: 0.5), goal: .remove, target: 0.01),
            ]
            let row = generator.vector(64)
            let plan = try compile(demands)
            let edited = plan.edit([row])[0]
            #expect(edited.allSatisfy { $0.isFinite })
            let separate = demands.reduce(0.0) { sum, demand in
                let logit = LinearProbe.logit(ofProbability: demand.target) - demand.probe.logit(row)
                return sum + max(0, demand.goal == .add ? logit : -logit) / demand.probe.norm
            }
            #expect(
                PlantedRows.distance(row, edited) <= 10 * separate * (1 + 1e-5),
                "angle \(angle), seed \(seed)")
            #expect(
                plan.counts[2] + plan.counts[3] == 1, "angle \(angle), seed \(seed): \(plan.counts)")
            #expect(plan.ledger.complaint != nil && !plan.warnings.isEmpty)
        }
    }

    @Test("a cut move is ten times as long as the separate moves together")
    func cut() throws {
        // Two unit vectors 0.3 apart: both demands together would take 2 / 0.3² ≈ 22 times as much.
        let (c, s) = (Float(0.955336), Float(0.295520))
        let demands = [
            Demand(probe: LinearProbe(weights: [1, 0], bias: 0), goal: .add, target: 0.99),
            Demand(probe: LinearProbe(weights: [c, s], bias: 0), goal: .remove, target: 0.01),
        ]
        let plan = try compile(demands)
        let edited = plan.edit([[0, 0]])[0].map(Double.init)
        #expect(plan.counts == [1, 1, 0, 1])
        // edited = x₁·(1, 0) + x₂·(c, s)
        let second = edited[1] / Double(s)
        let first = edited[0] - second * Double(c)
        let separate = 2 * LinearProbe.logit(ofProbability: 0.99)
        #expect(abs((abs(first) + abs(second)) / (10 * separate) - 1) < 1e-4)
        // Control: at 1.2 apart both demands are met without a cut.
        let wide = [
            demands[0],
            Demand(probe: LinearProbe(weights: [0.362358, 0.932039], bias: 0), goal: .remove, target: 0.01),
        ]
        let met = try compile(wide)
        let free = met.edit([[0, 0]])[0]
        #expect(met.counts == [1, 1, 0, 0] && wide.allSatisfy { $0.miss(free) < 1e-5 })
    }

    @Test("concepts at right angles are neither cut nor warned about")
    func orthogonal() throws {
        let demands = [
            Demand(probe: LinearProbe(weights: [2, 0, 0], bias: 0), goal: .add, target: 0.99),
            Demand(probe: LinearProbe(weights: [0, 3, 0], bias: 0), goal: .remove, target: 0.01),
        ]
        let plan = try compile(demands)
        let edited = plan.edit([[0, 0, 7]])[0]
        let logit = LinearProbe.logit(ofProbability: 0.99)
        // log 99 / 2 up, log 99 / 3 down, the third entry untouched.
        #expect(abs(Double(edited[0]) - logit / 2) < 1e-6 && abs(Double(edited[1]) + logit / 3) < 1e-6)
        #expect(edited[2] == 7 && plan.warnings.isEmpty && plan.ledger.complaint == nil)
    }
}
