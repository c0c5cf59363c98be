import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Schedules and gates")
struct ScheduleTests {
    private let ahead = LinearProbe(weights: [1, 0], bias: 0)
    private let rows = [[Float]](repeating: [0, 0], count: 8)

    /// What the first entry of each of eight states was moved by; four tokens are given.
    private func moves(_ schedule: Schedule, scope: TokenScope = .all) throws -> [Double] {
        let joy = concept("joy", ahead, typicalNorm: 1)
        let plan = try SteeringPlan([.steer(joy, .add, .norms(8), scope: scope, schedule: schedule)])
            .compile(with: [joy], for: layout(width: 2))
        let together = plan.edit(rows, promptLength: 4)
        let apart = rows.indices.map { plan.edit([rows[$0]], promptLength: 4, firstPosition: $0)[0] }
        #expect(together == apart, "one pass and token by token")
        return together.map { Double($0[0]) }
    }

    @Test("each schedule gives its part to each token")
    func parts() throws {
        #expect(try moves(.constant) == [8, 8, 8, 8, 8, 8, 8, 8])
        // Position 3, the last of the prompt, chooses generated token 0.
        #expect(try moves(.decay(factor: 0.5)) == [8, 8, 8, 8, 4, 2, 1, 0.5])
        #expect(try moves(.decay(factor: 0)) == [8, 8, 8, 8, 0, 0, 0, 0])
        #expect(try moves(.tokens(first: 1, end: 3)) == [0, 0, 0, 0, 8, 8, 0, 0])
        #expect(try moves(.tokens(first: 3, end: nil)) == [0, 0, 0, 0, 0, 0, 8, 8])
        #expect(try moves(.tokens(first: 0, end: 1)) == [0, 0, 0, 8, 0, 0, 0, 0])
        #expect(try moves(.decay(factor: 0.5), scope: .generated) == [0, 0, 0, 8, 4, 2, 1, 0.5])
        #expect(try moves(.after(token: 1)) == [Double](repeating: 0, count: 8), "no tokens are told")
    }

    @Test("half of a demand is half of its move")
    func demand() throws {
        let joy = concept("joy", ahead)
        var entry = SteeringPlan.Entry.add(joy, to: 0.9)
        entry.schedule = .decay(factor: 0.5)
        let plan = try SteeringPlan([entry]).compile(with: [joy], for: layout(width: 2))
        let logits = plan.edit(rows, promptLength: 4).map { ahead.logit($0) }
        let whole = LinearProbe.logit(ofProbability: 0.9)
        for (logit, part) in zip(logits, [1, 1, 1, 1, 0.5, 0.25, 0.125, 0.0625]) {
            #expect(abs(logit - part * whole) < 1e-6)
        }
    }

