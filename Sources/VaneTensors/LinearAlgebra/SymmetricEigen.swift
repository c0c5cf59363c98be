import CVaneLAPACK

/// The eigenvectors of a symmetric matrix, by LAPACK (`dsyevd`).
package struct SymmetricEigen {
    /// Eigenvalues in ascending order.
    package let values: [Double]
    /// `vectors[j * order ..< (j + 1) * order]` is the unit eigenvector of `values[j]`, its entry of largest
    /// magnitude positive.
    package let vectors: [Double]

    /// Decomposes `matrix`, `[order, order]`; only one triangle is read.
    ///
    /// - Throws: `singularMatrix` when the iteration does not converge (the matrix holds NaN or infinity).
    package init(_ matrix: [Double], order: Int) throws {
        try TensorError.expect(
            matrix.count == order * order, in: "eigen", "\(matrix.count) elements for order \(order)")
        guard order > 0 else {
            (values, vectors) = ([], [])
            return
        }
        guard matrix.allSatisfy(\.isFinite) else {
            throw TensorError(.singularMatrix, in: "eigen", "the matrix holds NaN or infinity")
        }
        var a = matrix
        var w = [Double](repeating: 0, count: order)
        var n = Int32(order)
        var leading = n
        var information: Int32 = 0
        var workSize: Int32 = -1
        var integerSize: Int32 = -1
        var work = [0.0]
        var integers: [Int32] = [0]
        dsyevd_("V", "L", &n, &a, &leading, &w, &work, &workSize, &integers, &integerSize, &information)
        workSize = Int32(work[0])
        integerSize = integers[0]
        work = [Double](repeating: 0, count: Int(workSize))
        integers = [Int32](repeating: 0, count: Int(integerSize))
        dsyevd_("V", "L", &n, &a, &leading, &w, &work, &workSize, &integers, &integerSize, &information)
        guard information == 0 else {
            throw TensorError(.singularMatrix, in: "eigen", "the iteration did not converge (\(information))")
        }
        for j in 0..<order {
            let column = a[j * order..<(j + 1) * order]
            let largest = column.max { abs($0) < abs($1) } ?? 0
            if largest < 0 { for i in column.indices { a[i] = -a[i] } }
        }
        values = w
        vectors = a
    }
}
