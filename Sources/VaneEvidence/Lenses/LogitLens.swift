import Foundation
public import VaneSites
import VaneTensors

/// The logit lens: what the network would say if it stopped at a site, `softmax(W_U norm_f(h))` (nostalgebraist,
/// 2020; rows 87 and 167).
///
/// At the last block it is the network's own prediction. Early layers do not write in the vocabulary's terms,
/// so what the lens shows there is a hint, not a thought: compare it with another prompt's.
///
/// Ranks with some tokens passed over (row 167) show what stands behind a token that says nothing, such as a
/// filler; sums over token sets (row 87) show in which of several forms a meaning is held.
public struct LogitLens: Sendable {
    /// The sites, in the order of the forward pass.
    public let sites: [Site]
    /// The positions read, counted from 0 in the text.
    public let positions: [Int]
    /// The text.
    public let tokens: [Int]
    /// `[positions, vocabulary]` log-probabilities per site, nats.
    private let scores: [Site: [Float]]
    private let vocabulary: Int

    /// Reads one text.
    ///
    /// - Parameters:
    ///   - tokens: the text's token ids.
    ///   - sites: the embedding and residual streams to read; all if nil.
    ///   - positions: which tokens' states; the last one's if nil. Each takes `sites · vocabulary` numbers.
    ///   - network: the network.
    ///   - edits: what is on meanwhile.
    ///   - tuned: carries each state over into the last one's terms first; none if nil.
    /// - Throws: ``EvidenceError`` `unusableSite` for a site that is no state of the residual stream,
    ///   `invalidOption` for a position outside the text, `unusableInputs`; `SiteError`.
    public init(
        _ tokens: [Int], at sites: [Site]? = nil, positions: [Int]? = nil,
        in network: any InspectableNetwork, under edits: Hooks = Hooks(), through tuned: TunedLens? = nil
    ) throws {
        let layout = network.layout
        let sites = Set(sites ?? [.embedding] + (0..<layout.depth).map(Site.residual)).sorted()
        for site in sites { try LogitLens.requireState(site) }
        let positions = positions ?? [tokens.count - 1]
        guard !tokens.isEmpty else { throw EvidenceError(.unusableInputs, "the text has no tokens") }
        guard positions.allSatisfy(tokens.indices.contains) else {
            throw EvidenceError(
                .invalidOption,
                "positions of a text of \(tokens.count) tokens go from 0 to \(tokens.count - 1)")
        }
        let read = try SiteRows(tokens, at: sites, in: network, under: edits)
        var scores: [Site: [Float]] = [:]
        for (site, states) in read.rows {
            let chosen = try states.gatherRows(positions.map { Int32($0) })
            let carried = try tuned?.translate(chosen, at: site) ?? chosen
            scores[site] = try network.readOut(carried).logSoftmax().elements
        }
        self.sites = sites
        self.positions = positions
        self.tokens = tokens
        self.scores = scores
        vocabulary = layout.vocabulary
    }

    /// - Throws: ``EvidenceError`` `unusableSite` for a site that is no state of the residual stream.
    static func requireState(_ site: Site) throws {
        switch site {
        case .embedding, .residual: return
        default:
            throw EvidenceError(.unusableSite, "a lens reads states of the residual stream, not \(site)")
        }
    }

    /// The log-probability of every token as the next one after `position`, nats; empty for what was not read.
    public func logProbabilities(at site: Site, position: Int) -> [Float] {
        guard let row = positions.firstIndex(of: position), let values = scores[site] else { return [] }
        return Array(values[row * vocabulary..<(row + 1) * vocabulary])
    }

    /// The likeliest tokens at a site, scores being probabilities.
    public func top(
        _ count: Int, at site: Site, position: Int, excluding excluded: Set<Int> = []
    ) -> [ScoredToken] {
        ScoredToken.top(logProbabilities(at: site, position: position), count, excluding: excluded)
            .map { ScoredToken($0.token, score: exp($0.score)) }
    }

    /// The probability of one token in a row of ``logProbabilities(at:position:)``; 0 for one beyond it.
    public static func probability(_ row: [Float], of token: Int) -> Double {
        row.indices.contains(token) ? exp(Double(row[token])) : 0
    }

    /// The rank of a token at each site, 1 for the likeliest, among the tokens that are not excluded; nil for
    /// an excluded token or an unread position.
    public func ranks(of token: Int, position: Int, excluding excluded: Set<Int> = []) -> [Int?] {
        sites.map { site in
            let row = logProbabilities(at: site, position: position)
            guard row.indices.contains(token), !excluded.contains(token) else { return nil }
            return 1 + row.indices.count { row[$0] > row[token] && !excluded.contains($0) }
        }
    }

    /// The probability of any of some tokens at each site.
    public func probabilities(of tokens: [Int], position: Int) -> [Double] {
        let set = Set(tokens)
        return sites.map { site in
            let row = logProbabilities(at: site, position: position)
            return set.sorted().filter(row.indices.contains).reduce(0.0) { $0 + exp(Double(row[$1])) }
        }
    }

    /// The entropy of the prediction at each site, nats.
    public func entropies(position: Int) -> [Double] {
        sites.map { site in
            logProbabilities(at: site, position: position)
                .reduce(0.0) { $0 - exp(Double($1)) * Double($1) }
        }
    }

    /// Token sets without what they share with `other` and with each other: what both hold tells nothing.
    ///
    /// Give several token sets the tokens that begin each form of an answer, with and without a leading
    /// space.
    public static func disjoint(_ sets: [[Int]]) -> [[Int]] {
        sets.enumerated().map { number, set in
            let others = Set(sets.enumerated().filter { $0.offset != number }.flatMap(\.element))
            return Set(set).subtracting(others).sorted()
        }
    }
}
