/// The principal axes of some rows: orthonormal directions, the widest first, with the variance along each.
///
/// Axes along which the rows vary by less than a billionth of the widest are left out. With `n` rows of `width` entries the
/// cost is that of the eigenvectors of the smaller of `XᵀX` and `XXᵀ`.
package struct PrincipalAxes: Sendable {
    /// What was subtracted from the rows: their mean, or zero.
    package let mean: [Double]
    /// `[axes, width]`, unit rows.
    package let axes: Tensor
    /// Mean square of the centred rows along each axis, descending.
    package let variances: [Double]
    /// The centred rows in the basis of the axes, `[rows, axes]`.
    package let scores: Tensor

    /// The axes of `rows`, `[rows, width]` float32.
    ///
    /// - Parameter isCentred: whether the mean is subtracted first.
    /// - Throws: `singularMatrix` when the rows hold NaN or infinity.
    package init(_ rows: Tensor, isCentred: Bool = true) throws {
        let n = rows.rowCount
        let d = rows.width
        var mean = [Double](repeating: 0, count: d)
        var centred = rows.elements
        if isCentred {
            for i in 0..<n { for j in 0..<d { mean[j] += Double(centred[i * d + j]) } }
            for j in 0..<d { mean[j] /= Double(max(n, 1)) }
            for i in 0..<n { for j in 0..<d { centred[i * d + j] -= Float(mean[j]) } }
        }
        self.mean = mean
        let x = try Tensor(centred, shape: [n, d])

        // The smaller of XᵀX and XXᵀ gives the axes.
        let wide = d > n
        let gram = try PrincipalAxes.gram(x, ofRows: wide)
        let order = wide ? n : d
        let eigen = try SymmetricEigen(gram, order: order)
        let largest = eigen.values.last ?? 0
        var found: [Float] = []
        var variances: [Double] = []
        for j in (0..<order).reversed() where eigen.values[j] > 1e-9 * largest && eigen.values[j] > 0 {
            let vector = eigen.vectors[j * order..<(j + 1) * order].map(Float.init)
            if wide {
                // An eigenvector u of XXᵀ gives the axis Xᵀu / √value.
                let u = try Tensor(vector, shape: [1, n])
                let axis = try u.matmul(x).elements
                let norm = Float(eigen.values[j].squareRoot())
                found += axis.map { $0 / norm }
            } else {
                found += vector
            }
            variances.append(eigen.values[j] / Double(n))
        }
        self.variances = variances
        axes = try Tensor(found, shape: [variances.count, d])
        scores = try x.linear(PackedMatrix(axes))
    }

    /// The axis with this number, 0 the widest.
    package func axis(_ number: Int) -> [Double] {
        let width = axes.width
        return axes.read { base in (0..<width).map { Double(base[number * width + $0]) } }
    }

    /// `Σ weights_k · axis_k`
    package func combined(_ weights: [Double]) -> [Double] {
        let width = axes.width
        var sum = [Double](repeating: 0, count: width)
        axes.read { axis in
            for (k, weight) in weights.enumerated() {
                for j in 0..<width { sum[j] += weight * Double(axis[k * width + j]) }
            }
        }
        return sum
    }

    /// The coordinates of `vector` along the axes.
    package func coordinates(of vector: [Double]) -> [Double] {
        let width = axes.width
        return axes.read { axis in
            variances.indices.map { k in
                (0..<width).reduce(0.0) { $0 + vector[$1] * Double(axis[k * width + $1]) }
            }
        }
    }

    /// `(C + ridge · identity)⁻¹ b`, `C` the covariance of the rows.
    ///
    /// - Precondition: `ridge` is positive.
    package func solve(_ b: [Double], ridge: Double) -> [Double] {
        precondition(ridge > 0, "a ridge is positive")
        // b = part in the span of the axes + rest, on which C is 0.
        let parts = coordinates(of: b)
        let shrunk = zip(parts, variances).map { $0 / ($1 + ridge) - $0 / ridge }
        return zip(combined(shrunk), b).map { $0 + $1 / ridge }
    }

    /// `XXᵀ` or `XᵀX`, its products summed in float32.
    private static func gram(_ x: Tensor, ofRows: Bool) throws -> [Double] {
        let product =
            ofRows
            ? try x.linear(PackedMatrix(x))
            : try x.transposed().linear(PackedMatrix(x, layout: .inputsByOutputs))
        return product.elements.map(Double.init)
    }
}
