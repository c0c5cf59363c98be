import Testing
import VaneTensors
import VaneTestSupport

@Suite("Eigenvectors of a symmetric matrix")
struct SymmetricEigenTests {
    private func symmetric(_ n: Int, seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        var a = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for j in 0...i {
                a[i * n + j] = generator.normal()
                a[j * n + i] = a[i * n + j]
            }
        }
        return a
    }

    @Test("A v = λ v, unit length, right angles, ascending order", .tags(.law), arguments: [1, 2, 3, 17, 40])
    func definition(n: Int) throws {
        let a = symmetric(n, seed: UInt64(n))
        let eigen = try SymmetricEigen(a, order: n)
        let vectors = (0..<n).map { Array(eigen.vectors[$0 * n..<($0 + 1) * n]) }
        func dot(_ x: some Sequence<Double>, _ y: [Double]) -> Double {
            zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
        }
        // n · 2⁻⁵³ · ‖A‖ with a small factor; ‖A‖ is about 2√n.
        let tolerance = 1e-15 * Double(10 * n)
        #expect(eigen.values == eigen.values.sorted() && eigen.values.count == n)
        for (value, v) in zip(eigen.values, vectors) {
            for i in 0..<n { #expect(abs(dot(a[i * n..<(i + 1) * n], v) - value * v[i]) < tolerance) }
            let largest = v.max { abs($0) < abs($1) } ?? 0
            #expect(largest > 0, "the entry of largest magnitude is positive")
            for (other, w) in zip(eigen.values, vectors) {
                #expect(abs(dot(v, w) - (other == value ? 1 : 0)) < tolerance)
            }
        }
        let trace = (0..<n).reduce(0) { $0 + a[$1 * n + $1] }
        #expect(abs(eigen.values.reduce(0, +) - trace) < tolerance)
    }

    @Test("known matrices have their known values", .tags(.planted))
    func known() throws {
        let half = (1.0 / 2).squareRoot()
        let two = try SymmetricEigen([2, 1, 1, 2], order: 2)
        #expect(zip(two.values, [1, 3]).allSatisfy { abs($0 - $1) < 1e-14 })
        #expect(
            zip(two.vectors[2...], [half, half]).allSatisfy { abs($0 - $1) < 1e-14 })
        let diagonal = try SymmetricEigen([3, 0, 0, 0, -1, 0, 0, 0, 2], order: 3)
        #expect(diagonal.values == [-1, 2, 3] && diagonal.vectors == [0, 1, 0, 0, 0, 1, 1, 0, 0])
        // Of rank one: the direction is found, the other values vanish.
        let one = try SymmetricEigen([1, 2, 2, 4], order: 2)
        #expect(abs(one.values[0]) < 1e-14 && abs(one.values[1] - 5) < 1e-14)
        #expect(try SymmetricEigen([], order: 0).values.isEmpty)
    }

    @Test("NaN, infinity and a wrong number of elements are refused")
    func hostile() {
        for bad in [Double.nan, .infinity, -.infinity] {
            for place in 0..<4 {
                var a = [2.0, 1, 1, 2]
                a[place] = bad
                let error = #expect(throws: TensorError.self) { try SymmetricEigen(a, order: 2) }
                #expect(error?.code == .singularMatrix)
            }
        }
        let error = #expect(throws: TensorError.self) { try SymmetricEigen([1, 2, 3], order: 2) }
        #expect(error?.code == .shapeMismatch && error?.message == "3 elements for order 2")
    }
}
