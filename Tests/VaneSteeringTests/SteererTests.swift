import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

/// Every steerer against its formula in double precision, on planted states; beside each the invariant that a
/// wrong formula breaks.
@Suite("Steerers on planted states", .tags(.planted))
struct SteererTests {
    private let width = 64
    private let norm = 5.0
    private let probe: LinearProbe
    private let joy: Concept
    private let rows: [[Float]]

    init() {
        var generator = SeededGenerator(seed: 31)
        probe = generator.probe(width)
        joy = concept("joy", probe, typicalNorm: norm)
        rows = (0..<20).map { _ in generator.vector(64) }
    }

    private var direction: [Double] { probe.direction.map(Double.init) }

    private func edit(_ entry: SteeringPlan.Entry, _ rows: [[Float]]) throws -> [[Float]] {
        try SteeringPlan([entry]).compile(with: [joy], for: layout(width: width)).edit(rows)
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    private func doubles(_ row: [Float]) -> [Double] { row.map(Double.init) }
    private func length(_ row: [Float]) -> Double { dot(doubles(row), doubles(row)).squareRoot() }

    /// The largest difference of `edited` from `formula` of each row.
    private func miss(_ edited: [[Float]], _ formula: ([Double]) -> [Double]) -> Double {
        zip(rows, edited).map { row, edited in
            zip(formula(doubles(row)), edited).map { abs($0 - Double($1)) }.max() ?? 0
        }.max() ?? .nan
    }

    @Test(
        "addition moves every state by the same distance along v",
        arguments: [SteeringPlan.Goal.add, .remove])
    func addition(goal: SteeringPlan.Goal) throws {
        let edited = try edit(.steer(joy, .add, .norms(2), goal: goal), rows)
        let distance = (goal == .add ? 2 : -2) * norm
        let v = direction
        #expect(miss(edited) { h in zip(h, v).map { $0 + distance * $1 } } < 1e-5)
        // Control: the other sign is off by twice the distance.
        #expect(miss(edited) { h in zip(h, v).map { $0 - distance * $1 } } > 1)
    }

    @Test("addition with the norm restored keeps the norm and reads more; plain addition does not keep it")
    func normRestored() throws {
        let edited = try edit(.steer(joy, .addRestoringNorm, .norms(1)), rows)
        let v = direction
        let error = miss(edited) { h in
            let sum = zip(h, v).map { $0 + norm * $1 }
            let scale = (dot(h, h) / dot(sum, sum)).squareRoot()
            return sum.map { scale * $0 }
        }
        #expect(error < 1e-5)
        for (row, new) in zip(rows, edited) {
            #expect(abs(length(new) / length(row) - 1) < 1e-5)
            #expect(probe.logit(new) > probe.logit(row))
        }
        let plain = try edit(.steer(joy, .add, .norms(1)), rows)
        #expect(zip(rows, plain).contains { abs(length($1) / length($0) - 1) > 0.01 })
    }

    @Test(
        "the gated addition goes by the state's norm and further where it points away; without the gate it is off",
        arguments: [SteeringPlan.Goal.add, .remove])
    func gated(goal: SteeringPlan.Goal) throws {
        let edited = try edit(.steer(joy, .addGated, .norms(0.4), goal: goal), rows)
        let sign: Double = goal == .add ? 1 : -1
        let v = direction.map { sign * $0 }
        func formula(_ h: [Double], gate: Bool) -> [Double] {
            let norm = dot(h, h).squareRoot()
            let factor = gate ? 1 + max(0, -dot(h, v) / norm) : 1
            let sum = zip(h, v).map { $0 / norm + 0.4 * factor * $1 }
            let scale = norm / dot(sum, sum).squareRoot()
            return sum.map { scale * $0 }
        }
        #expect(miss(edited) { formula($0, gate: true) } < 1e-5)
        #expect(miss(edited) { formula($0, gate: false) } > 1e-3)
        for (row, new) in zip(rows, edited) {
            #expect(abs(length(new) / length(row) - 1) < 1e-5)
            #expect(sign * (probe.logit(new) - probe.logit(row)) > 0)
        }
        #expect(try edit(.steer(joy, .addGated, .norms(0), goal: goal), rows) == rows)
        let nothing = [[Float](repeating: 0, count: width)]
        #expect(try edit(.steer(joy, .addGated, .norms(1), goal: goal), nothing) == nothing)
    }

    @Test("projection takes the direction out, once and for all, and leaves a random one")
    func projection() throws {
        let entry = SteeringPlan.Entry.steer(joy, .project, nil, goal: .remove)
        let once = try edit(entry, rows)
        let v = direction
        let taken = miss(once) { h in
            let along = dot(h, v)
            return zip(h, v).map { $0 - along * $1 }
        }
        #expect(taken < 1e-5)
        for row in once { #expect(abs(dot(doubles(row), v)) < 1e-5) }
        for (a, b) in zip(once, try edit(entry, once)) { #expect(PlantedRows.distance(a, b) < 1e-5) }
        var generator = SeededGenerator(seed: 77)
        let other = generator.unitVector(width: width).map(Double.init)
        #expect(once.contains { abs(dot(doubles($0), other)) > 0.1 })
    }

    @Test("a clamp sets the coordinate, whatever it was, in norms or as a probability")
    func clamp() throws {
        let v = direction
        for goal in [SteeringPlan.Goal.add, .remove] {
            let value = (goal == .add ? 0.5 : -0.5) * norm
            let edited = try edit(.steer(joy, .clamp, .norms(0.5), goal: goal), rows)
            let set = miss(edited) { h in
                let change: Double = value - dot(h, v)
                return zip(h, v).map { $0 + change * $1 }
            }
            #expect(set < 1e-5)
            for row in edited { #expect(abs(dot(doubles(row), v) - value) < 1e-5) }
        }
        let read = try edit(.steer(joy, .clamp, .probability(0.7)), rows).map { probe.probability($0) }
        #expect(read.allSatisfy { abs($0 - 0.7) < 1e-5 })
        // Control: GCAV leaves those that read more already.
        let gcav = try edit(.add(joy, to: 0.7), rows).map { probe.probability($0) }
        #expect(gcav.contains { $0 > 0.8 } && gcav.allSatisfy { $0 > 0.7 - 1e-5 })
    }

    @Test("a rotation keeps the norm and turns by the angle", arguments: [5.0, 30, 90])
    func rotation(degrees: Double) throws {
        let v = direction
        func across(_ row: [Float]) -> [Double] {
            let along = dot(doubles(row), v)
            return zip(row, v).map { Double($0) - along * $1 }
        }
        func angle(_ row: [Float]) -> Double {
            acos(min(max(dot(doubles(row), v) / length(row), -1), 1)) * 180 / .pi
        }
        for goal in [SteeringPlan.Goal.add, .remove] {
            let edited = try edit(.steer(joy, .rotate, .degrees(degrees), goal: goal), rows)
            for (row, new) in zip(rows, edited) {
                #expect(abs(length(new) / length(row) - 1) < 1e-5)
                let wanted = goal == .add ? angle(row) - degrees : angle(row) + degrees
                #expect(abs(angle(new) - min(max(wanted, 0), 180)) < 0.05)
                // It stays in the plane of the two: the part across v keeps its direction.
                let before = across(row)
                let after = across(new)
                let size = (dot(before, before) * dot(after, after)).squareRoot()
                if wanted > 1 && wanted < 179 { #expect(dot(before, after) / size > 1 - 1e-5) }
            }
            let fixed = try edit(.steer(joy, .rotateTo, .degrees(degrees), goal: goal), rows)
            for new in fixed {
                #expect(abs(angle(new) - (goal == .add ? degrees : 180 - degrees)) < 0.05)
            }
        }
    }

    @Test("a rotation to a probability reads it at the old norm, and leaves what no turn can reach")
    func rotationToProbability() throws {
        // A bias that a state of norm 8 can overcome, and one that it cannot.
        let near = try edit(.steer(joy, .rotate, .probability(0.9)), rows)
        for (row, new) in zip(rows, near) {
            if probe.probability(row) >= 0.9 {
                #expect(new.map(\.bitPattern) == row.map(\.bitPattern))
            } else {
                #expect(abs(probe.probability(new) - 0.9) < 1e-4)
                #expect(abs(length(new) / length(row) - 1) < 1e-5)
            }
        }
        let far = concept("far", LinearProbe(weights: probe.weights, bias: -1e4))
        let plan = try SteeringPlan([.steer(far, .rotate, .probability(0.9))])
            .compile(with: [far], for: layout(width: width))
        #expect(plan.edit(rows) == rows && plan.counts == [20, 0, 20, 0] && plan.ledger.complaint != nil)
        // A state along v names no plane.
        let along = [probe.direction.map { 3 * $0 }]
        #expect(try edit(.steer(joy, .rotate, .degrees(20), goal: .remove), along) == along)
    }

    @Test("a neuron clamp sets its entries and no other")
    func neurons() throws {
        let entry = SteeringPlan.Entry.apply(
            .neurons(NeuronClamp([3, 60], to: 7.5)), named: "dog", at: [.residual(0)])
        for (row, new) in zip(rows, try edit(entry, rows)) {
            for i in row.indices { #expect(new[i] == ([3, 60].contains(i) ? 7.5 : row[i])) }
        }
    }

    @Test("a replacement sets the state at one position, counted from the start or the end of the prompt")
    func replacement() throws {
        let vector = (0..<width).map { Float($0) }
        for (position, row) in [(0, 0), (7, 7), (-1, 11), (-12, 0)] {
            let plan = try SteeringPlan([
                .apply(.replacement(Replacement(by: vector, at: position)), named: "task", at: [.residual(0)])
            ]).compile(with: [], for: layout(width: width))
            let edited = plan.edit(rows, promptLength: 12)
            for i in rows.indices { #expect(edited[i] == (i == row ? vector : rows[i])) }
            // Token by token it is the same one.
            let single = rows.indices.map { plan.edit([rows[$0]], promptLength: 12, firstPosition: $0)[0] }
            #expect(single == edited)
        }
        let outside = SteeringPlan.Entry.apply(
            .replacement(Replacement(by: vector, at: Int.min)), named: "task", at: [.residual(0)])
        #expect(try edit(outside, rows) == rows)
    }

    @Test("a subspace patch sets the coordinates and keeps the rest")
    func subspace() throws {
        // Two orthonormal directions that share entries.
        var generator = SeededGenerator(seed: 5)
        let a = generator.unitVector(width: width).map(Double.init)
        let raw = generator.unitVector(width: width).map(Double.init)
        let shared = dot(raw, a)
        let rest = zip(raw, a).map { $0 - shared * $1 }
        let size = dot(rest, rest).squareRoot()
        let b = rest.map { $0 / size }
        let basis = [a, b].map { $0.map { Float($0) } }
        let patch = SteeringPlan.Operation.subspace(SubspacePatch(basis: basis, coordinates: [2, -3]))
        let edited = try edit(.apply(patch, named: "circle", at: [.residual(0)]), rows)
        let error = miss(edited) { h in
            let (first, second): (Double, Double) = (2 - dot(h, a), -3 - dot(h, b))
            return h.indices.map { (i: Int) -> Double in h[i] + first * a[i] + second * b[i] }
        }
        #expect(error < 1e-5)
        for (row, new) in zip(rows, edited) {
            #expect(abs(dot(doubles(new), a) - 2) < 1e-5 && abs(dot(doubles(new), b) + 3) < 1e-5)
            let kept = zip(doubles(new), doubles(row)).map { $0 - $1 }
            let (first, second) = (dot(kept, a), dot(kept, b))
            let across = kept.indices.map { (i: Int) -> Double in kept[i] - first * a[i] - second * b[i] }
            #expect(dot(across, across).squareRoot() < 1e-5, "nothing else moved")
        }
        // Control: a plane that is not orthonormal would not set them, so it is refused.
        let skew = SubspacePatch(basis: [basis[0], raw.map { Float($0) }], coordinates: [2, -3])
        #expect(
            steeringCode { _ = try edit(.apply(.subspace(skew), named: "s", at: [.residual(0)]), rows) }
                == .invalidOperand)
    }

    @Test("a transport map moves between two laws; strength 0 keeps every bit, the wrong slope misses")
    func transport() throws {
        var generator = SeededGenerator(seed: 9)
        // Row 150's small test: N(0, 1) to N(3, 0.5²) is 0.5 h + 3.
        let source = (0..<500).map { _ in generator.vector(width) }
        func moved(_ scale: Float, _ strength: Double, low: [Float]? = nil) throws -> [[Float]] {
            let map = TransportMap(
                scale: [Float](repeating: scale, count: width), offset: [Float](repeating: 3, count: width),
                strength: strength, low: low)
            return try edit(.apply(.transport(map), named: "t", at: [.residual(0)]), source)
        }
        func spread(_ rows: [[Float]]) -> (mean: Double, deviation: Double) {
            let values = rows.flatMap { doubles($0) }
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            return (mean, square.squareRoot())
        }
        let right = spread(try moved(0.5, 1))
        #expect(abs(right.mean - 3) < 0.02 && abs(right.deviation - 0.5) < 0.02)
        let shift = spread(try moved(1, 1))
        #expect(abs(shift.deviation - 0.5) > 0.4, "a mere shift keeps the wide law")
        #expect(try moved(0.5, 0).map { $0.map(\.bitPattern) } == source.map { $0.map(\.bitPattern) })
        let half = try moved(0.5, 0.5)
        for (row, new) in zip(source, half) {
            for (h, g) in zip(row, new) {
                let mapped = 0.5 * Double(h) + 3
                let wanted = 0.5 * Double(h) + 0.5 * mapped
                #expect(abs(Double(g) - wanted) < 1e-6)
            }
        }
        let limited = try moved(0.5, 1, low: [Float](repeating: 0, count: width))
        for (row, new) in zip(source, limited) {
            for (h, g) in zip(row, new) { #expect((g == h) == (h < 0)) }
        }
        let direct = PlantedRows.apply(
            SteererEdit(TransportMap(scale: [2], offset: [1]), scope: .all), to: [[5]])
        #expect(direct == [[11]])
    }

    @Test("neighbouring rows and their number do not change a row's bits")
    func rowsApart() throws {
        let operations: [(SteeringPlan.Operation, Strength)] = [
            (.add, .norms(1)), (.addRestoringNorm, .norms(1)), (.addGated, .norms(1)), (.clamp, .norms(1)),
            (.rotate, .degrees(20)),
            (.rotate, .probability(0.8)), (.rotateTo, .degrees(40)),
        ]
        for (operation, strength) in operations {
            let plan = try SteeringPlan([.steer(joy, operation, strength)])
                .compile(with: [joy], for: layout(width: width))
            let together = plan.edit(rows)
            for (row, edited) in zip(rows, together) { #expect(plan.edit([row])[0] == edited) }
            #expect(together != rows)
        }
    }
}
