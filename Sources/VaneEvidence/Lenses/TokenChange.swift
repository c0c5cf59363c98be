import Foundation
import VaneConcepts
public import VaneSites
import VaneTensors

/// What a direction makes the network say: TokenChange of row 51 (Gur-Arieh et al., arXiv 2501.08319).
///
/// The direction is added at a site to every token of some texts; the logits (log-probabilities, so that what
/// moves all tokens alike does not count) change by so much on average over all tokens. The paper sets a
/// feature to a value of 10; here the size is found by halving so that the predictions differ by as much as
/// asked, `mean KL(unsteered ‖ steered)`, which makes sites and models comparable.
public struct TokenChange: Sendable {
    /// The mean change of each token's log-probability, nats.
    public let changes: [Float]
    /// The size added, in units of the activations: `size · v/‖v‖`; negative when it is taken away.
    public let size: Double
    /// The mean divergence that it causes, nats a token.
    public let divergence: Double

    /// Adds a direction of a given size.
    ///
    /// - Parameters:
    ///   - direction: as wide as the site.
    ///   - size: how long the added vector is; negative for the opposite direction.
    ///   - site: where.
    ///   - texts: token ids; the paper takes 32 texts of a corpus.
    ///   - network: the network.
    /// - Throws: ``EvidenceError`` `invalidOption`, `unusableInputs`; `SiteError`.
    public init(
        adding direction: [Float], size: Double, at site: Site, to texts: [[Int]],
        in network: any SteerableNetwork
    ) throws {
        let calm = try CalmPredictions(texts, in: network)
        try self.init(adding: direction, size: size, at: site, to: calm, in: network)
    }

    /// Adds a direction so that predictions differ by `divergence`.
    ///
    /// - Parameters:
    ///   - direction: as wide as the site.
    ///   - divergence: the mean divergence to reach, nats a token; the paper takes 0.25 and 0.5.
    ///   - reversed: whether to take the direction away.
    ///   - site: where.
    ///   - texts: token ids.
    ///   - network: the network.
    ///   - tolerance: how far the divergence may be off, as a part of the one asked for.
    ///   - progress: called with the number of sizes tried; about ten are.
    /// - Throws: ``EvidenceError`` `unusableSite` when no size reaches the divergence; `invalidOption`,
    ///   `unusableInputs`; `SiteError`.
    public init(
        adding direction: [Float], divergence: Double, reversed: Bool = false, at site: Site,
        to texts: [[Int]], in network: any SteerableNetwork, tolerance: Double = 0.1,
        progress: ((Int) -> Void)? = nil
    ) throws {
        guard divergence > 0, divergence.isFinite, tolerance > 0 else {
            throw EvidenceError(.invalidOption, "a divergence and its tolerance are numbers above 0")
        }
        let calm = try CalmPredictions(texts, in: network)
        let sign = reversed ? -1.0 : 1.0
        var (low, high) = (0.0, Double.infinity)
        var size = 1.0
        for trial in 0..<40 {
            let change = try TokenChange(
                adding: direction, size: sign * size, at: site, to: calm, in: network)
            progress?(trial + 1)
            if abs(change.divergence - divergence) <= tolerance * divergence {
                self = change
                return
            }
            if change.divergence < divergence { low = size } else { high = size }
            guard size < 1e9 else { break }
            size = high.isFinite ? (low + high) / 2 : 2 * size
        }
        throw EvidenceError(
            .unusableSite,
            "no size of the direction at \(site) changes the predictions by \(divergence) nats a token")
    }

    private init(
        adding direction: [Float], size: Double, at site: Site, to calm: CalmPredictions,
        in network: any SteerableNetwork
    ) throws {
        let width = try network.layout.width(of: site)
        guard direction.count == width, size.isFinite, let unit = Numbers.unit(direction.map(Double.init))
        else {
            throw EvidenceError(
                .invalidOption, "a direction at \(site) has \(width) numbers, not all of them 0, and a size")
        }
        var hooks = Hooks()
        hooks.add(ShiftEdit(unit.map { $0 * Float(size) }), at: site)
        var sums = [Double](repeating: 0, count: network.layout.vocabulary)
        var divergence = 0.0
        var rows = 0
        try calm.run(hooks, in: network) { before, after in
            for (token, (p, q)) in zip(before, after).enumerated() {
                let change = Double(q) - Double(p)
                sums[token] += change
                divergence -= exp(Double(p)) * change
            }
            rows += 1
        }
        changes = sums.map { Float($0 / Double(rows)) }
        self.size = size
        self.divergence = divergence / Double(rows)
    }

    /// The tokens raised most.
    public func top(_ count: Int) -> [ScoredToken] { ScoredToken.top(changes, count) }

    /// The tokens lowered most, the lowest first.
    public func bottom(_ count: Int) -> [ScoredToken] {
        ScoredToken.top(changes.map { -$0 }, count).map { ScoredToken($0.token, score: -$0.score) }
    }
}

/// Texts with the predictions of the network as it is.
private struct CalmPredictions {
    private let batches: [[[Int]]]
    /// `[rows, vocabulary]` log-probabilities a batch.
    private let scores: [Tensor]

    init(_ texts: [[Int]], in network: any SteerableNetwork) throws {
        guard !texts.isEmpty, texts.allSatisfy({ !$0.isEmpty }) else {
            throw EvidenceError(.unusableInputs, "token changes need texts with at least one token each")
        }
        batches = TokenBatches.ranges(texts.map(\.count), limit: 256).map { Array(texts[$0]) }
        scores = try batches.map { try CalmPredictions.scores($0, Hooks(), in: network) }
    }

    private static func scores(_ texts: [[Int]], _ hooks: Hooks, in network: any SteerableNetwork) throws
        -> Tensor
    {
        let inputs = texts.map {
            SequenceInput(
                state: network.makeSequence(), tokens: $0, hooks: hooks, promptLength: $0.count)
        }
        guard let logits = try network.forward(inputs, output: .allLogits, through: nil) else {
            throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
        }
        return logits.logSoftmax()
    }

    /// Calls `body` with every row of log-probabilities without and with `hooks`.
    func run(
        _ hooks: Hooks, in network: any SteerableNetwork,
        _ body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>) -> Void
    ) throws {
        for (texts, calm) in zip(batches, scores) {
            let moved = try CalmPredictions.scores(texts, hooks, in: network)
            let width = calm.width
            calm.read { before in
                moved.read { after in
                    for row in 0..<calm.rowCount {
                        body(
                            UnsafeBufferPointer(start: before + row * width, count: width),
                            UnsafeBufferPointer(start: after + row * width, count: width))
                    }
                }
            }
        }
    }
}
