import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("The GCAV edit of one concept", .tags(.law))
struct GCAVEditTests {
    private static let targets = [1e-6, 1e-3, 0.05, 0.5, 0.95, 0.999, 1 - 1e-6]

    @Test(
        "after the edit the probe reads the target", arguments: [1, 8, 768], [SteeringPlan.Goal.add, .remove])
    func readsTarget(width: Int, goal: SteeringPlan.Goal) throws {
        for seed in 0..<20 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let probe = generator.probe(width, scale: seed % 2 == 0 ? 1 : 0.1)
            guard probe.norm > 1e-3 else { continue }
            let row = generator.vector(width)
            for target in Self.targets {
                let demand = Demand(probe: probe, goal: goal, target: target)
                guard demand.miss(row) > 0 else { continue }
                let plan = try compile([demand])
                let edited = plan.edit([row])[0]
                // Float rows: each entry of e′ is rounded to 2⁻²⁴ of itself, w·e′ by about that times
                // ‖w‖‖e′‖.
                let rounding = 1e-6 * (1 + probe.norm * PlantedRows.distance(edited, edited.map { _ in 0 }))
                let wanted = LinearProbe.logit(ofProbability: target)
                let place = "width \(width), seed \(seed), target \(target)"
                #expect(abs(probe.logit(edited) - wanted) < rounding, "\(place)")
                #expect(abs(probe.probability(edited) - target) < 1e-5, "\(place)")
                // The move is the shortest one: straight along v, |s₀ - w·e - b| / ‖w‖ long.
                let length = abs(wanted - probe.logit(row)) / probe.norm
                #expect(abs(plan.moveLength - length) <= 1e-6 * length + 1e-7, "\(place)")
                #expect(abs(PlantedRows.distance(row, edited) - length) < 1e-4 * (1 + length), "\(place)")
                #expect(plan.counts == [1, 1, 0, 0])
            }
        }
    }

    @Test("a state that meets the demand stays as it is, bit for bit", arguments: [1, 8, 768])
    func satisfied(width: Int) throws {
        var untouched = 0
        for seed in 0..<50 {
            var generator = SeededGenerator(seed: UInt64(seed), stream: 5)
            let probe = generator.probe(width)
            let row = generator.vector(width)
            for goal in [SteeringPlan.Goal.add, .remove] {
                let demand = Demand(probe: probe, goal: goal, target: goal == .add ? 0.3 : 0.7)
                let plan = try compile([demand])
                let edited = plan.edit([row])[0]
                if demand.miss(row) <= 0 {
                    #expect(edited.map(\.bitPattern) == row.map(\.bitPattern))
                    #expect(plan.counts == [1, 0, 0, 0] && plan.moveLength == 0)
                    untouched += 1
                } else {
                    #expect(edited != row)
                }
            }
        }
        #expect(untouched > 25 && untouched < 100, "both cases must have come up")
    }

    @Test("only states in scope move", arguments: TokenScope.allCases, [0, 3])
    func scope(scope: TokenScope, firstPosition: Int) throws {
        var generator = SeededGenerator(seed: 9)
        let probe = LinearProbe(weights: generator.vector(8), bias: -30)
        let rows = (0..<6).map { _ in generator.vector(8) }
        let plan = try compile([Demand(probe: probe, goal: .add, target: 0.9, scope: scope)])
        // Four prompt tokens: positions 0, 1 and 2 only read the prompt, position 3 chooses the first new
        // token.
        let edited = plan.edit(rows, promptLength: 4, firstPosition: firstPosition)
        for i in rows.indices {
            let readsPromptOnly = i + firstPosition < 3
            let isInScope = scope == .all || (scope == .prompt) == readsPromptOnly
            #expect((edited[i] != rows[i]) == isInScope, "row \(i)")
            if isInScope { #expect(abs(probe.probability(edited[i]) - 0.9) < 1e-5) }
        }
        let moved = edited.indices.count { edited[$0] != rows[$0] }
        #expect(plan.counts == [moved, moved, 0, 0] || (moved == 0 && plan.moveLength == 0))
    }

    @Test("editing twice is editing once")
    func idempotent() throws {
        var generator = SeededGenerator(seed: 4)
        let plan = try compile([Demand(probe: generator.probe(64), goal: .add, target: 0.99)])
        let rows = (0..<20).map { _ in generator.vector(64) }
        let once = plan.edit(rows)
        let twice = plan.edit(once)
        #expect(once != rows)
        for (a, b) in zip(once, twice) { #expect(PlantedRows.distance(a, b) < 1e-5) }
    }

    @Test("neighbouring rows do not change a row's bits")
    func rowsApart() throws {
        var generator = SeededGenerator(seed: 6)
        let demands = (0..<3).map { _ in Demand(probe: generator.probe(32), goal: .add, target: 0.9) }
        let plan = try compile(demands)
        let rows = (0..<10).map { _ in generator.vector(32) }
        let together = plan.edit(rows)
        for (row, edited) in zip(rows, together) { #expect(plan.edit([row])[0] == edited) }
    }
}
