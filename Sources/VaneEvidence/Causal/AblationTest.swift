public import VaneConcepts
public import VaneSites
import VaneTensors

/// What happens to an objective when a part of the states is taken out, beside random parts that are moved as far.
///
/// The part of every state at the site (or at the last position alone) is replaced by 0, by its mean over reference
/// texts, or by that of another reference text's last state. `effect = m(ablated) - m(plain)`, averaged over texts. Zero
/// takes the state where the network never was; mean and resampled values do not.
///
/// Beside it: random parts of the same kind and number, along which states move by as much as the real replacement
/// moves them, and the whole state replaced in the same way: a yardstick, not a bound, as the rest of the state may push the
/// other way.
///
///     p = (1 + #{random parts with |effect| at least as large}) / (1 + random parts)
public struct AblationTest: Sendable, Hashable {
    /// What takes the part's place.
    public enum Filling: String, Sendable, Hashable, Codable, CaseIterable {
        /// Zero.
        case zero
        /// The mean over all tokens of the reference texts.
        case mean
        /// The last state of a reference text drawn for each text.
        case resample
    }

    /// The mean objective of the texts as they are.
    public let plain: Double
    /// The mean change, with a 95% bootstrap interval over the texts.
    public let effect: Estimate
    /// The mean change of each random part.
    public let random: [Double]
    /// The mean change when the whole state is replaced.
    public let whole: Double
    /// How often a random part does as much, by chance.
    public var pValue: Double {
        let asLarge = random.count { abs($0) >= abs(effect.value) }
        return Double(1 + asLarge) / Double(1 + random.count)
    }

    init(plain: Double, effect: Estimate, random: [Double], whole: Double) {
        self.plain = plain
        self.effect = effect
        self.random = random
        self.whole = whole
    }

    /// Ablates.
    ///
    /// - Parameters:
    ///   - part: what is taken out.
    ///   - site: where.
    ///   - texts: token ids of the texts to measure on.
    ///   - objective: what is measured after each text's last token.
    ///   - filling: what takes its place.
    ///   - reference: texts that the filling comes from; `texts` if empty.
    ///   - onlyLast: whether only the last position is edited.
    ///   - randomParts: how many random parts to compare with.
    ///   - seed: seeds the draws and the interval.
    ///   - network: the network.
    ///   - progress: called with the number of finished conditions and their total.
    /// - Throws: ``EvidenceError`` `unusableInputs`, `invalidOption`; `SiteError`.
    public init(
        of part: StatePart, at site: Site, on texts: [[Int]], objective: Objective, filling: Filling = .mean,
        reference: [[Int]] = [], onlyLast: Bool = false, randomParts: Int = 19, seed: UInt64 = 0,
        in network: any SteerableNetwork, progress: ((Int, Int) -> Void)? = nil
    ) throws {
        try ObjectiveRuns.require(texts, "texts")
        guard randomParts >= 0 else {
            throw EvidenceError(.invalidOption, "the number of random parts is not negative: \(randomParts)")
        }
        let width = try network.layout.width(of: site)
        try part.check(width: width, at: site)
        let runs = try ObjectiveRuns(objective, in: network)
        let plain = try runs.values(of: texts)
        var generator = SeededGenerator(seed: seed, stream: 700)
        let fillings = try Self.fillings(
            filling, for: texts.count, from: reference.isEmpty ? texts : reference, at: site, runs, &generator
        )
        func change(_ part: StatePart, asFarAs measured: StatePart? = nil) throws -> [Double] {
            let edited = texts.enumerated().map { number, text in
                var hooks = Hooks()
                let positions = onlyLast ? text.count - 1..<text.count : 0..<Int.max
                hooks.add(
                    PatchEdit(part, from: .constant(fillings[number]), at: positions, asFarAs: measured),
                    at: site)
                return (tokens: text, hooks: hooks)
            }
            return zip(try runs.values(edited), plain).map { $0 - $1 }
        }
        let total = randomParts + 2
        let changes = try change(part)
        progress?(1, total)
        var random: [Double] = []
        for number in 0..<randomParts {
            let other = part.random(width: width, by: &generator)
            let far = try change(other, asFarAs: part)
            random.append(far.reduce(0, +) / Double(far.count))
            progress?(number + 2, total)
        }
        let whole = try change(.whole)
        progress?(total, total)
        self.plain = plain.reduce(0, +) / Double(plain.count)
        effect = Statistics.pairedBootstrap(changes, resamples: 1000, generator: &generator)
        self.random = random
        self.whole = whole.reduce(0, +) / Double(whole.count)
    }

    /// What takes the part's place in each text.
    private static func fillings(
        _ filling: Filling, for count: Int, from reference: [[Int]], at site: Site, _ runs: ObjectiveRuns,
        _ generator: inout SeededGenerator
    ) throws -> [[Float]] {
        try ObjectiveRuns.require(reference, "reference texts")
        let width = try runs.network.layout.width(of: site)
        switch filling {
        case .zero: return [[Float]](repeating: [Float](repeating: 0, count: width), count: count)
        case .mean:
            var sum = [Double](repeating: 0, count: width)
            var rows = 0
            for row in try SiteRows.rows(of: reference, at: site, in: runs.network).joined() {
                for j in sum.indices { sum[j] += Double(row[j]) }
                rows += 1
            }
            let mean = sum.map { Float($0 / Double(max(rows, 1))) }
            return [[Float]](repeating: mean, count: count)
        case .resample:
            let last = try SiteRows.rows(of: reference, at: site, in: runs.network).map { $0.last ?? [] }
            return (0..<count).map { _ in last[generator.integer(below: last.count)] }
        }
    }
}
