import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("A steering plan")
struct PlanTests {
    private let probe = LinearProbe(weights: [1, -2, 3], bias: 0.5)

    private func code(_ body: () throws -> Void) -> SteeringError.Code? {
        do { try body() } catch { return (error as? SteeringError)?.code }
        return nil
    }

    private func compile(_ entries: [SteeringPlan.Entry], _ concepts: [Concept]) throws -> CompiledPlan {
        try SteeringPlan(entries).compile(with: concepts, for: layout(width: 3, depth: 2))
    }

    @Test("a target outside (0, 1) is refused", arguments: [0, 1, -0.1, 1.5, .nan, .infinity])
    func invalidTarget(target: Double) {
        let happiness = concept("happiness", probe)
        #expect(code { _ = try compile([.add(happiness, to: target)], [happiness]) } == .invalidTarget)
        #expect(code { _ = try compile([.add(happiness, to: 1e-12)], [happiness]) } == nil)
    }

    @Test("a concept that was not handed over is named")
    func unknownConcept() {
        let error = #expect(throws: SteeringError.self) {
            try compile([.add(concept("joy", probe), to: 0.9)], [concept("grief", probe)])
        }
        #expect(error?.code == .unknownConcept && error?.message.contains("'joy'") == true)
    }

    @Test("a site without a probe is refused, naming those there are")
    func missingSite() {
        let joy = concept("joy", probe, at: [.residual(1)], depth: 2)
        let error = #expect(throws: ConceptError.self) {
            try compile([.add(joy, to: 0.9, at: [.residual(0)])], [joy])
        }
        #expect(error?.code == .unknownSite && error?.message.contains("blocks[1].residual") == true)
        #expect(code { _ = try compile([.add(joy, to: 0.9, at: [])], [joy]) } == .unusableSite)
        #expect(code { _ = try compile([.add(joy, to: 0.9)], [joy]) } == nil)
    }

    @Test("a network of other dimensions is refused")
    func otherNetwork() {
        let deep = concept("joy", probe, at: [.residual(5)], depth: 6)
        #expect(throws: SiteError.self) { try compile([.add(deep, to: 0.9)], [deep]) }
        let wide = concept("joy", LinearProbe(weights: [1, 2, 3, 4], bias: 0))
        #expect(code { _ = try compile([.add(wide, to: 0.9)], [wide]) } == .unusableSite)
        let empty = concept("joy", LinearProbe(weights: [0, 0, 0], bias: 1))
        #expect(code { _ = try compile([.add(empty, to: 0.9)], [empty]) } == .unusableSite)
    }

    @Test("at least 0.9 and at most 0.1 of one thing is refused")
    func contradiction() {
        let joy = concept("joy", probe)
        func plan(_ low: Double, _ high: Double, _ scopes: (TokenScope, TokenScope) = (.all, .all)) throws {
            _ = try compile(
                [.remove(joy, to: high, scope: scopes.1), .add(joy, to: low, scope: scopes.0)], [joy])
        }
        #expect(code { try plan(0.9, 0.1) } == .conflictingTargets)
        #expect(code { try plan(0.9, 0.1, (.prompt, .all)) } == .conflictingTargets)
        #expect(code { try plan(0.1, 0.9) } == nil, "between 0.1 and 0.9 is a band")
        #expect(code { try plan(0.9, 0.1, (.prompt, .generated)) } == nil, "no token has both demands")
    }

    @Test("a band holds the reading inside")
    func band() throws {
        let joy = concept("joy", probe)
        let plan = try compile([.add(joy, to: 0.4), .remove(joy, to: 0.6)], [joy])
        let rows: [[Float]] = [[9, 0, 0], [-9, 0, 0], [0, 0.25, 0]]
        let readings = PlantedRows.run(plan.hooks, at: .residual(0), on: rows).map { probe.probability($0) }
        #expect(abs(readings[0] - 0.6) < 1e-6 && abs(readings[1] - 0.4) < 1e-6 && readings[2] == 0.5)
    }

    @Test("a plan survives JSON")
    func codable() throws {
        let joy = concept("joy \"é\"\n", probe)
        let plan = SteeringPlan([
            .add(
                joy, to: 0.9999999, at: [.residual(1), .embedding, .head(layer: 2, head: 3)],
                scope: .generated),
            .remove(joy, to: 1e-9),
        ])
        let data = try JSONEncoder().encode(plan)
        let read = try JSONDecoder().decode(SteeringPlan.self, from: data)
        #expect(read == plan && read.hashValue == plan.hashValue)
        #expect(plan.description.split(separator: "\n").count >= 2)
        #expect(throws: DecodingError.self) {
            let damaged = String(decoding: data, as: UTF8.self).replacing(
                "blocks[1].residual", with: "blocks[x]")
            return try JSONDecoder().decode(SteeringPlan.self, from: Data(damaged.utf8))
        }
    }

    @Test("an empty plan compiles to no hooks")
    func empty() throws {
        let plan = try compile([], [])
        #expect(plan.hooks.isEmpty && plan.warnings.isEmpty && plan.ledger.bySite.isEmpty)
        let joy = concept("joy", probe)
        #expect(try !compile([.add(joy, to: 0.9)], [joy]).hooks.isEmpty)
    }
}
