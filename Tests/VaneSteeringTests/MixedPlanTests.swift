import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Plans that mix steerers")
struct MixedPlanTests {
    private let probe = LinearProbe(weights: [1, -2, 3], bias: 0.5)
    private var joy: Concept { concept("joy", probe, typicalNorm: 1) }
    private var film: Concept { concept("film", LinearProbe(weights: [1, 1, 0], bias: 0), typicalNorm: 1) }

    private func code(_ entries: [SteeringPlan.Entry]) -> SteeringError.Code? {
        steeringCode { _ = try SteeringPlan(entries).compile(with: [joy, film], for: layout(width: 3)) }
    }

    @Test("operations that undo each other are refused, those that do not are not")
    func conflicts() {
        let project = SteeringPlan.Entry.steer(joy, .project, nil, goal: .remove)
        let clamp = SteeringPlan.Entry.steer(joy, .clamp, .norms(1))
        let add = SteeringPlan.Entry.steer(joy, .add, .norms(1))
        let target = SteeringPlan.Entry.add(joy, to: 0.9)
        for pair in [
            [project, target], [clamp, add], [add, clamp], [project, add], [clamp, target], [clamp, project],
            [clamp, .steer(joy, .clamp, .norms(2))], [.steer(joy, .rotate, .probability(0.9)), target],
        ] { #expect(code(pair) == .conflictingTargets, "\(SteeringPlan(pair))") }
        for pair in [
            [add, target], [clamp, clamp], [project, .add(film, to: 0.9)],
            [clamp, .steer(film, .add, .norms(1))],
        ] { #expect(code(pair) == nil, "\(SteeringPlan(pair))") }
        // Along the opposite direction the same state has the opposite coordinate.
        let gloom = concept("gloom", probe.scaled(by: -1), typicalNorm: 1)
        for (goal, expected) in [
            (SteeringPlan.Goal.add, SteeringError.Code.conflictingTargets), (.remove, nil),
        ] {
            let other = SteeringPlan.Entry.steer(gloom, .clamp, .norms(1), goal: goal)
            let found = steeringCode {
                _ = try SteeringPlan([clamp, other]).compile(with: [joy, gloom], for: layout(width: 3))
            }
            #expect(found == expected)
        }
        func replace(_ position: Int) -> SteeringPlan.Entry {
            .apply(.replacement(Replacement(by: [1, 2, 3], at: position)), named: "r", at: [.residual(0)])
        }
        #expect(code([replace(2), replace(2)]) == .conflictingTargets)
        #expect(code([replace(2), replace(3)]) == nil)
        func neuron(_ indices: [Int], _ value: Float) -> SteeringPlan.Entry {
            .apply(.neurons(NeuronClamp(indices, to: value)), named: "n", at: [.residual(0)])
        }
        #expect(code([neuron([0, 1], 1), neuron([1], 2)]) == .conflictingTargets)
        #expect(
            code([neuron([0, 1], 1), neuron([1], 1)]) == nil && code([neuron([0], 1), neuron([1], 2)]) == nil)
    }

    @Test("entries that never meet at one state do not conflict")
    func apart() {
        var low = SteeringPlan.Entry.remove(joy, to: 0.1)
        var high = SteeringPlan.Entry.add(joy, to: 0.9)
        #expect(code([low, high]) == .conflictingTargets)
        (low.schedule, high.schedule) = (.tokens(first: 0, end: 5), .tokens(first: 5, end: nil))
        #expect(code([low, high]) == nil)
        high.schedule = .tokens(first: 4, end: nil)
        #expect(code([low, high]) == .conflictingTargets)
        (low.schedule, high.schedule) = (.constant, .constant)
        (low.gate, high.gate) = (Gate("film", .below, 0.5), Gate("film", .above, 0.5))
        #expect(code([low, high]) == nil)
        high.gate?.threshold = 0.4
        #expect(code([low, high]) == .conflictingTargets)
    }

    @Test("data that do not fit the site are refused", .tags(.law))
    func operands() {
        func code(_ operation: SteeringPlan.Operation) -> SteeringError.Code? {
            self.code([.apply(operation, named: "x", at: [.residual(0)])])
        }
        let bad: [SteeringPlan.Operation] = [
            .neurons(NeuronClamp([], to: 1)), .neurons(NeuronClamp([3], to: 1)),
            .neurons(NeuronClamp([-1], to: 1)), .neurons(NeuronClamp([1, 1], to: 1)),
            .neurons(NeuronClamp([1], to: .nan)), .replacement(Replacement(by: [1, 2], at: 0)),
            .replacement(Replacement(by: [1, 2, .infinity], at: 0)),
            .subspace(SubspacePatch(basis: [], coordinates: [])),
            .subspace(SubspacePatch(basis: [[1, 0, 0]], coordinates: [1, 2])),
            .subspace(SubspacePatch(basis: [[1, 0]], coordinates: [1])),
            .subspace(SubspacePatch(basis: [[2, 0, 0]], coordinates: [1])),
            .transport(TransportMap(scale: [1, 1], offset: [0, 0, 0])),
            .transport(TransportMap(scale: [1, 1, 1], offset: [0, 0, 0], strength: 1.1)),
            .transport(
                TransportMap(scale: [1, 1, 1], offset: [0, 0, 0], low: [1, 1, 1], high: [0, 2, 2])),
        ]
        for operation in bad { #expect(code(operation) == .invalidOperand, "\(operation)") }
        #expect(code(.transport(TransportMap(scale: [1, 1, 1], offset: [0, 0, 0]))) == nil)
        let quiet = concept("joy", probe)
        #expect(
            steeringCode {
                _ = try SteeringPlan([.steer(quiet, .add, .norms(1))])
                    .compile(with: [quiet], for: layout(width: 3))
            } == .unusableSite, "no typical norm")
    }

    @Test("a target holds whatever the steerers before it did")
    func targetLast() throws {
        let plan = try SteeringPlan([
            .add(joy, to: 0.9), .steer(film, .add, .norms(30)), .steer(film, .rotate, .degrees(20)),
        ]).compile(with: [joy, film], for: layout(width: 3))
        for row in plan.edit([[0, 0, 0.1], [-9, 1, 2]]) { #expect(abs(probe.probability(row) - 0.9) < 1e-4) }
    }

    @Test("a plan of the first format is read, and mixed ones survive JSON")
    func codable() throws {
        let old = """
            {"entries":[{"concept":"joy","goal":"add","target":0.9,"scope":"all"},
            {"concept":"film","goal":"remove","target":0.1,"sites":["blocks[2].residual"],"scope":"generated"}]}
            """
        let read = try JSONDecoder().decode(SteeringPlan.self, from: Data(old.utf8))
        #expect(
            read.entries == [
                SteeringPlan.Entry(concept: "joy", goal: .add, target: 0.9),
                SteeringPlan.Entry(
                    concept: "film", goal: .remove, target: 0.1, sites: [.residual(2)], scope: .generated),
            ])
        let gate = Gate("film", .below, 0.3, at: .embedding)
        var entries = SteeringPlan.Operation.named.map { name, operation in
            SteeringPlan.Entry.steer(
                joy, operation, operation == .project ? nil : .norms(2), schedule: .decay(factor: 0.9),
                gate: gate)
        }
        entries += [
            .steer(joy, .gcav, .divergence(0.5)), .steer(joy, .rotate, .degrees(3)),
            .apply(.neurons(NeuronClamp([1, 2], to: 3)), named: "n", at: [.mlpHidden(0)]),
            .apply(.replacement(Replacement(by: [1, 2, 3], at: -1)), named: "r", at: [.residual(0)]),
            .apply(
                .subspace(SubspacePatch(basis: [[1, 0, 0]], coordinates: [2])), named: "s",
                at: [.residual(0)],
                schedule: .after(token: 7)),
            .apply(
                .transport(TransportMap(scale: [1], offset: [2], strength: 0.5, low: [0])), named: "t",
                at: [.head(layer: 1, head: 0)], schedule: .tokens(first: 2, end: nil)),
        ]
        let plan = SteeringPlan(entries)
        let again = try JSONDecoder().decode(SteeringPlan.self, from: JSONEncoder().encode(plan))
        #expect(again == plan && again.hashValue == plan.hashValue)
        #expect(plan.description.split(separator: "\n").count == entries.count)
        for broken in [
            #"{"concept":"joy"}"#, #"{"concept":"joy","strength":"2nrm","operation":"add"}"#,
            #"{"concept":"joy","operation":"melt","target":0.5}"#,
            #"{"concept":"joy","operation":{"neurons":{"indices":[1],"value":2},"transport":{}}}"#,
            #"{"concept":"joy","target":0.5,"strength":0.5}"#,
            #"{"concept":"joy","operation":{"neurons":{}}}"#,
            #"{"concept":"joy","target":0.5,"schedule":"soon"}"#, #"{"concept":"joy","target":"x"}"#,
        ] {
            #expect(throws: DecodingError.self, "\(broken)") {
                try JSONDecoder().decode(SteeringPlan.Entry.self, from: Data(broken.utf8))
            }
        }
    }
}
