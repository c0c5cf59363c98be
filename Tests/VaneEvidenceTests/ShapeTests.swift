import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VanePlanted
import VaneTensors
import VaneTestSupport

@Suite("The shape of a feature")
struct ShapeTests {
    enum World: String, CaseIterable, Sendable {
        case null, direction, graded, circle, mixture, lattice

        var truth: FeatureShape.Kind {
            switch self {
            case .null: .nothing
            case .direction, .graded: .direction
            case .circle: .circle
            case .mixture: .mixture
            case .lattice: .subspace
            }
        }

        var classes: Int {
            switch self {
            case .null, .graded, .mixture: 6
            case .direction: 2
            case .circle: 7
            case .lattice: 9
            }
        }

        /// A point of the feature's plane.
        func point(_ label: Int, _ generator: inout SeededGenerator) -> (Double, Double) {
            switch self {
            case .null: (0, 0)
            case .direction: (label == 0 ? -2 : 2, 0)
            case .graded: (Double(label) * 1.5, 0)
            case .circle: (4 * cos(2 * .pi * Double(label) / 7), 4 * sin(2 * .pi * Double(label) / 7))
            // On one axis or the other, never on both, and twice as often on the first.
            case .mixture:
                [
                    (4 + generator.uniform() * 4, 0), (-4 - generator.uniform() * 4, 0),
                    (8 + generator.uniform() * 4, 0), (-8 - generator.uniform() * 4, 0),
                    (0, 8 + generator.uniform() * 4), (0, -8 - generator.uniform() * 4),
                ][label]
            case .lattice: (Double(label % 3) * 4, Double(label / 3) * 4)
            }
        }
    }

    private func rows(_ world: World, seed: UInt64, width: Int = 24) throws -> (rows: Tensor, labels: [Int]) {
        var generator = SeededGenerator(seed: seed)
        let first = generator.unitVector(width: width)
        // Orthogonal to the first.
        let draw = generator.unitVector(width: width)
        let part = zip(first, draw).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let rest = zip(draw, first).map { $0 - part * $1 }
        let norm = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let second = rest.map { $0 / norm }
        var values: [Float] = []
        var labels: [Int] = []
        for row in 0..<420 {
            let label = row % world.classes
            let (x, y) = world.point(label, &generator)
            labels.append(label)
            for j in 0..<width {
                values.append(Float(x) * first[j] + Float(y) * second[j] + Float(0.3 * generator.normal()))
            }
        }
        return (try Tensor(values, shape: [420, width]), labels)
    }

    @Test("each world is told, in 19 of 20 draws", .tags(.planted), arguments: World.allCases)
    func told(world: World) throws {
        var right = 0
        for seed in 0..<20 {
            let (rows, labels) = try rows(world, seed: UInt64(seed))
            let shape = try FeatureShape(rows, labels: labels, permutations: 39, seed: UInt64(seed))
            right += shape.kind == world.truth ? 1 : 0
            if seed == 0 {
                print(
                    world, shape.kind, shape.between, shape.shares.prefix(3), shape.round ?? -1,
                    shape.reducibility as Any)
            }
        }
        // Chance finds something in one of twenty, so that a null world may be missed twice.
        #expect(right >= (world == .null ? 18 : 19), "\(world): \(right) of 20")
    }

    @Test(
        "a circle whose classes come in another order is no circle, and mixed labels are nothing",
        .tags(.planted))
    func controls() throws {
        let (rows, labels) = try rows(.circle, seed: 3)
        let order = [0, 3, 6, 1, 5, 2, 4]
        let mixedOrder = try FeatureShape(rows, labels: labels.map { order[$0] }, permutations: 39)
        #expect(mixedOrder.kind == .subspace && (mixedOrder.round ?? 1) < 0.8)
        var generator = SeededGenerator(seed: 4)
        let mixed = try FeatureShape(rows, labels: generator.shuffled(labels), permutations: 39)
        #expect(mixed.kind == .nothing)
    }

    /// States `Σ γ^j e_{x_j}` with noise, or with directions of each place's own.
    private func sequences(
        factor: Double, positional: Bool = false, noise: Double = 0.02, seed: UInt64
    ) throws -> (rows: Tensor, sequences: [[Int]], directions: [[Float]]) {
        var generator = SeededGenerator(seed: seed)
        let (width, symbols, places) = (20, 6, 4)
        let directions = (0..<symbols * places).map { _ in generator.unitVector(width: width) }
        var values: [Float] = []
        var sequences: [[Int]] = []
        for _ in 0..<300 {
            let sequence = (0..<places).map { _ in generator.integer(below: symbols) }
            sequences.append(sequence)
            for j in 0..<width {
                var value = noise * generator.normal()
                for (place, symbol) in sequence.enumerated() {
                    let direction = directions[positional ? place * symbols + symbol : symbol]
                    value += (positional ? 1 : pow(factor, Double(place))) * Double(direction[j])
                }
                values.append(Float(value))
            }
        }
        return (try Tensor(values, shape: [300, width]), sequences, directions)
    }

