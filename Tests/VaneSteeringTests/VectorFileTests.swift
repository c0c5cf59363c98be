import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTestSupport

@Suite("Edits of other tools' vector files")
struct VectorFileTests {
    private let layout = NetworkLayout(
        depth: 2, width: 4, heads: 1, headWidth: 4, mlpWidth: 4, vocabulary: 10, maximumPositions: 8)
    private let rows: [[Float]] = [[1, 2, 3, 4], [-1, 0.5, 2, 0]]

    @Test("a control vector is added as it is, times the factor", .tags(.law))
    func added() throws {
        let vector: [Float] = [0.5, -1, 0, 2]
        let file = VectorFile(name: "v", vectors: [.residual(1): vector])
        let hooks = try file.compile(strength: 1.5, for: layout).hooks
        let changed = PlantedRows.run(hooks, at: .residual(1), on: rows)
        for (row, result) in zip(rows, changed) {
            let expected = zip(row, vector).map { $0 + 1.5 * $1 }
            #expect(PlantedRows.distance(result, expected) < 1e-5)
        }
        #expect(PlantedRows.run(hooks, at: .residual(0), on: rows) == rows, "the other block")
    }

    @Test("a projection takes out its directions by alpha and scales; the wrong sign does not", .tags(.law))
    func projected() throws {
        let first: [Float] = [0.6, 0.8, 0, 0]
        let second: [Float] = [0, 0, 1, 0]
        let file = VectorFile(
            name: "p",
            kind: .project(.init(alpha: 2, directionScales: [0.5, 0.25], siteScales: [.residual(0): 1])),
            vectors: [.residual(0): first], furtherVectors: [.residual(0): [second]])
        for strength in [1.0, -1] {
            let hooks = try file.compile(strength: strength, for: layout).hooks
            for (row, result) in zip(rows, PlantedRows.run(hooks, at: .residual(0), on: rows)) {
                let along = row[0] * 0.6 + row[1] * 0.8
                let expected = [
                    row[0] - Float(strength) * along * 0.6, row[1] - Float(strength) * along * 0.8,
                    row[2] - Float(strength) * 0.5 * row[2], row[3],
                ]
                #expect(PlantedRows.distance(result, expected) < 1e-5)
                let left = result[0] * 0.6 + result[1] * 0.8
                #expect((abs(left) < 1e-5) == (strength == 1))
            }
        }
    }

    @Test("files that do not fit, and strengths that are no number, are refused")
    func refused() throws {
        let wide = VectorFile(name: "w", vectors: [.residual(0): [1, 2, 3]])
        #expect(throws: ConceptError.self) { try wide.compile(for: layout) }
        let deep = VectorFile(name: "d", vectors: [.residual(5): [1, 2, 3, 4]])
        #expect(throws: SiteError.self) { try deep.compile(for: layout) }
        let fine = VectorFile(name: "f", vectors: [.residual(0): [1, 2, 3, 4]])
        #expect(throws: SteeringError.self) { try fine.compile(strength: .infinity, for: layout) }
    }
}
