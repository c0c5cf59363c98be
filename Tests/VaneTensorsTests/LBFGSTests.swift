import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("L-BFGS")
struct LBFGSTests {
    typealias Function = ([Double]) throws -> (value: Double, gradient: [Double])

    /// Σ c·(x - m)², c from 1 to 10⁴.
    private func quadratic(_ x: [Double]) -> (value: Double, gradient: [Double]) {
        let scales = x.indices.map { pow(10, 4 * Double($0) / Double(x.count - 1)) }
        let gaps = x.indices.map { x[$0] - Double($0) }
        return (
            zip(scales, gaps).reduce(0) { $0 + $1.0 * $1.1 * $1.1 },
            zip(scales, gaps).map { 2 * $0 * $1 }
        )
    }

    private func rosenbrock(_ x: [Double]) -> (value: Double, gradient: [Double]) {
        var value = 0.0
        var gradient = [Double](repeating: 0, count: x.count)
        for i in 0..<x.count - 1 {
            let (a, b) = (x[i + 1] - x[i] * x[i], 1 - x[i])
            value += 100 * a * a + b * b
            gradient[i] -= 400 * a * x[i] + 2 * b
            gradient[i + 1] += 200 * a
        }
        return (value, gradient)
    }

    @Test("finds the minimum of an ill-conditioned quadratic", .tags(.planted))
    func quadratics() throws {
        // A memory of more steps than dimensions; PyTorch's takes 134 steps with the same one.
        let solver = LBFGS(history: 30, steps: 200, gradientTolerance: 1e-8)
        let result = try solver.minimise(from: [Double](repeating: 5, count: 20), quadratic)
        #expect(result.end == .converged && result.slope <= 1e-8, "\(result)")
        #expect(result.point.indices.allSatisfy { abs(result.point[$0] - Double($0)) < 1e-8 })
        let again = try solver.minimise(from: [Double](repeating: 5, count: 20), quadratic)
        #expect(again.point.map(\.bitPattern) == result.point.map(\.bitPattern))
        // The control: plain steps along the gradient are nowhere near after as many evaluations.
        var x = [Double](repeating: 5, count: 20)
        for _ in 0..<result.evaluations { x = zip(x, quadratic(x).gradient).map { $0 - 0.5e-4 * $1 } }
        #expect(abs(x[0]) > 1)
    }

    @Test("walks Rosenbrock's valley to its end", .tags(.planted), arguments: [2, 10])
    func valley(dimensions: Int) throws {
        let start = (0..<dimensions).map { $0 % 2 == 0 ? -1.2 : 1.0 }
        let result = try LBFGS().minimise(from: start, rosenbrock)
        #expect(result.end == .converged && result.steps < 100 && result.steps > 10, "\(result)")
        #expect(result.point.allSatisfy { abs($0 - 1) < 1e-7 })
        let short = try LBFGS(history: 5, steps: 3, gradientTolerance: 1e-8).minimise(
            from: start, rosenbrock)
        #expect(short.end == .limit && short.steps == 3 && short.value < rosenbrock(start).value)
    }

    @Test("single precision ends at its limit, near the minimum")
    func single() throws {
        let start: [Float] = [-1.2, 1]
        let result = try LBFGS().minimise(from: start) { point in
            let (value, gradient) = rosenbrock(point.map(Double.init))
            return (value, gradient.map { Float($0) })
        }
        #expect(result.end != .limit && result.point.allSatisfy { abs($0 - 1) < 1e-3 }, "\(result)")
    }

    @Test(
        "a logistic regression is that of the Newton solver", .tags(.law),
        arguments: LogisticRegressionTests.problems)
    func logistic(problem: LogisticRegressionTests.Problem) throws {
        let fit = try problem.solve(problem.features(Array(0..<problem.examples)))
        let features = (0..<problem.examples).map {
            problem.x[$0 * problem.width..<($0 + 1) * problem.width].map(Double.init) + [1]
        }
        let start = [Double](repeating: 0, count: problem.width + 1)
        let result = try LBFGS(history: 10, steps: 500, gradientTolerance: 1e-9).minimise(from: start) { w in
            var value = w.dropLast().reduce(0) { $0 + problem.lambda / 2 * $1 * $1 }
            var gradient = w.dropLast().map { problem.lambda * $0 } + [0]
            for (row, positive) in zip(features, problem.positive) {
                let z = zip(row, w).reduce(0) { $0 + $1.0 * $1.1 }
                let signed = positive ? -z : z
                value += (max(signed, 0) + log1p(exp(-abs(signed)))) / Double(features.count)
                let slope = (1 / (1 + exp(-z)) - (positive ? 1 : 0)) / Double(features.count)
                for j in row.indices { gradient[j] += slope * row[j] }
            }
            return (value, gradient)
        }
        #expect(result.end == .converged && result.steps > 3, "\(result.end) after \(result.steps)")
        let errors = zip(result.point, fit.weights + [fit.bias]).map { abs($0 - $1) }
        #expect((errors.max() ?? 1) < 1e-4, "\(errors.max() ?? 1)")
    }

    @Test("shrinks steps into the region where the function is finite")
    func barrier() throws {
        // x - log x, not a number left of 0; the first step from 0.1 would be short, from 3 it is too long.
        for start in [0.01, 3, 40] {
            let result = try LBFGS().minimise(from: [start]) { x in
                (x[0] - log(x[0]), [1 - 1 / x[0]])
            }
            #expect(result.end == .converged && abs(result.point[0] - 1) < 1e-7, "\(start): \(result)")
        }
    }

    @Test("refuses functions that are not finite, and gradients of another length")
    func refused() {
        func code(_ start: [Double], _ function: Function) -> TensorError.Code? {
            let error = #expect(throws: TensorError.self) {
                try LBFGS().minimise(from: start, function)
            }
            return error?.code
        }
        #expect(code([1]) { _ in (.nan, [1]) } == .notFinite)
        #expect(code([1]) { _ in (1, [.infinity]) } == .notFinite)
        // Finite at the start alone.
        #expect(code([1]) { $0[0] == 1 ? (1, [1]) : (.nan, [.nan]) } == .notFinite)
        #expect(code([1, 2]) { _ in (1, [1]) } == .shapeMismatch)
    }

    @Test("a start at the minimum takes no step; a wrong gradient stalls instead of looping")
    func ends() throws {
        let still = try LBFGS().minimise(from: [0, 1, 2], quadratic)
        #expect(still.end == .converged && still.steps == 0 && still.evaluations == 1)
        let wrong = try LBFGS().minimise(from: [3.0]) { ($0[0] * $0[0], [-2 * $0[0]]) }
        #expect(wrong.end == .stalled && wrong.point == [3])
    }
}
