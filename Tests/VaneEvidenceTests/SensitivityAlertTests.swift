import Foundation
import Testing
import VaneEvidence
import VaneTensors
import VaneTestSupport

@Suite("Alerts for odd texts", .tags(.planted))
struct SensitivityAlertTests {
    private static let width = 12

    /// Rows of normal noise with `shift` added to one entry; heavy tails in entry 0.
    private func rows(
        _ count: Int, shift: Double = 0, at entry: Int = 0, _ generator: inout SeededGenerator
    ) throws -> Tensor {
        try Tensor(
            (0..<count).flatMap { _ in
                (0..<Self.width).map { j in
                    let noise = generator.normal()
                    return Float((j == 0 ? noise * abs(noise) : noise) + (j == entry ? shift : 0))
                }
            }, shape: [count, Self.width])
    }

    private var direction: [Float] { (0..<Self.width).map { $0 == 0 ? 3 : 0 } }

    /// Alarms among `count` texts for each of 20 classes of 150 texts.
    private func alarms(
        _ count: Int, reading: (shift: Double, entry: Int), slope: (shift: Double, entry: Int)
    )
        throws -> Double
    {
        var odd = 0
        for seed in 0..<20 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let alert = try SensitivityAlert(
                direction: direction, activations: rows(150, &generator), gradients: rows(150, &generator))
            let results = try alert.check(
                activations: rows(count, shift: reading.shift, at: reading.entry, &generator),
                gradients: rows(count, shift: slope.shift, at: slope.entry, &generator))
            odd += results.count(where: \.isOdd)
        }
        return Double(odd) / Double(20 * count)
    }

    @Test(
        "texts of the class pass at the level; odd readings and odd derivatives are told; other oddities are not"
    )
    func planted() throws {
        let own = try alarms(100, reading: (0, 0), slope: (0, 0))
        let odd = try alarms(100, reading: (20, 0), slope: (0, 0))
        let steep = try alarms(100, reading: (0, 0), slope: (-20, 0))
        // The control: as far off, along another direction.
        let other = try alarms(100, reading: (20, 3), slope: (20, 4))
        print("alerts: own \(own), reading \(odd), derivative \(steep), another direction \(other)")
        // The texts of one class share its thresholds, so the rate is known to about 0.05 ± 2 · 0.05 / √20.
        #expect(own <= 0.07 && other <= 0.07 && odd >= 0.95 && steep >= 0.95)
    }

    @Test("the sentence names what is odd; an alert is the same after a file")
    func coded() throws {
        var generator = SeededGenerator(seed: 3)
        let alert = try SensitivityAlert(
            direction: direction, activations: rows(100, &generator), gradients: rows(100, &generator))
        let results = try alert.check(
            activations: rows(1, shift: 50, &generator), gradients: rows(1, &generator))
        #expect(results[0].isOdd && results[0].sentence.contains("reads"))
        let again = try JSONDecoder().decode(SensitivityAlert.self, from: JSONEncoder().encode(alert))
        #expect(again == alert)
    }

    @Test("hostile input gives errors")
    func hostile() throws {
        var generator = SeededGenerator(seed: 1)
        let good = try rows(100, &generator)
        func fails(_ direction: [Float], _ a: Tensor, _ g: Tensor, level: Double = 0.05) {
            #expect(throws: EvidenceError.self) {
                try SensitivityAlert(direction: direction, activations: a, gradients: g, level: level)
            }
        }
        fails([Float](repeating: 0, count: Self.width), good, good)
        fails([1, 2], good, good)
        fails(direction, good, good, level: 0)
        fails(direction, good, good, level: 0.03)
        fails(direction, good, try rows(99, &generator))
        fails(direction, try rows(30, &generator), try rows(30, &generator))
        var values = good.elements
        values[0] = .nan
        fails(direction, try Tensor(values, shape: [100, Self.width]), good)
        let alert = try SensitivityAlert(direction: direction, activations: good, gradients: good)
        #expect(throws: EvidenceError.self) {
            try alert.check(activations: Tensor(zeros: [2, 3]), gradients: Tensor(zeros: [2, 3]))
        }
        #expect(throws: EvidenceError.self) {
            try alert.check(activations: good, gradients: rows(2, &generator))
        }
    }
}
