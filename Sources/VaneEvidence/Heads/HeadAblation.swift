import VaneConcepts
public import VaneSites
import VaneTensors

/// Takes heads away: their values are set to zero, or to their mean over some texts.
///
/// Zero takes away also what a head writes whatever the text, which later parts count on; the mean leaves
/// that. What a curve shows is the loss of the heads together with all that later parts made of them.
public struct HeadAblation: Sendable {
    /// What stands in a head's place, `[headWidth]` per head.
    public let replacements: [Site: [Float]]

    /// Zeros.
    ///
    /// - Parameter network: the network.
    public static func zero(in network: any SteerableNetwork) -> HeadAblation {
        let layout = network.layout
        let zeros = [Float](repeating: 0, count: layout.headWidth)
        return HeadAblation(
            replacements: Dictionary(
                uniqueKeysWithValues: HeadAblation.heads(of: layout).map { ($0, zeros) }))
    }

    /// Each head's mean over all tokens of `texts`.
    ///
    /// - Parameters:
    ///   - texts: token ids of texts such as those it will be used on.
    ///   - network: the network.
    /// - Throws: ``EvidenceError`` `unusableInputs`; `SiteError`.
    public static func mean(over texts: [[Int]], in network: any SteerableNetwork) throws -> HeadAblation {
        guard !texts.isEmpty else { throw EvidenceError(.unusableInputs, "a mean needs at least one text") }
        let sites = HeadAblation.heads(of: network.layout)
        var sums: [Site: [Double]] = [:]
        var count = 0
        for text in texts {
            let read = try SiteRows(text, at: sites, in: network)
            for (site, rows) in read.rows {
                let sum = Numbers.sum(rows, 0..<rows.rowCount)
                sums[site] = sums[site].map { zip($0, sum).map { $0 + $1 } } ?? sum
            }
            count += text.count
        }
        return HeadAblation(replacements: sums.mapValues { $0.map { Float($0 / Double(count)) } })
    }

    /// Every head of a network, in the order of the forward pass.
    public static func heads(of layout: NetworkLayout) -> [Site] {
        (0..<layout.depth).flatMap { layer in (0..<layout.heads).map { .head(layer: layer, head: $0) } }
    }

    /// Hooks that take some heads away at every token.
    ///
    /// - Throws: ``EvidenceError`` `unusableSite` for a site that is no head of the network.
    public func hooks(removing heads: [Site]) throws -> Hooks {
        var hooks = Hooks()
        for site in heads {
            guard let vector = replacements[site] else {
                throw EvidenceError(.unusableSite, "\(site) is no head of the network")
            }
            hooks.add(PatchEdit(.whole, from: .constant(vector)), at: site)
        }
        return hooks
    }

    /// A point of an ablation curve.
    public struct Point: Sendable, Hashable, Codable {
        /// How many heads were taken away.
        public let heads: Int
        /// What was measured then.
        public let value: Double
    }

    /// What becomes of a measure as more and more heads are taken away.
    ///
    /// - Parameters:
    ///   - order: the heads, the first to go first.
    ///   - counts: how many to take away; 0 is the network as it is.
    ///   - measure: what to measure under the given hooks.
    /// - Returns: one point a count, in their order.
    /// - Throws: ``EvidenceError`` `invalidOption` for a count beyond `order`; errors of `measure`.
    public func curve(
        removing order: [Site], counts: [Int], measure: (Hooks) throws -> Double
    ) throws -> [Point] {
        try counts.map { count in
            guard (0...order.count).contains(count) else {
                throw EvidenceError(.invalidOption, "\(count) of \(order.count) heads cannot be taken away")
            }
            return Point(heads: count, value: try measure(hooks(removing: Array(order.prefix(count)))))
        }
    }
}
