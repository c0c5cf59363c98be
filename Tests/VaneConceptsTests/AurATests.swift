import Testing
import VaneConcepts
import VaneTensors
import VaneTestSupport

@Suite("Dampening the neurons that tell a concept")
struct AurATests {
    @Test("AUROC 0.75 halves, a perfect expert is silenced, one that falls with the concept stays")
    func formula() throws {
        let map = try AurA.map(
            concept: [[4, 9, 1, 1], [2, 8, 2, 1]], others: [[3, 1, 8, 1], [1, 2, 9, 1]])
        #expect(map.scale == [0.5, 0, 1, 1] && map.offset == [0, 0, 0, 0])
    }

    @Test("the planted neurons are dampened; shuffled labels dampen next to nothing", .tags(.planted))
    func planted() throws {
        var generator = SeededGenerator(seed: 3)
        let (width, planted) = (200, 10)
        let rows = (0..<400).map { row in
            (0..<width).map { j in
                Float(generator.normal() + (row < 200 && j < planted ? 2 : 0))
            }
        }
        let right = try AurA.map(concept: Array(rows[..<200]), others: Array(rows[200...])).scale
        let shuffled = generator.shuffled(rows)
        let wrong = try AurA.map(concept: Array(shuffled[..<200]), others: Array(shuffled[200...])).scale
        func mean(_ values: some Collection<Float>) -> Float { values.reduce(0, +) / Float(values.count) }
        print(
            "dampened to: planted \(mean(right[..<planted])), others \(mean(right[planted...])), shuffled "
                + "\(mean(wrong)), least \(wrong.min() ?? 0)")
        // Two normal laws 2 apart have an AUROC of 0.921.
        #expect(abs(mean(right[..<planted]) - 0.157) < 0.03)
        #expect(right[planted...].allSatisfy { $0 > 0.8 } && mean(right[planted...]) > 0.95)
        #expect(wrong.allSatisfy { $0 > 0.8 } && mean(wrong) > 0.95)
    }

    @Test("a side without rows and rows that do not match are refused")
    func refusals() {
        for (concept, others) in [
            ([[Float]](), [[1.0 as Float]]), ([[1]], []), ([[1]], [[1, 2]]), ([[.infinity]], [[1]]),
        ] {
            #expect(throws: ConceptError.self) { try AurA.map(concept: concept, others: others) }
        }
    }
}
