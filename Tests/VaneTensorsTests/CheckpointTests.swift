import Testing
import VaneTensors
import VaneTestSupport

@Suite("Gradient checkpoints", .tags(.law))
struct CheckpointTests {
    private struct Broken: Error {}

    /// Two layers that use their input twice and a shared gain, with or without checkpoints.
    private func run(
        _ tape: Tape, _ variables: [Tensor], wrapping: (Tape, @escaping () throws -> Tensor) throws -> Tensor
    ) throws -> Tensor {
        var x = variables[0]
        for layer in 0..<3 {
            let input = x
            x = try wrapping(tape) {
                let hidden = try input.rmsNorm(gain: variables[1], epsilon: 1e-5).linear(
                    PackedMatrix(variables[2]))
                let kept = try hidden.applying(.gelu).dropout(rate: 0.2, seed: 1, position: UInt64(layer))
                return try input.adding(kept.multiplying(input))
            }
        }
        return try x.adding(variables[0])
    }

    private func gradients(
        _ wrapping: (Tape, @escaping () throws -> Tensor) throws -> Tensor
    ) throws -> (value: [UInt32], slopes: [[UInt32]], entries: Int) {
        let tape = Tape()
        let variables = try [Shape([5, 8]), [8], [8, 8]].enumerated().map {
            tape.watch(try Tensor.normal($1, seed: UInt64($0)))
        }
        let result = try run(tape, variables, wrapping: wrapping)
        let seed = try Tensor.normal([5, 8], seed: 7)
        let entries = tape.count
        let slopes = try tape.pullback(of: result, along: seed, at: variables).map { bits($0) }
        let again = try tape.pullback(of: result, along: seed, at: variables).map { bits($0) }
        #expect(slopes == again && tape.count == entries, "a second run gives the same, and leaves nothing")
        return (bits(result), slopes, entries)
    }

    @Test("gradients have the same bits as without, single and one inside another")
    func sameBits() throws {
        let plain = try gradients { _, body in try body() }
        let marked = try gradients { try $0.checkpoint($1) }
        let nested = try gradients { tape, body in
            try tape.checkpoint { [unowned tape] in
                try tape.checkpoint(body).scaled(by: 1).adding(tape.checkpoint(body))
            }
        }
        let nestedPlain = try gradients { _, body in try body().scaled(by: 1).adding(body()) }
        #expect(marked.value == plain.value && marked.slopes == plain.slopes)
        #expect(nested.value == nestedPlain.value && nested.slopes == nestedPlain.slopes)
        #expect(plain.slopes.allSatisfy { $0.contains { $0 << 1 != 0 } })
        #expect(marked.entries == 7 && plain.entries > 15, "\(marked.entries), \(plain.entries)")
    }

    @Test("a body that hands on its operand, or does not depend on the tape, is no trouble")
    func degenerate() throws {
        let tape = Tape()
        let x = tape.watch(try Tensor([1, 2], shape: [2]))
        let same = try tape.checkpoint { x }
        let constant = try tape.checkpoint { try Tensor([3, 4], shape: [2]) }
        let result = try same.multiplying(constant)
        let slope = try tape.pullback(of: result, along: Tensor([1, 1], shape: [2]), at: [x, constant])
        #expect(slope.map(\.elements) == [[3, 4], [1, 2]])
    }

    @Test("an error in the body comes out, first time and again, and the tape stays usable")
    func errors() throws {
        let tape = Tape()
        let x = tape.watch(try Tensor([1, 2], shape: [2]))
        #expect(throws: Broken.self) { try tape.checkpoint { throw Broken() } }
        var calls = 0
        let marked = try tape.checkpoint {
            calls += 1
            if calls == 2 { throw Broken() }
            return try x.multiplying(x)
        }
        let seed = try Tensor([1, 1], shape: [2])
        #expect(throws: Broken.self) { try tape.pullback(of: marked, along: seed, at: [x]) }
        #expect(try tape.pullback(of: marked, along: seed, at: [x])[0].elements == [2, 4])
        #expect(tape.count == 2 && calls == 3)
    }

    @Test("a chain needs a fraction of the memory")
    func memory() throws {
        // Blocks taken from the system, of sizes that no pool has yet.
        func blocks(_ width: Int, checkpointing: Bool) throws -> Int {
            let tape = Tape()
            let start = tape.watch(Tensor(zeros: [1, width]))
            let before = Storage.freshAllocations
            var x = start
            for _ in 0..<6 {
                let input = x
                let body: () throws -> Tensor = { (0..<6).reduce(input) { x, _ in x.tanh() } }
                x = checkpointing ? try tape.checkpoint(body) : try body()
            }
            let slope = try tape.pullback(of: x, along: Tensor(zeros: [1, width]), at: [start])
            #expect(slope[0].shape == [1, width])
            return Storage.freshAllocations - before
        }
        // Other tests share the counter: one quiet attempt is enough.
        var counts: [(marked: Int, plain: Int)] = []
        for width in [300_000, 420_000, 600_000] {
            counts.append(
                (
                    try blocks(width, checkpointing: true),
                    try blocks(width * 7 / 6, checkpointing: false)
                ))
        }
        #expect(counts.contains { $0.plain >= 36 && $0.marked <= 18 }, "\(counts)")
    }

    @Test("a tape nobody holds is gone with all it kept, and its tensors are recorded nowhere")
    func lifetime() throws {
        weak var gone: Tape?
        var left: Tensor?
        do {
            let tape = Tape()
            gone = tape
            let x = tape.watch(try Tensor([1, 2], shape: [2]))
            left = try tape.checkpoint { try x.multiplying(x) }
            #expect(left?.isRecorded == true && gone != nil)
            withExtendedLifetime(tape) {}
        }
        #expect(gone == nil && left?.isRecorded == false)
        #expect(try left?.adding(try #require(left)).elements == [2, 8])
    }
}
