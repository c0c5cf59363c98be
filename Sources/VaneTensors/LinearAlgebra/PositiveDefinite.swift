import CVaneLAPACK

/// Linear equations with a symmetric positive definite matrix, by LAPACK (`dposv`).
package enum PositiveDefinite {
    /// The solution of `matrix · x = right`, `[order]`; only one triangle of the `[order, order]` matrix is read.
    ///
    /// - Throws: `singularMatrix` for a matrix that is not positive definite.
    package static func solve(_ matrix: [Double], _ right: [Double]) throws -> [Double] {
        try TensorError.expect(
            matrix.count == right.count * right.count, in: "solve",
            "\(matrix.count) elements for order \(right.count)")
        guard !right.isEmpty else { return [] }
        var (a, x) = (matrix, right)
        var order = Int32(right.count)
        var leading = order
        var rows = order
        var columns: Int32 = 1
        var information: Int32 = 0
        dposv_("L", &order, &columns, &a, &leading, &x, &rows, &information)
        guard information == 0, x.allSatisfy(\.isFinite) else {
            throw TensorError(.singularMatrix, in: "solve", "the matrix is not positive definite")
        }
        return x
    }
}
