/// The smallest moves that satisfy several linear demands: minimises `Σ|x|` under `matrix · x ≥ bounds`.
///
/// A linear program in `x = x⁺ - x⁻`, solved exactly by the two-phase simplex method on a dense tableau with
/// Bland's rule, which cannot cycle. Meant for a handful of unknowns.
package struct L1Program {
    /// `[demands][unknowns]`
    package let matrix: [[Double]]
    /// One a demand.
    package let bounds: [Double]

    private static let tolerance = 1e-10

    package init(matrix: [[Double]], bounds: [Double]) {
        self.matrix = matrix
        self.bounds = bounds
    }

    /// A minimiser, or nil when no `x` satisfies every demand.
    package func solve() -> [Double]? {
        let demands = bounds.count
        let unknowns = matrix.first?.count ?? 0
        guard bounds.contains(where: { $0 > 0 }) else { return [Double](repeating: 0, count: unknowns) }
        // Each demand is divided by its largest entry, so that one tolerance fits all.
        let scales = matrix.map { row in row.map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? 1 }
        let artificial = 2 * unknowns + demands
        let columns = artificial + demands
        // Columns: x⁺, x⁻, surplus, artificial, right-hand side. Rows with a bound of 0 or less begin with
        // their surplus in the basis; the others with an artificial unknown.
        var tableau: [[Double]] = []
        var basis: [Int] = []
        for i in 0..<demands {
            var row = [Double](repeating: 0, count: columns + 1)
            let sign: Double = bounds[i] > 0 ? 1 : -1
            for j in 0..<unknowns {
                row[j] = sign * matrix[i][j] / scales[i]
                row[unknowns + j] = -row[j]
            }
            row[2 * unknowns + i] = -sign
            row[columns] = sign * bounds[i] / scales[i]
            if bounds[i] > 0 {
                row[artificial + i] = 1
                basis.append(artificial + i)
            } else {
                basis.append(2 * unknowns + i)
            }
            tableau.append(row)
        }
        let isArtificial = (0..<columns).map { $0 >= artificial }
        guard L1Program.minimise(isArtificial.map { $0 ? 1 : 0 }, &tableau, &basis, usable: columns) else {
            return nil
        }
        let infeasibility = basis.indices.reduce(0.0) {
            isArtificial[basis[$1]] ? $0 + tableau[$1][columns] : $0
        }
        guard infeasibility < 1e-8 * max(1, zip(bounds, scales).map { abs($0 / $1) }.max() ?? 1) else {
            return nil
        }
        let costs = (0..<columns).map { $0 < 2 * unknowns ? 1.0 : 0 }
        guard L1Program.minimise(costs, &tableau, &basis, usable: artificial) else { return nil }
        var x = [Double](repeating: 0, count: unknowns)
        for (i, column) in basis.enumerated() {
            if column < unknowns { x[column] += tableau[i][columns] }
            if column >= unknowns && column < 2 * unknowns { x[column - unknowns] -= tableau[i][columns] }
        }
        return x
    }

    /// Pivots until no usable column lowers the cost; false when the cost has no lower bound.
    private static func minimise(
        _ costs: [Double], _ tableau: inout [[Double]], _ basis: inout [Int], usable: Int
    ) -> Bool {
        let last = (tableau.first?.count ?? 1) - 1
        while true {
            let entering = (0..<usable).first { column in
                let reduced =
                    costs[column]
                    - tableau.indices.reduce(0.0) { $0 + costs[basis[$1]] * tableau[$1][column] }
                return reduced < -tolerance
            }
            guard let entering else { return true }
            let leaving = tableau.indices.filter { tableau[$0][entering] > tolerance }.min {
                let a = (tableau[$0][last] / tableau[$0][entering], basis[$0])
                let b = (tableau[$1][last] / tableau[$1][entering], basis[$1])
                return a < b
            }
            guard let leaving else { return false }
            let pivot = tableau[leaving][entering]
            tableau[leaving] = tableau[leaving].map { $0 / pivot }
            for i in tableau.indices where i != leaving && tableau[i][entering] != 0 {
                let factor = tableau[i][entering]
                for j in 0...last { tableau[i][j] -= factor * tableau[leaving][j] }
            }
            basis[leaving] = entering
        }
    }
}
