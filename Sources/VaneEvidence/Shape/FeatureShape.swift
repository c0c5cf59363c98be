import Foundation
public import VaneConcepts
public import VaneTensors

/// What a feature with several values looks like in the activations: a direction, a circle, a mixture or a subspace of more
/// dimensions, or nothing (row 109: Not All Language Model Features Are Linear, arXiv 2405.14860).
///
/// Rows of `[width]` carry the number of their class, 0 … K - 1, in their order if they have one. Half of the rows of each class
/// gives the class means `a_k`, the other half `b_k`, both less the mean over all. With `G_kl = √(n_k n_l)/N · a_k·b_l`, made
/// symmetric, the trace is an estimate of the variance between the classes without the noise of the means, and the
/// eigenvalues say how it is spread over dimensions. Permuted labels say what chance does.
///
/// - `direction`: one eigenvalue has at least 0.8 of the variance. Two classes always have one.
/// - `mixture`: in the plane of the first two axes M > 0.5: off one axis most points do not move (`Reducibility`).
/// - `circle`: five classes or more, at least 0.8 of the energy of their means in the plane goes round once in the order given,
///   and no rotation takes the points apart: S > 1 bit, M < 0.3.
/// - `subspace`: anything else that is there.
///
/// Geometry found is not computation shown: a network can hold a circle and add without it (arXiv 2605.01148).
public struct FeatureShape: Sendable, Hashable, Codable {
    /// What it looks like.
    public enum Kind: String, Sendable, Codable {
        /// The classes do not differ beyond chance.
        case nothing
        /// One direction.
        case direction
        /// A circle in a plane, in the order of the classes.
        case circle
        /// Parts of which one is mostly off where another is on.
        case mixture
        /// More than one dimension, of no shape that is looked for.
        case subspace
    }

    /// The part of the variance in one direction from which a feature is a direction.
    public static let directionShare = 0.8
    /// The part of the energy of the means that goes round, from which classes lie on a circle.
    public static let roundness = 0.8

    /// What it looks like.
    public let kind: Kind
    /// The variance between the classes, as a part of all variance; below 0 where noise is all there is.
    public let between: Double
    /// The part of permutations of the labels with as much variance between them.
    public let pValue: Double
    /// The part of the variance between the classes along each axis, the largest first; those above 0.
    public let shares: [Double]
    /// The part of the energy of the class means in the plane that goes round once in their order; nil for fewer than five
    /// classes.
    public let round: Double?
    /// How far the points of the plane can be taken apart; nil for fewer than 100 rows.
    public let reducibility: Reducibility?
    /// Two orthonormal axes of the plane, `[2][width]`: those of the class means, then of what is left of the rows.
    public let axes: [[Float]]
    /// The rows in the plane, in the order given.
    public let points: [[Double]]

    /// Looks at labelled rows.
    ///
    /// - Parameters:
    ///   - rows: `[rows, width]`.
    ///   - labels: the class of each row, counted from 0.
    ///   - permutations: how often labels are permuted.
    ///   - seed: draws halves and permutations.
    /// - Throws: ``EvidenceError`` `unusableInputs` for fewer than two classes, a class with fewer than four rows, or numbers
    ///   that are not finite.
    public init(_ rows: Tensor, labels: [Int], permutations: Int = 199, seed: UInt64 = 0) throws {
        let classes = (labels.max() ?? -1) + 1
        let counts = (0..<max(classes, 0)).map { k in labels.count { $0 == k } }
        guard rows.shape.rank == 2, labels.count == rows.rowCount, labels.allSatisfy({ $0 >= 0 }),
            classes >= 2, counts.allSatisfy({ $0 >= 4 }), rows.elements.allSatisfy(\.isFinite)
        else {
            throw EvidenceError(
                .unusableInputs,
                "a shape needs two classes or more with four finite rows each; there are \(labels.count) labels for "
                    + "\(rows.shape) and classes of \(counts)")
        }
        guard permutations >= 19 else {
            throw EvidenceError(.invalidOption, "a shape takes 19 permutations or more, not \(permutations)")
        }
        let cloud = LabelledRows(rows, classes: classes)
        var generator = SeededGenerator(seed: seed, stream: 109)
        let own = cloud.scatter(labels, &generator)
        var better = 0
        for _ in 0..<permutations {
            if cloud.scatter(generator.shuffled(labels), &generator).trace >= own.trace { better += 1 }
        }
        pValue = Double(1 + better) / Double(1 + permutations)
        between = own.trace / cloud.variance
        let eigen = try SymmetricEigen(own.matrix, order: classes)
        let positive = eigen.values.filter { $0 > 0 }.reversed()
        let sum = positive.reduce(0, +)
        shares = positive.map { $0 / sum }
        axes = try cloud.plane(labels)
        points = cloud.coordinates(axes)
        round = classes < 5 ? nil : FeatureShape.round(cloud.means(of: points, labels))
        reducibility = points.count < 100 ? nil : try? Reducibility(points, seed: seed)
        kind =
            if pValue > 0.05 || own.trace <= 0 {
                .nothing
            } else if (shares.first ?? 1) >= FeatureShape.directionShare || classes == 2 {
                .direction
            } else if reducibility.map({ $0.mixture > 0.5 }) ?? false {
                .mixture
            } else if round ?? 0 >= FeatureShape.roundness && reducibility?.isIrreducible ?? false {
                .circle
            } else {
                .subspace
            }
    }

    /// The part of the energy of centred points in the plane that is in their first harmonic, either way round:
    /// `|Σ z_k e^{∓2πik/K}|² / (K Σ |z_k|²)`.
    private static func round(_ means: [[Double]]) -> Double {
        let count = Double(means.count)
        let centre = (0..<2).map { j in means.reduce(0) { $0 + $1[j] } / count }
        // Each axis in its own scale: an ellipse is a circle seen from the side.
        let scale = (0..<2).map { j in
            max(
                (means.reduce(0) { $0 + ($1[j] - centre[j]) * ($1[j] - centre[j]) } / count).squareRoot(),
                1e-30)
        }
        let points = means.map { mean in (0..<2).map { (mean[$0] - centre[$0]) / scale[$0] } }
        let energy = points.reduce(0) { $0 + $1[0] * $1[0] + $1[1] * $1[1] }
        return [1.0, -1.0].map { turn in
            var (real, imaginary) = (0.0, 0.0)
            for (k, point) in points.enumerated() {
                let angle = -turn * 2 * .pi * Double(k) / count
                real += point[0] * cos(angle) - point[1] * sin(angle)
                imaginary += point[0] * sin(angle) + point[1] * cos(angle)
            }
            return (real * real + imaginary * imaginary) / (count * max(energy, 1e-30))
        }.max() ?? 0
    }
}
