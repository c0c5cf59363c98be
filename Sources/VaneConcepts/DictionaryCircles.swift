public import VaneTensors

/// Circles, and other features of two dimensions, among the rows of a dictionary (row 109: Not All Language
/// Model Features Are Linear, arXiv 2405.14860, section 4).
///
/// 1. Rows are joined where one is among the other's nearest by cosine and the cosine exceeds a threshold;
///    the connected parts are clusters (the paper's way for Mistral: two nearest, 0.5).
/// 2. Each cluster rebuilds every text position at which one of its rows is active from its rows alone:
///    `x = Σ_{i in cluster} a_i d_i`.
/// 3. Each pair of neighbouring principal axes of these, of the first five, is a plane. Separability S and
///    mixture M (``Reducibility``) say whether its points are one feature; planes are ranked by S (1 - M).
///
/// A plane found is a candidate: look at what lies at which angle, fit ``CircularSubspace`` to it, patch. The
/// cost is a product of the dictionary with itself, `features² · width`.
public struct DictionaryCircles: Sendable {
    /// How many of the nearest rows a row is joined to.
    public var neighbours: Int
    /// The cosine above which it is.
    public var threshold: Double
    /// How many principal axes of a cluster are looked at.
    public var components: Int
    /// The most points that are measured, the first ones.
    public var maximumPoints: Int
    /// Clusters that are active at fewer positions are left out: the two numbers would mean nothing.
    public var minimumPoints: Int
    /// The most rows of a cluster; larger ones are left out.
    public var maximumRows: Int

    /// A search with the paper's numbers.
    public init(
        neighbours: Int = 2, threshold: Double = 0.5, components: Int = 5, maximumPoints: Int = 20_000,
        minimumPoints: Int = 1000, maximumRows: Int = 1000
    ) {
        self.neighbours = neighbours
        self.threshold = threshold
        self.components = components
        self.maximumPoints = maximumPoints
        self.minimumPoints = minimumPoints
        self.maximumRows = maximumRows
    }

    /// A plane of what a cluster rebuilds.
    public struct Plane: Sendable, Hashable {
        /// The rows of the cluster, ascending.
        public let rows: [Int]
        /// Which principal axes span it, from 0: this one and the next.
        public let axis: Int
        /// The two orthonormal axes, `[2][width]`.
        public let basis: [[Float]]
        /// At how many positions a row of the cluster is active.
        public let positions: Int
        /// The mean cosine of two rows of the cluster.
        public let meanCosine: Double
        /// Whether the points are one feature.
        public let reducibility: Reducibility

        /// S (1 - M), by which planes are ranked.
        public var score: Double { reducibility.separability * (1 - reducibility.mixture) }
    }

    /// The clusters of at least two rows, each ascending, in the order of their first rows.
    ///
    /// - Parameter dictionary: `[features, width]`, float32.
    /// - Throws: ``ConceptError`` `invalidOption`; `unusableExamples` for a dictionary that is no matrix of
    ///   finite numbers.
    public func clusters(of dictionary: Tensor) throws -> [[Int]] {
        let unit = try unitRows(dictionary)
        let count = unit.rowCount
        let packed = try PackedMatrix(unit)
        var parent = Array(0..<count)
        func root(_ row: Int) -> Int {
            var row = row
            while parent[row] != row {
                parent[row] = parent[parent[row]]
                row = parent[row]
            }
            return row
        }
        for start in stride(from: 0, to: count, by: 256) {
            let rows = start..<min(start + 256, count)
            let cosines = try unit.rows(rows).contiguous().linear(packed)
            cosines.read { base in
                for row in rows {
                    let line = UnsafeBufferPointer(start: base + (row - start) * count, count: count)
                    let near = line.indices.filter { $0 != row && Double(line[$0]) > threshold }
                        .sorted { (line[$1], $0) < (line[$0], $1) }
                    for other in near.prefix(neighbours) {
                        let (a, b) = (root(row), root(other))
                        parent[max(a, b)] = min(a, b)
                    }
                }
            }
        }
        var members: [Int: [Int]] = [:]
        for row in 0..<count { members[root(row), default: []].append(row) }
        return members.values.filter { $0.count >= 2 }.sorted { $0[0] < $1[0] }
    }

