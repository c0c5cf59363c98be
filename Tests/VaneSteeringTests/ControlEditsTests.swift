import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Edits that stand beside GCAV", .tags(.law))
struct ControlEditsTests {
    @Test(
        "a matched move goes exactly as far as GCAV, elsewhere", arguments: [SteeringPlan.Goal.add, .remove])
    func matched(goal: SteeringPlan.Goal) throws {
        var generator = SeededGenerator(seed: 2)
        let probe = generator.probe(256, scale: 0.2)
        let direction = generator.unitVector(width: 256)
        let rows = (0..<40).map { _ in generator.vector(256) }
        let demand = Demand(probe: probe, goal: goal, target: 0.7)
        let steered = try compile([demand]).edit(rows)
        let control = ControlEdits.matchedMove(
            along: direction.map { $0 * 5 }, insteadOf: probe, goal: goal, target: 0.7, scope: .all)
        let pushed = PlantedRows.apply(control, to: rows)
        var moved = 0
        for i in rows.indices {
            let length = PlantedRows.distance(rows[i], steered[i])
            // Two roundings of 256 floats near 1.
            #expect(abs(PlantedRows.distance(rows[i], pushed[i]) - length) < 2e-6 * (1 + length))
            guard demand.miss(rows[i]) > 0 else {
                #expect(pushed[i] == rows[i])
                continue
            }
            moved += 1
            let along = zip(direction, zip(pushed[i], rows[i])).reduce(0.0) {
                $0 + Double($1.0) * Double($1.1.0 - $1.1.1)
            }
            #expect(abs(along - length) < 1e-5 * (1 + length), "the move is along the direction given")
            #expect(demand.miss(pushed[i]) > 1e-3, "the wrong direction does not reach the target")
            #expect(abs(demand.miss(steered[i])) < 1e-5)
        }
        #expect(moved > 5 && moved < 40)
    }

    @Test("a direction added and taken away again is nothing")
    func addThenSubtract() {
        var generator = SeededGenerator(seed: 12)
        let direction = generator.vector(128)
        let rows = (0..<10).map { _ in generator.vector(128) }
        for strength in [0.0, 1e-3, 1, 100] {
            let forth = ControlEdits.addition(of: direction, strength: strength, scope: .all)
            let back = ControlEdits.addition(of: direction.map { -$0 }, strength: strength, scope: .all)
            let there = PlantedRows.apply(forth, to: rows)
            let again = PlantedRows.apply(back, to: there)
            for i in rows.indices {
                // The unit direction's own norm is 1 within float rounding; so are the sums.
                #expect(abs(PlantedRows.distance(rows[i], there[i]) - strength) < 1e-6 * (10 + strength))
                #expect(PlantedRows.distance(rows[i], again[i]) < 1e-6 * (10 + strength))
                if strength == 0 { #expect(there[i].map(\.bitPattern) == rows[i].map(\.bitPattern)) }
            }
        }
    }

    @Test("an addition keeps to its scope")
    func scope() {
        let rows = [[Float]](repeating: [1, 1], count: 5)
        for scope in TokenScope.allCases {
            let edit = ControlEdits.addition(of: [0, 1], strength: 2, scope: scope)
            let moved = PlantedRows.apply(edit, to: rows, promptLength: 3).map { $0 == [1, 3] }
            #expect(moved == (0..<5).map { scope == .all || (scope == .prompt) == ($0 < 2) })
        }
    }

    @Test("a direction of length zero adds nothing and no NaN")
    func zero() {
        let edit = ControlEdits.addition(of: [0, 0], strength: 3, scope: .all)
        #expect(PlantedRows.apply(edit, to: [[1, 2]]) == [[1, 2]])
    }
}
