import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("Logistic regression")
struct LogisticRegressionTests {
    /// A problem and its optimum by scikit-learn; made by Tests/Fixtures/generate_logistic.py.
    struct Problem: Decodable, Sendable, CustomTestStringConvertible {
        let lambda: Double
        let examples: Int
        let width: Int
        let x: [Float]
        let positive: [Bool]
        let weights: [Double]
        let bias: Double
        var testDescription: String { "\(examples) examples, width \(width), lambda \(lambda)" }

        func features(_ rows: [Int]) throws -> Tensor {
            try Tensor(rows.flatMap { x[$0 * width..<($0 + 1) * width] }, shape: [rows.count, width])
        }

        func solve(_ tensor: Tensor, rows: [Int]? = nil) throws -> LogisticRegression.Fit {
            let regression = try LogisticRegression(tensor)
            let rows = rows ?? Array(0..<tensor.shape[0])
            return regression.fit(regression.solve(rows: rows, positive: positive, lambda: lambda))
        }

        /// The gradient at a fit by the formula, largest entry; the bias's is the last.
        func gradient(_ weights: [Double], _ bias: Double, rows: [Int]) -> Double {
            var sums = weights.map { lambda * $0 } + [0]
            for row in rows {
                let features = x[row * width..<(row + 1) * width].map(Double.init) + [1]
                let z = zip(features, weights + [bias]).reduce(0) { $0 + $1.0 * $1.1 }
                let slope = (1 / (1 + exp(-z)) - (positive[row] ? 1 : 0)) / Double(rows.count)
                for (j, feature) in features.enumerated() { sums[j] += slope * feature }
            }
            return sums.map(abs).max() ?? 0
        }
    }

    static let problems: [Problem] = {
        struct File: Decodable { let problems: [Problem] }
        let data = (try? Data(contentsOf: Fixtures.url("logistic/golden.json"))) ?? Data()
        return (try? JSONDecoder().decode(File.self, from: data).problems) ?? []
    }()

    @Test("the golden problems are there") func present() {
        #expect(LogisticRegressionTests.problems.count == 4)
    }

    @Test("weights and bias are the optimum's within 1e-4", .tags(.golden), arguments: problems)
    func golden(problem: Problem) throws {
        let fit = try problem.solve(problem.features(Array(0..<problem.examples)))
        #expect(fit.weights.count == problem.width && fit.steps > 0 && fit.steps < 40)
        // Single-precision features in the turned basis; the optimum is of order 1.
        let errors = zip(fit.weights + [fit.bias], problem.weights + [problem.bias]).map { abs($0 - $1) }
        #expect((errors.max() ?? 1) < 1e-4, "\(errors)")
    }

    @Test("the gradient vanishes at the solution and not at zero", .tags(.law), arguments: problems)
    func gradient(problem: Problem) throws {
        let rows = Array(0..<problem.examples)
        let fit = try problem.solve(problem.features(rows))
        let start = problem.gradient([Double](repeating: 0, count: problem.width), 0, rows: rows)
        #expect(start > 0.05)
        // Features and turned basis are single precision.
        #expect(problem.gradient(fit.weights, fit.bias, rows: rows) < 1e-5 * max(1, start))
    }

    @Test("a subset of the rows fits as if alone", .tags(.law), arguments: problems)
    func subset(problem: Problem) throws {
        let rows = (0..<problem.examples).filter { $0 % 3 != 1 }
        let within = try problem.solve(problem.features(Array(0..<problem.examples)), rows: rows)
        let alone = Problem(
            lambda: problem.lambda, examples: rows.count, width: problem.width,
            x: try problem.features(rows).elements,
            positive: rows.map { problem.positive[$0] }, weights: [], bias: 0)
        let fit = try alone.solve(alone.features(Array(rows.indices)))
        let scale = fit.weights.map(abs).max() ?? 1
        for (a, b) in zip(within.weights + [within.bias], fit.weights + [fit.bias]) {
            // Two bases, each rounded to single precision.
            #expect(abs(a - b) < 2e-4 * max(1, scale))
        }
        #expect(problem.gradient(within.weights, within.bias, rows: rows) < 2e-5)
        // The control: all rows give another solution.
        let all = try problem.solve(problem.features(Array(0..<problem.examples)))
        #expect(zip(all.weights, fit.weights).contains { abs($0 - $1) > 1e-2 * scale })
    }

    @Test("separable data with hardly a penalty stays finite and is separated")
    func separable() throws {
        for (n, d) in [(40, 3), (12, 50)] {
            var generator = SeededGenerator(seed: 1)
            let positive = (0..<n).map { $0 % 2 == 0 }
            let x = positive.flatMap { label in
                (0..<d).map { Float(generator.normal()) + (label ? 1 : -1) * ($0 == 0 ? 10 : 0) }
            }
            let regression = try LogisticRegression(Tensor(x, shape: [n, d]))
            let rows = Array(0..<n)
            let solution = regression.solve(rows: rows, positive: positive, lambda: 1e-12)
            let fit = regression.fit(solution)
            #expect(fit.bias.isFinite && fit.weights.allSatisfy { $0.isFinite })
            for (label, logit) in zip(positive, regression.logits(solution, rows: rows)) {
                #expect(logit.isFinite && (logit > 0) == label)
            }
        }
    }

    @Test("logits are weights · x + bias", .tags(.law), arguments: problems)
    func logits(problem: Problem) throws {
        let rows = Array(0..<problem.examples)
        let regression = try LogisticRegression(problem.features(rows))
        let solution = regression.solve(rows: rows, positive: problem.positive, lambda: problem.lambda)
        let fit = regression.fit(solution)
        for (row, logit) in zip(rows, regression.logits(solution, rows: rows)) {
            let x = problem.x[row * problem.width..<(row + 1) * problem.width]
            let direct = zip(x, fit.weights).reduce(fit.bias) { $0 + Double($1.0) * $1.1 }
            // Single-precision sums of terms of order 10.
            #expect(abs(logit - direct) < 1e-4)
        }
    }

    @Test("features that say nothing leave the bias: the log odds of the labels")
    func constant() throws {
        let regression = try LogisticRegression(Tensor([Float](repeating: 3, count: 8), shape: [4, 2]))
        let positive = [true, true, true, false]
        let fit = regression.fit(regression.solve(rows: [0, 1, 2, 3], positive: positive, lambda: 0.1))
        #expect(fit.weights == [0, 0])
        #expect(abs(fit.bias - log(3)) < 1e-6)
    }

    @Test("NaN and infinity are refused", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) {
        let error = #expect(throws: TensorError.self) {
            try LogisticRegression(Tensor([1, 2, value, 4], shape: [2, 2]))
        }
        #expect(error?.code == .singularMatrix)
    }
}
