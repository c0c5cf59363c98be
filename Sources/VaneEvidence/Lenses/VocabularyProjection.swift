public import VaneSites
import VaneTensors

/// What a direction writes if nothing stood between it and the output: VocabProj of row 51 (Gur-Arieh et al.,
/// arXiv 2501.08319).
///
///     s(v) = ½ (W_U norm_f(v) - W_U norm_f(-v))
///
/// The paper's `W_U norm_f(v)` holds what the final norm adds whatever the state; the difference leaves that
/// out, so that the direction's two ends mirror each other. The direction's length does not matter. Early
/// directions are not written in the vocabulary's terms: look at ``TokenChange`` too.
public struct VocabularyProjection: Sendable {
    /// One score a token, in standard deviations over the vocabulary.
    public let scores: [Float]

    /// Projects a direction of the residual stream, `[width]`.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption` for another width or a direction without length;
    ///   `SiteError`.
    public init(_ direction: [Float], in network: any InspectableNetwork) throws {
        let width = network.layout.width
        guard direction.count == width, direction.allSatisfy(\.isFinite),
            case let square = direction.reduce(0.0, { $0 + Double($1) * Double($1) }), square > 0
        else {
            throw EvidenceError(
                .invalidOption, "a direction of the residual stream has \(width) numbers, not all of them 0")
        }
        // As long as states are, so that the norm's epsilon does not matter.
        let factor = Float((Double(width) / square).squareRoot())
        let both = direction.map { $0 * factor } + direction.map { -$0 * factor }
        let logits = try network.readOut(Tensor(both, shape: [2, width])).elements
        let count = network.layout.vocabulary
        let odd = (0..<count).map { (Double(logits[$0]) - Double(logits[count + $0])) / 2 }
        let mean = odd.reduce(0, +) / Double(count)
        let deviation = (odd.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
        scores = odd.map { Float(($0 - mean) / max(deviation, 1e-30)) }
    }

    /// The tokens that the direction raises most.
    public func top(_ count: Int) -> [ScoredToken] { ScoredToken.top(scores, count) }

    /// The tokens that the direction lowers most, the lowest first.
    public func bottom(_ count: Int) -> [ScoredToken] {
        ScoredToken.top(scores.map { -$0 }, count).map { ScoredToken($0.token, score: -$0.score) }
    }
}