    /// The planes of all clusters, the best first.
    ///
    /// - Parameters:
    ///   - dictionary: `[features, width]`, float32: what each feature writes.
    ///   - codes: `[positions, features]`: how much of each is active at some positions of texts, 0 for not
    ///     active.
    ///   - progress: called with the number of finished clusters and their total.
    /// - Throws: as ``clusters(of:)``; `unusableExamples` for codes that do not fit the dictionary;
    ///   `TensorError` for codes that are not finite.
    public func planes(
        of dictionary: Tensor, codes: Tensor, progress: ((Int, Int) -> Void)? = nil
    ) throws -> [Plane] {
        let clusters = try clusters(of: dictionary).filter { $0.count <= maximumRows }
        let features = dictionary.shape[0]
        guard codes.shape.rank == 2, codes.shape[1] == features else {
            throw ConceptError(
                .unusableExamples,
                "codes for \(features) features have shape [positions, \(features)], not \(codes.shape)")
        }
        let rows = dictionary.contiguous()
        let codes = codes.contiguous()
        var found: [Plane] = []
        for (number, cluster) in clusters.enumerated() {
            found += try planes(of: cluster, rows, codes)
            progress?(number + 1, clusters.count)
        }
        return found.sorted { ($1.score, $0.rows[0], $0.axis) < ($0.score, $1.rows[0], $1.axis) }
    }

    private func planes(of cluster: [Int], _ dictionary: Tensor, _ codes: Tensor) throws -> [Plane] {
        let features = codes.width
        let active = codes.read { base in
            (0..<codes.rowCount).filter { position in
                cluster.contains { base[position * features + $0] != 0 }
            }
        }
        guard active.count >= max(minimumPoints, 100) else { return [] }
        let used = active.prefix(maximumPoints)
        let parts = codes.read { base in
            used.flatMap { position in cluster.map { base[position * features + $0] } }
        }
        let members = try dictionary.gatherRows(cluster.map(Int32.init))
        let points = try Tensor(parts, shape: [used.count, cluster.count]).matmul(members)
        let axes = try PrincipalAxes(points)
        let count = min(components, axes.variances.count)
        let cosine = try meanCosine(members)
        return try (0..<max(0, count - 1)).compactMap { axis in
            // Rounding error is no plane.
            guard axes.variances[axis + 1] > 1e-6 * axes.variances[0] else { return nil }
            let plane = axes.scores.read { base in
                used.indices.map { point in
                    (axis...axis + 1).map { Double(base[point * axes.variances.count + $0]) }
                }
            }
            return Plane(
                rows: cluster, axis: axis,
                basis: (axis...axis + 1).map { axes.axis($0).map { Float($0) } }, positions: active.count,
                meanCosine: cosine, reducibility: try Reducibility(plane))
        }
    }

    private func meanCosine(_ members: Tensor) throws -> Double {
        let unit = try unitRows(members)
        let count = Double(unit.rowCount)
        // ‖Σ u‖² = count + the sum over ordered pairs.
        let sum = Numbers.sum(unit, 0..<unit.rowCount)
        return (Numbers.dot(sum, sum) - count) / (count * (count - 1))
    }

    /// The rows at length 1; rows of length 0 stay.
    private func unitRows(_ dictionary: Tensor) throws -> Tensor {
        guard neighbours > 0, threshold > 0, components >= 2 else {
            throw ConceptError(
                .invalidOption,
                "clusters need at least one neighbour, a cosine above 0 and two components, not \(neighbours), "
                    + "\(threshold) and \(components)")
        }
        guard dictionary.shape.rank == 2, dictionary.shape.count > 0 else {
            throw ConceptError(.unusableExamples, "a dictionary is a matrix, not \(dictionary.shape)")
        }
        var numbers = dictionary.contiguous().elements
        guard numbers.allSatisfy(\.isFinite) else {
            throw ConceptError(.unusableExamples, "the dictionary holds numbers that are not finite")
        }
        let width = dictionary.width
        for row in 0..<dictionary.rowCount {
            let range = row * width..<(row + 1) * width
            let norm = Float(Numbers.norm(numbers[range]))
            if norm > 0 { for i in range { numbers[i] /= norm } }
        }
        return try Tensor(numbers, shape: dictionary.shape)
    }
}
