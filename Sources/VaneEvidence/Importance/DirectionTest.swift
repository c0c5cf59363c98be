public import VaneConcepts
public import VaneSites
public import VaneTensors

/// Whether an output depends on directions that are given, such as a concept file's, more than on directions
/// between random texts: TCAV without examples of the concept.
///
/// There is nothing to refit and no label to shuffle. The null is `runs` vectors, each fitted between two
/// random sets that share nothing; the p-value is the share of them whose mean derivative over the texts is
/// as large. So it asks less than ``TCAV``'s permutation: a direction with another law than the random ones
/// is compared with them all the same. Fit them as the direction was (``TCAV/Solver``): differences of means
/// lie where activations vary most, regressions where they vary little. On 300 worlds without a
/// concept, the given direction of the same law as the random ones, it rejected in 6.0% (95% interval 3.8 to 9.3)
/// at the level 5% (`DirectionTestTests`).
public struct DirectionTest: Sendable, Hashable, Codable {
    /// Where.
    public let site: Site
    /// The share of the texts with a positive derivative; 95% Wilson interval.
    public let score: Estimate
    /// The mean derivative along the unit direction over the texts, units of the objective per unit of
    /// activation.
    public let magnitude: Double
    /// The standard deviation of the derivatives.
    public let spread: Double
    /// The magnitude that 95 of 100 random vectors stay below.
    public let nullMagnitude: Double
    /// The share of random vectors with as large a mean derivative.
    public let pValue: Double
    /// The same after Benjamini and Hochberg's correction over the sites.
    public internal(set) var qValue: Double

    /// Tests directions at all sites that have one.
    ///
    /// - Parameters:
    ///   - directions: one a site, of any length above 0.
    ///   - gradients: the objective's gradient for each text, `[texts, width]` a site; see
    ///     ``OutputGradients``.
    ///   - random: activations to draw random sets from, `[rows, width]` a site.
    ///   - options: how to test; permutations play no part. A random set takes `randomSize` rows, half of
    ///     those there are if nil.
    ///   - progress: called with the part of the work done, 0...1.
    /// - Returns: one result a site, in the order of the forward pass.
    /// - Throws: ``EvidenceError`` `invalidOption`; `unusableSite` for directions without length or of
    ///   another width than the gradients, or none at a site with gradients; `unusableInputs` for fewer than
    ///   12 random rows, no texts, or values that are not finite.
    public static func run(
        _ directions: [Site: [Float]], gradients: [Site: Tensor], random: [Site: Tensor],
        options: TCAV.Options = TCAV.Options(), progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> [DirectionTest] {
        guard options.runs >= 2, options.ridge > 0 else {
            throw EvidenceError(.invalidOption, "a test takes at least 2 runs and a positive penalty")
        }
        let sites = gradients.keys.filter { directions[$0] != nil }.sorted()
        guard !sites.isEmpty else {
            throw EvidenceError(.unusableSite, "there is no site with both a direction and gradients")
        }
        var results: [DirectionTest] = []
        for (number, site) in sites.enumerated() {
            guard let direction = directions[site], let slopes = gradients[site], let rows = random[site]
            else {
                throw EvidenceError(.unusableInputs, "there are no random activations at \(site)")
            }
            results.append(try result(site, direction, slopes, rows, options, number))
            progress?(Double(number + 1) / Double(sites.count))
        }
        let corrected = Statistics.benjaminiHochberg(results.map(\.pValue))
        for number in results.indices { results[number].qValue = corrected[number] }
        return results
    }

    private static func result(
        _ site: Site, _ direction: [Float], _ slopes: Tensor, _ rows: Tensor, _ options: TCAV.Options,
        _ number: Int
    ) throws -> DirectionTest {
        guard slopes.shape.rank == 2, slopes.width == direction.count,
            let unit = Numbers.unit(direction.map(Double.init))
        else {
            throw EvidenceError(
                .unusableSite,
                "at \(site) the direction has \(direction.count) entries and the gradients are \(slopes.shape); "
                    + "expected a direction of some length and [texts, width]")
        }
        let count = rows.shape.rank == 2 ? rows.rowCount : 0
        let size = options.randomSize ?? count / 2
        guard slopes.rowCount > 0, rows.width == slopes.width, count >= 12, size >= 6, 2 * size <= count,
            rows.elements.allSatisfy(\.isFinite), slopes.elements.allSatisfy(\.isFinite)
        else {
            throw EvidenceError(
                .unusableInputs,
                "at \(site) there are gradients of \(slopes.rowCount) texts and random activations \(rows.shape); at least 1 and "
                    + "12 are needed, of one width, finite, and two random sets of \(size)")
        }
        let runs = try RandomRuns(
            concept: Tensor(zeros: [0, rows.width]), pool: rows, gradients: slopes, options: options)
        let null = try Array(0..<options.runs).parallelMap { index in
            var generator = SeededGenerator(
                seed: options.seed, stream: UInt64(4000 + (number << 32) + index))
            let order = generator.shuffled(0..<count)
            let run = try runs.run(
                Array(order.prefix(size)), against: Array(order.dropFirst(size).prefix(size)), &generator)
            return abs(run.derivatives.reduce(0, +) / Double(slopes.rowCount))
        }
        let values = slopes.contiguous().elements
        let derivatives = (0..<slopes.rowCount).map { text in
            Numbers.dot(values[text * unit.count..<(text + 1) * unit.count], unit)
        }
        let texts = Double(derivatives.count)
        let mean = derivatives.reduce(0, +) / texts
        let reached = null.count { $0 >= abs(mean) }
        return DirectionTest(
            site: site,
            score: Statistics.wilson(successes: derivatives.count { $0 > 0 }, of: derivatives.count),
            magnitude: mean,
            spread: (derivatives.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / texts).squareRoot(),
            nullMagnitude: Statistics.quantile(null, 0.95),
            pValue: Double(1 + reached) / Double(1 + null.count), qValue: 1)
    }
}
