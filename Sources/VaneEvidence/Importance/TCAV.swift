import Foundation
public import VaneConcepts
public import VaneSites
public import VaneTensors

/// Testing with concept activation vectors (row 2: Kim et al., arXiv 1711.11279): does an output depend on a concept?
///
/// With `g_t` the gradient of an objective at a site for target text t and `v` the unit vector of a probe between concept and
/// random activations, the directional derivative is `S_t = g_t · v` and the TCAV score the part of the texts with `S_t > 0`. The
/// vector is learnt again against many random sets, from one cached pass (`RandomRuns`: ridge regression, a third held out).
///
/// Three tests stand side by side, each two-sided:
///
/// - ``Site/paper``: a t-test of the runs' scores against 0.5, times the number of tests (Bonferroni), as in the paper.
/// - ``Site/reference``: a two-sample t-test of the runs' scores against those of runs between two random sets, as in
///   the authors' code.
/// - ``Site/permutation``: the ``Site/effect``, `ḡ · (μ_concept - μ_random)`, with the labels of all activations permuted. It
///   needs no vector: a unit vector's derivatives are as large for a pseudo-concept where activations vary along one
///   axis most, and its distance to random texts would count what has nothing to do with the gradient.
///
/// The runs of a concept share its examples, so that their scores are not independent draws and both t-tests take chance for an
/// effect: on 500 worlds without a concept, 20 runs each, the first rejected in 53 % and the second in
/// 38 % at a nominal 5 % (`TCAVTests`), the permutation in 3 %; more runs make it worse. It is the one that verdicts use, after Benjamini and Hochberg's
/// correction over the sites.
///
/// A score says nothing of size. ``Site/magnitude`` is the mean and ``Site/spread`` the standard deviation of the derivatives;
/// ``Site/smooth`` replaces the step by `½ (1 + tanh(S / τ))`, τ the root mean square derivative of random runs (the
/// note of row 2: alpha-TCAV), which does not jump where derivatives are near 0.
public struct TCAV: Sendable, Hashable, Codable {
    /// How to test.
    public struct Options: Sendable, Hashable, Codable {
        /// Runs against random sets, and as many between random sets.
        public var runs: Int
        /// Permutations.
        public var permutations: Int
        /// Activations of a random set; as many as the concept has if nil.
        public var randomSize: Int?
        /// The penalty, as a part of the mean variance of an activation.
        public var ridge: Double
        /// How vectors are fitted.
        public var solver: Solver
        /// The level of significance.
        public var level: Double
        /// Seeds all draws.
        public var seed: UInt64

        /// Default options.
        public init(
            runs: Int = 500, permutations: Int = 1999, randomSize: Int? = nil, ridge: Double = 1,
            solver: Solver = .ridge, level: Double = 0.05, seed: UInt64 = 0
        ) {
            self.runs = runs
            self.permutations = permutations
            self.randomSize = randomSize
            self.ridge = ridge
            self.solver = solver
            self.level = level
            self.seed = seed
        }
    }

    /// What a site says.
    public struct Site: Sendable, Hashable, Codable {
        /// Where.
        public let site: VaneSites.Site
        /// The mean score of the runs, with the range that 95 of 100 runs lie in.
        public let score: Estimate
        /// The score of runs between random sets, likewise.
        public let randomScore: Estimate
        /// The smooth score.
        public let smooth: Double
        /// The mean derivative along the unit vector, over texts and runs.
        public let magnitude: Double
        /// The standard deviation of the derivatives.
        public let spread: Double
        /// The mean gradient times the difference of the means of concept and random activations: what the concept changes, to
        /// first order, in units of the objective.
        public let effect: Double
        /// The magnitude that the effects of 95 in 100 permutations stay below.
        public let nullEffect: Double
        /// The mean held-out accuracy of the vectors.
        public let accuracy: Double
        /// The paper's test, after Bonferroni's correction over the sites.
        public let paper: Double
        /// The reference code's test, uncorrected as there.
        public let reference: Double
        /// The permutation's p-value.
        public let permutation: Double
        /// The same after Benjamini and Hochberg's correction over the sites.
        public internal(set) var qValue: Double
    }

    /// One result a site, in the order of the forward pass.
    public let sites: [Site]
    /// Target texts.
    public let texts: Int
    /// Concept activations.
    public let concept: Int
    /// Random activations.
    public let random: Int
    /// The options.
    public let options: Options

    /// The sites at which the concept matters by the permutation, after correction.
    public var significant: [Site] { sites.filter { $0.qValue <= options.level } }

