import Foundation
public import VaneConcepts
public import VaneSites
import VaneTensors

/// Tests the claim that a part of the states represents a concept (row 130: Rigorously Assessing Natural Language
/// Explanations of Neurons, arXiv 2309.10312), for neurons, directions and whole sites.
///
/// *Observational*: does the part fire where the concept is and only there? A text's activation is the largest value
/// over its tokens of the entries' sum or of the direction's coordinate, or the mean for directions that were learnt from means of
/// texts; the threshold with the best F1 on one half of
/// the texts classifies the other half. Type I errors are texts without the concept on which it fires, type II
/// errors texts with it on which it is silent.
///
/// *Interventional*: does it carry the concept's effect? For pairs of a base and a source that differ in the concept, so that the
/// objective has different signs, the source's part is put in the place of the base's at the last token (an interchange
/// intervention). Success is an objective with the sign that it has on the source. Beside it random parts of the
/// same number and the whole site.
///
/// A part can do well at the first and fail the second: then it knows of the concept and nothing uses it.
public struct UnitClaim: Sendable, Hashable {
    /// The classification of held-out texts.
    public struct Observation: Sendable, Hashable, Codable {
        /// The activation above which it fires.
        public let threshold: Double
        /// Part of the texts on which it fires that show the concept.
        public let precision: Double
        /// Part of the texts that show the concept on which it fires.
        public let recall: Double
        /// Texts without the concept on which it fires, as a part of all texts without it.
        public let typeI: Double
        /// Texts with the concept on which it is silent, as a part of all texts with it.
        public let typeII: Double
        /// Held-out texts.
        public let texts: Int
        /// The harmonic mean of precision and recall.
        public var f1: Double {
            precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
        }
    }

    /// The interchange interventions.
    public struct Intervention: Sendable, Hashable {
        /// Part of the pairs with success, 95% Wilson interval.
        public let success: Estimate
        /// The same of each random part.
        public let random: [Double]
        /// The same of the whole state: the most that the site can do.
        public let whole: Double
    }

    /// A base and a source.
    public struct Pair: Sendable, Hashable {
        /// Token ids of the text whose state is patched.
        public let base: [Int]
        /// Token ids of the text that the patch comes from.
        public let source: [Int]

        /// A pair.
        public init(base: [Int], source: [Int]) {
            self.base = base
            self.source = source
        }
    }

    /// What of a part's values at a text's tokens counts as its activation.
    public enum Reading: String, Sendable, Hashable, Codable, CaseIterable {
        /// The largest: a neuron fires at a token.
        case largest
        /// The mean: a direction that is spread over a text.
        case mean
    }

    /// What the part says.
    public let observation: Observation
    /// What the part does; nil without pairs.
    public let intervention: Intervention?

    /// Tests a claim.
    ///
    /// - Parameters:
    ///   - part: entries or a direction; not the whole state.
    ///   - site: where.
    ///   - positive: token ids of texts with the concept.
    ///   - negative: token ids of texts without it.
    ///   - pairs: bases and sources whose objectives differ in sign; others are left out.
    ///   - objective: a number whose sign depends on the concept; without it nothing is intervened on.
    ///   - reading: what counts as a text's activation.
    ///   - randomParts: how many random parts to compare with.
    ///   - seed: seeds the halves and the draws.
    ///   - network: the network.
    /// - Throws: ``EvidenceError`` `unusableInputs` for fewer than 4 texts a class, or pairs none of which differ in sign;
    ///   `invalidOption`; `SiteError`.
    public init(
        that part: StatePart, at site: Site, represents positive: [[Int]], against negative: [[Int]],
        pairs: [Pair] = [], objective: Objective? = nil, reading: Reading = .largest, randomParts: Int = 19,
        seed: UInt64 = 0, in network: any SteerableNetwork
    ) throws {
        guard part != .whole else {
            throw EvidenceError(.invalidOption, "a claim is about entries or a direction, not a whole state")
        }
        guard positive.count >= 4, negative.count >= 4 else {
            throw EvidenceError(
                .unusableInputs,
                "a claim is tested on at least 4 texts a class, not \(positive.count) and \(negative.count)")
        }
        try ObjectiveRuns.require(positive + negative, "texts")
        let width = try network.layout.width(of: site)
        try part.check(width: width, at: site)
        var generator = SeededGenerator(seed: seed, stream: 710)
        func activations(_ texts: [[Int]]) throws -> [Double] {
            try SiteRows.rows(of: texts, at: site, in: network).map { rows in
                let values = rows.map(part.activation)
                return switch reading {
                case .largest: values.max() ?? -.infinity
                case .mean: values.reduce(0, +) / Double(max(values.count, 1))
                }
            }
        }
        let (shown, hidden) = (
            generator.shuffled(try activations(positive)), generator.shuffled(try activations(negative))
        )
        observation = Self.observe(shown, hidden)
        guard let objective, !pairs.isEmpty else {
            intervention = nil
            return
        }
        intervention = try Self.intervene(
            part, site, pairs, try ObjectiveRuns(objective, in: network), width, randomParts, &generator)
    }

