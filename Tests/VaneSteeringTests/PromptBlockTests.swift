import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Blocks added to a prompt, and maps and circles as parts of a plan")
struct PromptBlockTests {
    private let block: [[Float]] = [[1, 10], [2, 20], [3, 30]]

    private func plan(_ block: PromptBlock) throws -> CompiledPlan {
        try SteeringPlan([.apply(.block(block), named: "weddings", at: [.residual(0)])])
            .compile(with: [], for: layout(width: 2))
    }

    /// What was added to each of `count` zero states.
    private func added(_ block: PromptBlock, promptLength: Int, count: Int) throws -> [Float] {
        let rows = [[Float]](repeating: [0, 0], count: count)
        let plan = try plan(block)
        let edited = plan.edit(rows, promptLength: promptLength)
        // Token by token it is the same.
        let single = rows.indices.map {
            plan.edit([rows[$0]], promptLength: promptLength, firstPosition: $0)[0]
        }
        #expect(single == edited)
        #expect(edited.allSatisfy { $0[1] == 10 * $0[0] })
        return edited.map { $0[0] }
    }

    @Test(
        "a block lies at the front, in the middle or at the back of the prompt, never behind it", .tags(.law))
    func placement() throws {
        func at(_ placement: PromptBlock.Placement, _ offset: Int, _ length: Int) throws -> [Float] {
            try added(
                PromptBlock(block, times: 2, at: placement, offset: offset), promptLength: length, count: 9)
        }
        #expect(try at(.front, 0, 7) == [2, 4, 6, 0, 0, 0, 0, 0, 0])
        #expect(try at(.front, 1, 7) == [0, 2, 4, 6, 0, 0, 0, 0, 0])
        #expect(try at(.back, 0, 7) == [0, 0, 0, 0, 2, 4, 6, 0, 0])
        #expect(try at(.back, 2, 7) == [0, 0, 2, 4, 6, 0, 0, 0, 0])
        #expect(try at(.middle, 0, 7) == [0, 0, 2, 4, 6, 0, 0, 0, 0])
        #expect(try at(.middle, 0, 6) == [0, 2, 4, 6, 0, 0, 0, 0, 0])
        // A prompt that is shorter than the block gets the rows that fit.
        #expect(try at(.front, 0, 2) == [2, 4, 0, 0, 0, 0, 0, 0, 0])
        #expect(try at(.back, 0, 2) == [4, 6, 0, 0, 0, 0, 0, 0, 0])
        #expect(try at(.middle, 0, 2) == [4, 6, 0, 0, 0, 0, 0, 0, 0])
        #expect(try at(.front, 4096, 7) == [Float](repeating: 0, count: 9))
    }

    @Test("the factor 0 keeps every bit", .tags(.law))
    func zero() throws {
        let rows: [[Float]] = [[-0.0, 1e-30], [.infinity, 3], [0, -5]]
        let edited = try plan(PromptBlock(block, times: 0)).edit(rows)
        #expect(edited.map { $0.map(\.bitPattern) } == rows.map { $0.map(\.bitPattern) })
    }

    @Test("a block is read as it was written")
    func codable() throws {
        let entry = SteeringPlan.Entry.apply(
            .block(PromptBlock(block, times: -1.5, at: .back, offset: 2)), named: "weddings",
            at: [.residual(0)])
        let maps = SteeringPlan.transport(
            [
                .residual(1): TransportMap(scale: [1, 2], offset: [0, 1]),
                .residual(0): TransportMap(scale: [3, 4], offset: [0, 1], low: [-1, -1], high: [1, 1]),
            ], named: "joy", strength: 0.25)
        #expect(maps.map(\.sites) == [[.residual(0)], [.residual(1)]])
        let plan = SteeringPlan([entry] + maps)
        let read = try JSONDecoder().decode(SteeringPlan.self, from: JSONEncoder().encode(plan))
        #expect(read == plan && read.entries[0].operation.name == "block")
        #expect("\(plan)".hasPrefix("block weddings at blocks[0].residual"))
        _ = try read.compile(with: [], for: layout(width: 2, depth: 2))
    }

    @Test("blocks that do not fit are refused")
    func refusals() throws {
        let long = [[Float]](repeating: [1, 1], count: 4097)
        for block in [
            PromptBlock([], times: 1), PromptBlock([[1]], times: 1), PromptBlock([[1, .nan]], times: 1),
            PromptBlock(block, times: .infinity), PromptBlock(block, times: 1, offset: -1),
            PromptBlock(block, times: 1, at: .back, offset: .max),
            PromptBlock(block, times: 1, at: .middle, offset: 1), PromptBlock(long, times: 1),
        ] {
            #expect(steeringCode { _ = try plan(block) } == .invalidOperand)
        }
        let strong = SteeringPlan.Entry(
            concept: "w", goal: .add, operation: .block(PromptBlock(block, times: 1)), strength: .norms(1),
            sites: [.residual(0)])
        #expect(
            steeringCode { _ = try SteeringPlan([strong]).compile(with: [], for: layout(width: 2)) }
                == .invalidStrength)
    }

    @Test("a replacement behind a block at one position undoes it and is refused; before it, it is not")
    func conflicts() throws {
        func compile(_ operations: [SteeringPlan.Operation]) throws {
            let entries = operations.map {
                SteeringPlan.Entry.apply($0, named: "w", at: [.residual(0)])
            }
            _ = try SteeringPlan(entries).compile(with: [], for: layout(width: 2))
        }
        func replacement(_ position: Int) -> SteeringPlan.Operation {
            .replacement(Replacement(by: [0, 0], at: position))
        }
        let front = SteeringPlan.Operation.block(PromptBlock(block, times: 1, offset: 1))
        let back = SteeringPlan.Operation.block(PromptBlock(block, times: 1, at: .back))
        #expect(steeringCode { try compile([front, replacement(3)]) } == .conflictingTargets)
        #expect(steeringCode { try compile([back, replacement(-3)]) } == .conflictingTargets)
        for fine in [
            [front, replacement(4)], [front, replacement(0)], [replacement(3), front],
            [back, replacement(-4)],
            [front, front], [front, back],
        ] {
            #expect(steeringCode { try compile(fine) } == nil)
        }
    }

    @Test("patches of a circle put a state at the angle", .tags(.planted))
    func circle() throws {
        var generator = SeededGenerator(seed: 6)
        let angles = (0..<40).map { 2 * Double.pi * Double($0 % 7) / 7 }
        let states = angles.map { angle in
            [Float(3 * cos(angle)), Float(3 * sin(angle))] + generator.vector(6, scale: 0.2)
        }
        let circle = try CircularSubspace(states, angles: angles)
        let patch = SteeringPlan.Operation.subspace(SubspacePatch(circle, to: 1))
        let replacement = SteeringPlan.Operation.replacement(Replacement(circle, to: 1, at: 0))
        for operation in [patch, replacement] {
            let plan = try SteeringPlan([.apply(operation, named: "day", at: [.residual(0)])])
                .compile(with: [], for: layout(width: 8))
            let edited = plan.edit([states[3]])
            #expect(abs(circle.angle(of: edited[0]) - 1) < 1e-4)
            #expect(abs(circle.angle(of: states[3]) - 1) > 0.5)
        }
    }
}
