import Testing
import VaneConcepts
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("The linear program behind several concepts", .tags(.law))
struct L1ProgramTests {
    private func objective(_ x: [Double]) -> Double { x.reduce(0) { $0 + abs($1) } }

    /// Whether `matrix · x ≥ bounds` up to `slack`.
    private func meets(_ program: L1Program, _ x: [Double], slack: Double = 1e-9) -> Bool {
        zip(program.matrix, program.bounds).allSatisfy { row, bound in
            zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } >= bound - slack
        }
    }

    /// Demands as steering makes them: rows `sᵢ·wᵢ·vⱼ` of random probes.
    private func random(_ count: Int, seed: UInt64) -> L1Program {
        var generator = SeededGenerator(seed: seed, stream: UInt64(count))
        let probes = (0..<count).map { _ in generator.probe(6) }
        let signs = probes.map { _ in generator.uniform() < 0.5 ? 1.0 : -1.0 }
        let matrix = zip(probes, signs).map { probe, sign in
            probes.map { other in
                sign * zip(probe.weights, other.direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
        }
        return L1Program(matrix: matrix, bounds: probes.map { _ in 3 * generator.normal() })
    }

    /// The smallest objective over a grid of `steps` points an axis in `-reach...reach` that meets all
    /// demands.
    private func bruteForce(_ program: L1Program, reach: Double, steps: Int) -> Double {
        let count = program.bounds.count
        var best = Double.infinity
        var index = [Int](repeating: 0, count: count)
        while true {
            let x = index.map { reach * (2 * Double($0) / Double(steps - 1) - 1) }
            let value = objective(x)
            if value < best, meets(program, x, slack: 0) { best = value }
            var axis = 0
            while axis < count, index[axis] == steps - 1 {
                index[axis] = 0
                axis += 1
            }
            guard axis < count else { return best }
            index[axis] += 1
        }
    }

    @Test("no point of a fine grid does better", arguments: [(2, 201, 30), (3, 41, 8)])
    func grid(count: Int, steps: Int, seeds: Int) throws {
        var sharp = 0
        for seed in 0..<seeds {
            let program = random(count, seed: UInt64(seed))
            let x = try #require(program.solve())
            #expect(meets(program, x), "seed \(seed)")
            let reach = 1.5 * max(objective(x), 0.1)
            let best = bruteForce(program, reach: reach, steps: steps)
            #expect(objective(x) <= best + 1e-9, "seed \(seed): \(x), the grid finds \(best)")
            // The grid is a real rival when it comes within some of its steps.
            if best - objective(x) < 4 * Double(count) * reach / Double(steps - 1) { sharp += 1 }
        }
        #expect(sharp >= seeds / 2, "the grid was near the optimum only \(sharp) times")
    }

    @Test("one demand has the closed form")
    func closedForm() {
        #expect(L1Program(matrix: [[2.5]], bounds: [10]).solve() == [4])
        #expect(L1Program(matrix: [[-2.5]], bounds: [10]).solve() == [-4])
        // Division by the row's largest entry and back costs a rounding or two.
        let tiny = L1Program(matrix: [[1e-9]], bounds: [1]).solve()?.first ?? 0
        #expect(abs(tiny / 1e9 - 1) < 1e-15)
    }

    @Test("demands that are met already ask for nothing", arguments: [1, 2, 4])
    func satisfied(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let matrix = (0..<count).map { _ in (0..<count).map { _ in generator.normal() } }
        let bounds = (0..<count).map { _ in -generator.uniform() }
        #expect(L1Program(matrix: matrix, bounds: bounds).solve() == [Double](repeating: 0, count: count))
        #expect(
            L1Program(matrix: matrix, bounds: bounds.map { _ in 0 }).solve()?.allSatisfy { $0 == 0 } == true)
    }

    @Test("contradicting demands of dependent weights have no solution")
    func infeasible() {
        #expect(L1Program(matrix: [[1, 1], [-1, -1]], bounds: [1, 1]).solve() == nil)
        #expect(L1Program(matrix: [[2, 4], [-1, -2]], bounds: [6, -2.9]).solve() == nil)
        #expect(L1Program(matrix: [[0, 0], [0, 1]], bounds: [1, 1]).solve() == nil)
        // Control: the same rows with bounds that agree.
        let agreed = L1Program(matrix: [[2, 4], [-1, -2]], bounds: [6, -3.1])
        #expect(agreed.solve().map { meets(agreed, $0) } == true)
    }

    @Test("the order of demands changes nothing", arguments: [2, 3, 4])
    func order(count: Int) throws {
        for seed in 0..<50 {
            let program = random(count, seed: UInt64(seed))
            var generator = SeededGenerator(seed: UInt64(seed), stream: 99)
            let order = generator.shuffled(0..<count)
            let turned = L1Program(
                matrix: order.map { i in order.map { program.matrix[i][$0] } },
                bounds: order.map { program.bounds[$0] })
            let (x, y) = (try #require(program.solve()), try #require(turned.solve()))
            #expect(abs(objective(x) - objective(y)) < 1e-9 * (1 + objective(x)), "seed \(seed)")
            // Random programs have one optimum; only rounding tells the two apart.
            for (place, i) in order.enumerated() {
                #expect(abs(x[i] - y[place]) < 1e-9 * (1 + objective(x)), "seed \(seed)")
            }
        }
    }

    @Test("a repeated demand is no obstacle")
    func repeated() throws {
        let twice = L1Program(matrix: [[3, 3], [3, 3]], bounds: [6, 6])
        let x = try #require(twice.solve())
        #expect(meets(twice, x) && abs(objective(x) - 2) < 1e-9)
    }
}