    /// Tests.
    ///
    /// - Parameters:
    ///   - gradients: the objective's gradient for each target text, `[texts, width]` a site; see ``OutputGradients``.
    ///   - concept: activations of the concept's examples, `[examples, width]` a site.
    ///   - random: activations to draw random sets from, `[rows, width]` a site; or another concept's, for a relative vector.
    ///   - options: how to test.
    ///   - progress: called with the part of the work done, 0...1.
    /// - Throws: ``EvidenceError`` `unusableInputs` for fewer than 6 examples, fewer than twice as many random rows as a random set
    ///   takes, no texts, different widths, or values that are not finite; `invalidOption`.
    public init(
        gradients: [VaneSites.Site: Tensor], concept: [VaneSites.Site: Tensor],
        random: [VaneSites.Site: Tensor], options: Options = Options(),
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws {
        guard options.runs >= 2, options.permutations >= 1, options.ridge > 0,
            options.level > 0, options.level < 1
        else {
            throw EvidenceError(
                .invalidOption,
                "TCAV takes at least 2 runs, 1 permutation, a positive penalty and a level between 0 and 1"
            )
        }
        let places = gradients.keys.sorted()
        guard let first = places.first, let firstGradients = gradients[first],
            let firstConcept = concept[first],
            let firstRandom = random[first]
        else { throw EvidenceError(.unusableInputs, "there is no site with gradients and activations") }
        texts = firstGradients.rowCount
        self.concept = firstConcept.rowCount
        self.random = firstRandom.rowCount
        self.options = options
        var sites: [Site] = []
        for (number, place) in places.enumerated() {
            guard let slopes = gradients[place], let shown = concept[place], let others = random[place] else {
                throw EvidenceError(.unusableInputs, "there are no activations at \(place)")
            }
            let size = options.randomSize ?? shown.rowCount
            guard slopes.rowCount > 0, shown.rowCount >= 6, size >= 6, others.rowCount >= 2 * size,
                shown.width == slopes.width, others.width == slopes.width,
                [slopes, shown, others].allSatisfy({ $0.elements.allSatisfy(\.isFinite) })
            else {
                throw EvidenceError(
                    .unusableInputs,
                    "TCAV at \(place) takes gradients of at least one text, 6 concept examples and \(2 * max(size, 6)) random ones of "
                        + "one width, all finite; there are \(slopes.rowCount), \(shown.rowCount) and \(others.rowCount)"
                )
            }
            let runs = try RandomRuns(concept: shown, pool: others, gradients: slopes, options: options)
            sites.append(
                try TCAV.site(place, runs, size, options, tests: places.count, number: number) { part in
                    progress?((Double(number) + part) / Double(places.count))
                })
        }
        let corrected = Statistics.benjaminiHochberg(sites.map(\.permutation))
        for number in sites.indices { sites[number].qValue = corrected[number] }
        self.sites = sites
    }

    private static func site(
        _ place: VaneSites.Site, _ runs: RandomRuns, _ size: Int, _ options: Options, tests: Int, number: Int,
        progress: @Sendable (Double) -> Void
    ) throws -> Site {
        let concept = Array(0..<runs.concept)
        let pool = Array(runs.concept..<runs.concept + runs.pool)
        @Sendable func stream(_ kind: Int, _ index: Int) -> SeededGenerator {
            SeededGenerator(seed: options.seed, stream: UInt64(730 + ((number * 3 + kind) << 32) + index))
        }
        let own = try Array(0..<options.runs).parallelMap { index in
            var generator = stream(0, index)
            let others = Array(generator.shuffled(pool).prefix(size))
            return try runs.run(concept, against: others, &generator)
        }
        progress(0.3)
        let random = try Array(0..<options.runs).parallelMap { index in
            var generator = stream(1, index)
            let order = generator.shuffled(pool)
            // Two random sets that share nothing, as large as concept and random set.
            let first = Array(order.prefix(min(concept.count, pool.count - size)))
            return try runs.run(first, against: Array(order.dropFirst(first.count).prefix(size)), &generator)
        }
        progress(0.6)
        let reaches = runs.reaches
        let total = reaches.reduce(0, +)
        func effect(_ set: some Sequence<Double>) -> Double {
            let own = set.reduce(0, +)
            return own / Double(concept.count) - (total - own) / Double(pool.count)
        }
        let observed = effect(reaches.prefix(concept.count))
        var generator = stream(2, 0)
        let null = (0..<options.permutations).map { _ in
            effect(generator.shuffled(reaches).prefix(concept.count))
        }
        progress(1)
        let derivatives = own.flatMap(\.derivatives)
        let mean = derivatives.reduce(0, +) / Double(derivatives.count)
        let variance =
            derivatives.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(derivatives.count)
        let typical = random.flatMap(\.derivatives)
        let scale = max(
            (typical.reduce(0) { $0 + $1 * $1 } / Double(typical.count)).squareRoot(), .leastNormalMagnitude)
        let scores = own.map(\.score)
        let randomScores = random.map(\.score)
        // Ties that only rounding tells apart count as ties.
        let asLarge = null.count { abs($0) >= abs(observed) * (1 - 1e-9) }
        return Site(
            site: place, score: range(scores), randomScore: range(randomScores),
            smooth: derivatives.reduce(0) { $0 + 0.5 * (1 + tanh($1 / scale)) } / Double(derivatives.count),
            magnitude: mean, spread: variance.squareRoot(),
            effect: observed, nullEffect: Statistics.quantile(null.map(abs), 0.95),
            accuracy: own.reduce(0) { $0 + $1.accuracy } / Double(own.count),
            paper: min(1, (Statistics.oneSampleT(scores, mean: 0.5)?.pValue ?? 1) * Double(tests)),
            reference: Statistics.twoSampleT(scores, randomScores)?.pValue ?? 1,
            permutation: Double(1 + asLarge) / Double(1 + null.count), qValue: 1)
    }

    private static func range(_ values: [Double]) -> Estimate {
        Estimate(
            value: values.reduce(0, +) / Double(max(values.count, 1)),
            low: Statistics.quantile(values, 0.025), high: Statistics.quantile(values, 0.975))
    }
}
