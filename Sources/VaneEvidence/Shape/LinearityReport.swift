import VaneConcepts
import VaneTensors

/// Whether a concept is one direction across the pairs that differ in it alone (row 50: On the Origins of Linear Representations in
/// Large Language Models, arXiv 2403.03867).
///
/// For pairs of states (or of unembedding rows) that differ in the concept and in nothing else, `d_i = h_i(with) - h_i(without)`.
/// ``within`` is the mean cosine of `d_i` and `d_j`; the null pairs each `with` with another's `without`, so that what the sides
/// differ in on average stays and what belongs to a pair is lost: where the cosine is no higher than there, the pairs tell no more
/// than their averages. ``across`` holds the cosine of the mean difference with those of other concepts.
public struct LinearityReport: Sendable, Hashable, Codable {
    /// The mean cosine of two pairs' differences.
    public let within: Double
    /// The mean of the same over shuffled pairs.
    public let shuffled: Double
    /// The part of the shuffles with a mean cosine as high.
    public let pValue: Double
    /// Pairs.
    public let pairs: Int
    /// The cosine of the mean difference with another one, such as that of the unembedding; nil if none was given.
    public let alignment: Double?
    /// The cosines with the mean differences of other concepts.
    public let across: [Double]

    /// Whether the pairs share a direction more than shuffled ones do, at p < 0.01.
    public var isLinear: Bool { pValue < 0.01 && within > shuffled }

    /// Compares pairs.
    ///
    /// - Parameters:
    ///   - with: states with the concept, `[pairs][width]`.
    ///   - without: their counterparts without it.
    ///   - reference: a difference that the mean should be along, such as that of the unembedding rows.
    ///   - others: mean differences of other concepts.
    ///   - shuffles: how many null pairings.
    ///   - seed: draws them.
    /// - Throws: ``EvidenceError`` `unusableInputs` for fewer than five pairs, different numbers or widths, or pairs that do not
    ///   differ.
    public init(
        with: [[Float]], without: [[Float]], reference: [Float]? = nil, others: [[Float]] = [],
        shuffles: Int = 199, seed: UInt64 = 0
    ) throws {
        let width = with.first?.count ?? 0
        guard with.count >= 5, with.count == without.count, width > 0,
            (with + without + others + (reference.map { [$0] } ?? [])).allSatisfy({
                $0.count == width && $0.allSatisfy(\.isFinite)
            })
        else {
            throw EvidenceError(
                .unusableInputs,
                "linearity needs five pairs or more of finite states of one width; there are \(with.count) and \(without.count)"
            )
        }
        guard shuffles >= 99 else {
            throw EvidenceError(.invalidOption, "linearity takes 99 shuffles or more, not \(shuffles)")
        }
        func differences(_ order: [Int]) -> [[Double]] {
            order.enumerated().map { place, other in
                zip(with[place], without[other]).map { Double($0) - Double($1) }
            }
        }
        let own = differences(Array(with.indices))
        guard own.allSatisfy({ Numbers.norm($0) > 0 }) else {
            throw EvidenceError(.unusableInputs, "a pair has two states that do not differ")
        }
        var generator = SeededGenerator(seed: seed, stream: 50)
        within = LinearityReport.meanCosine(own)
        let null = (0..<shuffles).map { _ in
            LinearityReport.meanCosine(differences(generator.shuffled(with.indices)))
        }
        shuffled = null.reduce(0, +) / Double(shuffles)
        let level = within
        pValue = Double(1 + null.count { $0 >= level }) / Double(1 + shuffles)
        pairs = with.count
        let mean = (0..<width).map { j in own.reduce(0) { $0 + $1[j] } / Double(own.count) }
        func cosine(_ vector: [Float]) -> Double {
            let product = zip(mean, vector).reduce(0) { $0 + $1.0 * Double($1.1) }
            return product / max(Numbers.norm(mean) * Numbers.norm(vector.map(Double.init)), 1e-30)
        }
        alignment = reference.map(cosine)
        across = others.map(cosine)
    }

    /// The mean cosine of two different vectors: `(‖Σ u‖² - n) / (n² - n)` for unit vectors u.
    private static func meanCosine(_ vectors: [[Double]]) -> Double {
        let units = vectors.map { vector in
            let norm = max(Numbers.norm(vector), 1e-30)
            return vector.map { $0 / norm }
        }
        let count = Double(units.count)
        let sum = (0..<(units.first?.count ?? 0)).map { j in units.reduce(0) { $0 + $1[j] } }
        let square = sum.reduce(0) { $0 + $1 * $1 }
        return (square - count) / (count * count - count)
    }
}
