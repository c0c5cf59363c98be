import Foundation
public import VaneSites
import VaneTensors

/// The way of one token's state through the layers: the nearest token at each and how far it turned (row 187,
/// arXiv 2308.10874; a view, not a test).
///
/// Nearest is by the cosine with the unembedding's rows (times the final norm's factors), so that frequent
/// tokens with long rows do not win everywhere as they do in the logit lens. Where it disagrees with the
/// prediction at the last layer, the rows' lengths or the norm's own summand decided.
public struct StateTrajectory: Sendable {
    /// One layer.
    public struct Step: Sendable, Hashable {
        /// Where.
        public let site: Site
        /// The nearest tokens, scores being cosines.
        public let nearest: [ScoredToken]
        /// The angle to the state before, degrees; nil for the first.
        public let turn: Double?
        /// The state's Euclidean length.
        public let norm: Double
        /// Its token energy; see ``TokenEnergy``.
        public let energy: Double
    }

    /// The steps, in the order of the forward pass.
    public let steps: [Step]

    /// Follows one position of a text.
    ///
    /// - Parameters:
    ///   - tokens: the text's token ids.
    ///   - position: which token; the last if nil.
    ///   - count: how many tokens to name at each layer.
    ///   - network: the network.
    /// - Throws: ``EvidenceError`` `invalidOption`, `unusableInputs`, `unsupportedNetwork`; `SiteError`.
    public init(
        _ tokens: [Int], position: Int? = nil, naming count: Int = 1, in network: any ReadableNetwork
    ) throws {
        let position = position ?? tokens.count - 1
        guard tokens.isEmpty || tokens.indices.contains(position) else {
            throw EvidenceError(
                .invalidOption, "position \(position) is outside a text of \(tokens.count) tokens")
        }
        let sites = [.embedding] + (0..<network.layout.depth).map(Site.residual)
        let read = try SiteRows(tokens, at: sites, in: network)
        let parts = try Unembedding(network)
        let unit = try parts.unitRows()
        let energy = try TokenEnergy(unitRows: unit, isCentred: parts.bias != nil)
        let columns = try unit.transposed()
        var before: [Double]?
        var steps: [Step] = []
        for site in sites {
            guard let states = read.rows[site] else { continue }
            let row = try states.rows(position..<position + 1).copied().elements
            let state = parts.centred(row.map(Double.init))
            let length = state.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let direction = state.map { $0 / max(length, 1e-30) }
            let cosines = try Tensor(direction.map { Float($0) }, shape: [1, row.count]).matmul(columns)
            let turn = before.map { before in
                acos(min(1, max(-1, zip(before, direction).reduce(0) { $0 + $1.0 * $1.1 }))) * 180 / .pi
            }
            steps.append(
                Step(
                    site: site, nearest: ScoredToken.top(cosines.elements, count), turn: turn, norm: length,
                    energy: energy.energy(of: row)))
            before = direction
        }
        self.steps = steps
    }
}
