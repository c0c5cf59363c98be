import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Addition along a direction", .tags(.law))
struct AdditionEditTests {
    @Test("a direction added and taken away again is nothing")
    func addThenSubtract() {
        var generator = SeededGenerator(seed: 12)
        let direction = generator.vector(128)
        let rows = (0..<10).map { _ in generator.vector(128) }
        for strength in [0.0, 1e-3, 1, 100] {
            let forth = AdditionEdit(of: direction, strength: strength, scope: .all)
            let back = AdditionEdit(of: direction.map { -$0 }, strength: strength, scope: .all)
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
            let edit = AdditionEdit(of: [0, 1], strength: 2, scope: scope)
            let moved = PlantedRows.apply(edit, to: rows, promptLength: 3).map { $0 == [1, 3] }
            #expect(moved == (0..<5).map { scope == .all || (scope == .prompt) == ($0 < 2) })
        }
    }

    @Test("a direction of length zero adds nothing and no NaN")
    func zero() {
        let edit = AdditionEdit(of: [0, 0], strength: 3, scope: .all)
        #expect(PlantedRows.apply(edit, to: [[1, 2]]) == [[1, 2]])
    }
}
