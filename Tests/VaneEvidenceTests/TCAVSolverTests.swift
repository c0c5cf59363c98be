import Testing
import VaneConcepts
import VaneEvidence
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Solvers of TCAV", .tags(.planted))
struct TCAVSolverTests {
    private static let site = Site.residual(0)
    private static let width = 10

    /// Rows of unit noise, the second entry three times as wide, around `shift` in entry `axis`.
    private func rows(_ count: Int, shift: Double, at axis: Int, _ generator: inout SeededGenerator) throws
        -> Tensor
    {
        try Tensor(
            (0..<count).flatMap { _ in
                (0..<Self.width).map { j in
                    Float(generator.normal() * (j == 1 ? 3 : 1) + (j == axis ? shift : 0))
                }
            }, shape: [count, Self.width])
    }

    private func test(_ solver: TCAV.Solver, shift: Double, at axis: Int, seed: UInt64) throws -> TCAV.Site {
        var generator = SeededGenerator(seed: seed, stream: 4)
        let result = try TCAV(
            gradients: [Self.site: rows(20, shift: 2, at: 0, &generator)],
            concept: [Self.site: rows(24, shift: shift, at: axis, &generator)],
            random: [Self.site: rows(100, shift: 0, at: 0, &generator)],
            options: TCAV.Options(runs: 40, permutations: 19, solver: solver))
        return try #require(result.sites.first)
    }

    @Test(
        "each solver's vector lies along the gradients where the concept does, and only there",
        arguments: TCAV.Solver.allCases)
    func planted(solver: TCAV.Solver) throws {
        var (found, wrong, accuracy) = (0, 0, 0.0)
        for seed in 0..<40 {
            let real = try test(solver, shift: 3, at: 0, seed: UInt64(seed))
            // Gradients are 2 along the first axis, so a vector within 60 degrees of it reaches 1.
            found += real.magnitude > 1 ? 1 : 0
            accuracy += real.accuracy / 40
            // The control: examples that are random themselves.
            wrong += try abs(test(solver, shift: 0, at: 0, seed: 500 + UInt64(seed)).magnitude) > 1 ? 1 : 0
        }
        print("\(solver): found \(found), without a concept \(wrong) of 40, accuracy \(accuracy)")
        #expect(found >= 38 && wrong <= 10 && accuracy > 0.8)
    }

    @Test("in dual form logistic and ridge regression give the vectors of the learners' solvers", .tags(.law))
    func sameAsLearners() throws {
        var generator = SeededGenerator(seed: 8)
        let (count, width) = (60, Self.width)
        let features = try Tensor(
            (0..<count).flatMap { row in
                (0..<width).map { Float(generator.normal() + ($0 == 0 && row < 25 ? 1.5 : 0)) }
            }, shape: [count, width])
        let labels = (0..<count).map { $0 < 25 }
        let values = features.elements.map(Double.init)
        let mean = (0..<width).map { j in
            (0..<count).reduce(0) { $0 + values[$1 * width + j] } / Double(count)
        }
        let centred = values.enumerated().map { $1 - mean[$0 % width] }
        func product(_ a: Int, _ b: Int) -> Double {
            (0..<width).reduce(0) { $0 + centred[a * width + $1] * centred[b * width + $1] }
        }
        let kernel = (0..<count * count).map { product($0 / count, $0 % count) }
        let lambda = 0.05
        func vector(_ solver: TCAV.Solver, penalty: Double) throws -> [Double] {
            let alpha = try solver.weights(kernel, labels.map { $0 ? 1 : -1 }, penalty: penalty)
            return (0..<width).map { j in
                (0..<count).reduce(0) { $0 + alpha[$1] * centred[$1 * width + j] }
            }
        }
        func distance(_ a: [Double], _ b: [Double]) -> Double {
            let square = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return (square / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
        }
        let regression = try LogisticRegression(features)
        let logistic = regression.fit(
            regression.solve(rows: Array(0..<count), positive: labels, lambda: lambda, tolerance: 1e-10)
        ).weights
        #expect(try distance(vector(.logistic, penalty: 4 * lambda * Double(count)), logistic) < 1e-4)
        let ridge = try RidgeRegression(features, targets: labels.map { $0 ? 1 : -1 }).fit(lambda: lambda)
        #expect(try distance(vector(.ridge, penalty: lambda * Double(count)), ridge.weights) < 1e-4)
        // The control: one is not the other.
        #expect(distance(ridge.weights, logistic) > 0.1)
    }
}