    private static func observe(_ shown: [Double], _ hidden: [Double]) -> Observation {
        let (firstShown, firstHidden) = (shown.prefix(shown.count / 2), hidden.prefix(hidden.count / 2))
        func f1(_ threshold: Double) -> Double {
            let right = Double(firstShown.count { $0 > threshold })
            let wrong = Double(firstHidden.count { $0 > threshold })
            return right > 0 ? 2 * right / (right + wrong + Double(firstShown.count)) : 0
        }
        let values = Set(firstShown + firstHidden).sorted()
        // Between neighbours, so that a threshold is no text's own value.
        let thresholds =
            values.prefix(1).map { $0 - 1 } + zip(values, values.dropFirst()).map { ($0 + $1) / 2 }
        let threshold = thresholds.max { f1($0) < f1($1) } ?? 0
        let (restShown, restHidden) = (
            shown.dropFirst(firstShown.count), hidden.dropFirst(firstHidden.count)
        )
        let hits = Double(restShown.count { $0 > threshold })
        let alarms = Double(restHidden.count { $0 > threshold })
        return Observation(
            threshold: threshold, precision: hits + alarms > 0 ? hits / (hits + alarms) : 0,
            recall: hits / Double(restShown.count), typeI: alarms / Double(restHidden.count),
            typeII: 1 - hits / Double(restShown.count), texts: restShown.count + restHidden.count)
    }

    private static func intervene(
        _ part: StatePart, _ site: Site, _ pairs: [Pair], _ runs: ObjectiveRuns, _ width: Int,
        _ randomParts: Int, _ generator: inout SeededGenerator
    ) throws -> Intervention {
        try ObjectiveRuns.require(pairs.flatMap { [$0.base, $0.source] }, "pairs' texts")
        let bases = try runs.values(of: pairs.map(\.base))
        let sources = try runs.values(of: pairs.map(\.source))
        let usable = pairs.indices.filter { (bases[$0] > 0) != (sources[$0] > 0) }
        guard !usable.isEmpty else {
            throw EvidenceError(
                .unusableInputs, "the objective has the same sign on base and source of every pair")
        }
        let states = try SiteRows.rows(of: usable.map { pairs[$0].source }, at: site, in: runs.network)
            .map { $0.last ?? [] }
        func successes(_ part: StatePart) throws -> Int {
            let edited = zip(usable, states).map { number, state in
                let base = pairs[number].base
                var hooks = Hooks()
                hooks.add(
                    PatchEdit(part, from: .constant(state), at: base.count - 1..<base.count), at: site)
                return (tokens: base, hooks: hooks)
            }
            return zip(try runs.values(edited), usable).count { ($0 > 0) == (sources[$1] > 0) }
        }
        let own = try successes(part)
        var random: [Double] = []
        for _ in 0..<max(0, randomParts) {
            let other = part.random(width: width, by: &generator)
            random.append(Double(try successes(other)) / Double(usable.count))
        }
        return Intervention(
            success: Statistics.wilson(successes: own, of: usable.count), random: random,
            whole: Double(try successes(.whole)) / Double(usable.count))
    }
}

extension StatePart {
    /// The sum of the entries, or the coordinate along the direction.
    func activation(_ row: [Float]) -> Double {
        switch self {
        case .whole: row.reduce(0) { $0 + Double($1) }
        case .entries(let entries): entries.reduce(0) { $0 + Double(row[$1]) }
        case .direction(let direction): zip(direction, row).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
    }
}