    @Test(
        "an onion's factor is found within 2 %, and its edits are exact; bags and positions are told from it",
        .tags(.planted))
    func onion() throws {
        for (seed, factor) in [0.5, 0.7, 0.9, 1.4].enumerated() {
            let world = try sequences(factor: factor, seed: UInt64(seed))
            let code = try MagnitudeCode(world.rows, sequences: world.sequences)
            #expect(code.kind == .scaled && abs(code.factor / factor - 1) < 0.02, "\(factor): \(code)")
            let edit = try code.edit(from: 1, to: 4, place: 2)
            let truth = zip(world.directions[4], world.directions[1]).map {
                Float(factor * factor) * ($0 - $1)
            }
            let error = zip(edit, truth).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            let size = truth.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            #expect(error < 0.03 * size, "\(error) of \(size)")
        }
        let bag = try sequences(factor: 1, seed: 8)
        #expect(try MagnitudeCode(bag.rows, sequences: bag.sequences).kind == .bag)
        let positional = try sequences(factor: 1, positional: true, seed: 9)
        #expect(try MagnitudeCode(positional.rows, sequences: positional.sequences).kind == .positional)
        let world = try sequences(factor: 0.6, seed: 10)
        var generator = SeededGenerator(seed: 11)
        #expect(
            try MagnitudeCode(world.rows, sequences: generator.shuffled(world.sequences)).kind == .nothing)
    }

    @Test(
        "an onion's symbol at a later place is no direction to a probe of the first, yet the code is found",
        .tags(.planted))
    func onionHasNoDirection() throws {
        // One direction says symbol 1 at place 0 and, weaker, at place 2: a direction alone cannot tell them apart.
        let world = try sequences(factor: 0.6, seed: 12)
        let labels = world.sequences.map { $0[2] == 1 ? 1 : 0 }
        let elsewhere = world.sequences.map { $0[0] == 1 ? 1 : 0 }
        let probe = try FeatureShape(world.rows, labels: elsewhere, permutations: 39)
        let other = try FeatureShape(world.rows, labels: labels, permutations: 39)
        let cosine = zip(probe.axes[0], other.axes[0]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        #expect(abs(cosine) > 0.8, "the two places share a direction: \(cosine)")
        #expect(try MagnitudeCode(world.rows, sequences: world.sequences).kind == .scaled)
    }

    @Test(
        "counterfactual words of a log-linear world share a direction; words paired at random do not",
        .tags(.planted))
    func linearity() throws {
        let world = try LogLinearCorpus(seed: 21)
        func rows(_ words: [Int]) -> [[Float]] { words.map { world.unembeddings[$0].map(Float.init) } }
        var means: [[Float]] = []
        for concept in 0..<world.options.concepts {
            let pairs = world.counterfactuals(concept)
            means.append(world.conceptDirections[concept].map(Float.init))
            let report = try LinearityReport(
                with: rows(pairs.map(\.with)), without: rows(pairs.map(\.without)),
                reference: means[concept], others: Array(means.dropLast()))
            #expect(report.isLinear && report.within > 0.85 && (report.alignment ?? 0) > 0.99, "\(report)")
        }
        // Words that differ in all kinds of ways.
        var generator = SeededGenerator(seed: 22)
        let words = generator.shuffled(0..<world.vocabulary)
        let half = words.count / 2
        let control = try LinearityReport(
            with: rows(Array(words.prefix(half))), without: rows(Array(words.suffix(half))))
        #expect(!control.isLinear && abs(control.within) < 0.2, "\(control)")
    }

    @Test("it says what it cannot use")
    func errors() throws {
        let (rows, labels) = try rows(.circle, seed: 1)
        #expect(throws: EvidenceError.self) { try FeatureShape(rows, labels: labels.map { _ in 0 }) }
        #expect(throws: EvidenceError.self) { try FeatureShape(rows, labels: Array(labels.dropLast())) }
        #expect(throws: EvidenceError.self) { try FeatureShape(rows, labels: labels, permutations: 5) }
        #expect(throws: EvidenceError.self) { try MagnitudeCode(rows, sequences: labels.map { [$0] }) }
        #expect(throws: EvidenceError.self) {
            try LinearityReport(with: [[1, 2]], without: [[1, 3]])
        }
        let same = [[Float]](repeating: [1, 2], count: 6)
        #expect(throws: EvidenceError.self) { try LinearityReport(with: same, without: same) }
    }
}