    @Test("texts of schedules, strengths and gates are read as they are written")
    func texts() {
        let schedules: [Schedule] = [
            .constant, .decay(factor: 0.9), .tokens(first: 5, end: 20), .tokens(first: 5, end: nil),
            .after(token: 13),
        ]
        for schedule in schedules { #expect(Schedule(schedule.description) == schedule) }
        for text in [
            "", "decay", "decay:", "decay:x", "tokens:5", "tokens:5..9", "tokens:5..<", "tokens:..<3",
            "after:",
            "after:x", "after:1:2", "Constant", "tokens:5..<99999999999999999999",
        ] { #expect(Schedule(text) == nil, "\(text)") }
        for strength in [Strength.probability(0.95), .norms(2), .degrees(30), .divergence(0.5)] {
            #expect(Strength(strength.description) == strength)
        }
        #expect(Strength("2norm") == .norms(2) && Strength("30deg") == .degrees(30))
        #expect(Strength(".5kl") == .divergence(0.5) && Strength("0.95") == .probability(0.95))
        for text in ["", "norm", "2 norm", "2norms", "kl", "x", "0.5 kl", "2n", "1e", "=", "2kl2"] {
            #expect(Strength(text) == nil, "\(text)")
        }
        let gates = [
            Gate("film", .above, 0.5), Gate("a>b", .below, 0.25, at: .residual(3)),
            Gate("x@y", .above, 0.5, at: .embedding),
        ]
        for gate in gates { #expect(Gate(gate.description) == gate) }
        for text in ["", "film", ">0.5", "film>", "film>x", "film>0.5@", "film>0.5@nowhere", "film=0.5"] {
            #expect(Gate(text) == nil, "\(text)")
        }
    }

    @Test("numbers out of range are refused by name")
    func ranges() {
        let joy = concept("joy", ahead, typicalNorm: 1)
        func code(
            _ operation: SteeringPlan.Operation, _ strength: Strength?, _ schedule: Schedule = .constant
        )
            -> SteeringError.Code?
        {
            let goal: SteeringPlan.Goal = operation == .project ? .remove : .add
            let entry = SteeringPlan.Entry.steer(joy, operation, strength, goal: goal, schedule: schedule)
            return steeringCode {
                _ = try SteeringPlan([entry]).compile(with: [joy], for: layout(width: 2))
            }
        }
        for schedule in [
            Schedule.decay(factor: 1.1), .decay(factor: -0.1), .decay(factor: .nan),
            .tokens(first: -1, end: nil), .tokens(first: 3, end: 3), .after(token: -1),
        ] { #expect(code(.add, .norms(1), schedule) == .invalidSchedule, "\(schedule)") }
        for strength in [Strength.norms(-1), .norms(.nan), .norms(.infinity), .probability(0.5), .degrees(3)]
        {
            #expect(code(.add, strength) == .invalidStrength, "\(strength)")
        }
        #expect(code(.rotate, .degrees(181)) == .invalidStrength)
        #expect(code(.rotate, .probability(1)) == .invalidTarget)
        #expect(code(.gcav, .norms(1)) == .invalidStrength && code(.gcav, nil) == .invalidStrength)
        #expect(code(.project, .norms(1)) == .invalidStrength && code(.project, nil) == nil)
        #expect(code(.gcav, .divergence(0.5)) == .unresolvedStrength)
        #expect(code(.gcav, .divergence(0)) == .invalidStrength)
        #expect(code(.add, .norms(0)) == nil)
    }

    @Test("a gate opens on one side of its threshold and reads before the edits")
    func gate() throws {
        let joy = concept("joy", ahead, typicalNorm: 1)
        let film = concept("film", LinearProbe(weights: [0, 2], bias: 0))
        let rows: [[Float]] = [[0, 1], [0, -1], [0, 0.1], [0, 0]]
        for (side, expected) in [(Gate.Side.above, [4.0, 0, 4, 0]), (.below, [0, 4, 0, 0])] {
            let gate = Gate("film", side, 0.5)
            let plan = try SteeringPlan([.steer(joy, .add, .norms(4), gate: gate)])
                .compile(with: [joy, film], for: layout(width: 2))
            #expect(plan.edit(rows).map { Double($0[0]) } == expected)
            #expect(plan.counts.first == expected.count { $0 > 0 })
        }
        // The concept itself: without the rule that the gate reads first, the second edit would see the
        // first.
        let low = Gate("joy", .below, 0.6)
        let twice = try SteeringPlan([
            .steer(joy, .add, .norms(4), gate: low), .steer(joy, .add, .norms(4), gate: low),
        ]).compile(with: [joy], for: layout(width: 2))
        #expect(twice.edit([[0, 0], [1, 0]]).map { $0[0] } == [8, 1])
        let never = try SteeringPlan([.steer(joy, .add, .norms(4), gate: Gate("joy", .above, 0.99))])
            .compile(with: [joy], for: layout(width: 2))
        #expect(never.edit([[0, 0]]) == [[0, 0]] && never.ledger.complaint?.contains("gates") == true)
    }

    @Test("a gate that reads too late or nowhere is refused")
    func refused() {
        let deep = layout(width: 2, depth: 2)
        let joy = concept("joy", ahead, at: [.residual(0)], depth: 2, typicalNorm: 1)
        let film = concept("film", ahead, at: [.residual(1)], depth: 2, typicalNorm: 1)
        func code(_ entries: [SteeringPlan.Entry]) -> SteeringError.Code? {
            steeringCode { _ = try SteeringPlan(entries).compile(with: [joy, film], for: deep) }
        }
        func entry(_ concept: Concept, _ gate: Gate) -> SteeringPlan.Entry {
            .steer(concept, .add, .norms(1), gate: gate)
        }
        let late = entry(joy, Gate("film", .above, 0.5, at: .residual(1)))
        #expect(code([late]) == .invalidGate)
        #expect(code([entry(joy, Gate("film", .above, 0.5))]) == .invalidGate, "no probe at the edited site")
        #expect(code([entry(film, Gate("joy", .above, 0.5, at: .residual(0)))]) == nil)
        #expect(code([entry(joy, Gate("joy", .above, 1))]) == .invalidGate)
        #expect(code([entry(joy, Gate("nobody", .above, 0.5))]) == .unknownConcept)
    }

    @Test("two concepts may gate each other: all gates of a site read before its first edit")
    func circle() throws {
        let joy = concept("joy", ahead, at: [.residual(0)], depth: 1, typicalNorm: 1)
        let film = concept("film", ahead, at: [.residual(0)], depth: 1, typicalNorm: 1)
        let plan = SteeringPlan([
            .steer(joy, .add, .norms(1), gate: Gate("film", .below, 0.5)),
            .steer(film, .add, .norms(1), gate: Gate("joy", .below, 0.5)),
        ])
        let compiled = try plan.compile(with: [joy, film], for: layout(width: 2))
        // After the first addition the second gate would have been shut.
        #expect(compiled.edit([[-0.5, 0]]) == [[1.5, 0]])
        #expect(compiled.edit([[0.5, 0]]) == [[0.5, 0]])
    }
}
