import Synchronization
public import VaneSites
import VaneTensors

/// How far a network's last states lean to a concept that words give (row 22: the Frame Representation
/// Hypothesis, Valois et al., arXiv 2412.07334).
///
///     H = [C^(1/2) h_(t-k+1) … C^(1/2) h_t]    the last k outputs of the final norm, [width, k]
///     ρ(S, H) = ⟨S, H⟩ / (‖S‖ ‖H‖)             -1 … 1; S the concept's frame of k columns
///
/// `C` is the covariance of the unembedding's rows (``TokenFrames``). The state at a token says what may come
/// next, so ρ reads whether words of the concept are about to be said, not whether they were.
public struct FrameProbe: Sendable {
    /// The concept's orthonormal frame `S`.
    public let concept: TokenFrames.Frame
    private let frames: TokenFrames

    /// How many states a reading takes, k.
    public var window: Int { concept.columns.count }

    /// The probe of some words.
    ///
    /// - Parameters:
    ///   - words: the tokens of each word.
    ///   - others: the tokens of each word of the opposite; none if empty.
    ///   - tokens: how many first tokens of each word make its frame, k at most. A state in front of a word
    ///     says its first token, so columns of later tokens are noise to it: more than 1 is for words that
    ///     all have as many.
    ///   - network: the network whose unembedding they are looked up in.
    /// - Throws: ``ConceptError`` `unknownSite` when the network shows no unembedding; `unusableExamples` for
    ///   no word, a word without tokens, or words that cancel; `invalidOption` for no token; `TensorError`.
    public init(
        of words: [[Int]], against others: [[Int]] = [], tokens: Int = 1, in network: any ReadableNetwork
    ) throws {
        guard tokens > 0 else {
            throw ConceptError(.invalidOption, "a word's frame takes at least one token, not \(tokens)")
        }
        guard let unembedding = try network.weights(of: .unembedding) else {
            throw ConceptError(.unknownSite, "the network shows no unembedding")
        }
        frames = try TokenFrames(unembedding: unembedding)
        let (own, opposite) = (
            words.map { Array($0.prefix(tokens)) }, others.map { Array($0.prefix(tokens)) }
        )
        let frame = try frames.concept(own)
        concept = others.isEmpty ? frame : try TokenFrames.difference(frame, frames.concept(opposite))
    }

    /// ρ of the concept and some states in their order.
    ///
    /// - Parameter states: outputs of the final norm, `[≤ k][width]`.
    /// - Throws: ``ConceptError`` `unusableExamples` for a state of another width; `TensorError`.
    public func correlation(with states: [[Float]]) throws -> Double {
        try concept.correlation(with: frames.frame(ofStates: states))
    }

    /// ρ of the concept and a token as a word of its own.
    ///
    /// - Parameter token: a token of the vocabulary.
    /// - Throws: ``ConceptError`` `unusableExamples` for one outside.
    public func correlation(with token: Int) throws -> Double {
        try concept.correlation(with: frames.word([token]))
    }

    /// ρ at each token of each text, read from the k states that end there.
    ///
    /// - Parameters:
    ///   - texts: the tokens of each text.
    ///   - network: the network.
    /// - Throws: `SiteError` for unknown tokens or too many positions; `TensorError`.
    public func correlations(of texts: [[Int]], in network: any SteerableNetwork) throws -> [[Double]] {
        try texts.map { tokens in
            guard !tokens.isEmpty else { return [] }
            let reader = StateTap()
            var hooks = Hooks()
            hooks.add(reader, at: .finalNorm)
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
            _ = try network.forward([input], output: .none, through: .finalNorm)
            let columns = try frames.frame(ofStates: reader.states).columns
            return columns.indices.map { end in
                concept.correlation(with: .init(Array(columns[max(0, end + 1 - window)...end])))
            }
        }
    }
}

/// Keeps the rows of a site.
private final class StateTap: Tap {
    private let rows = Mutex<[[Float]]>([])

    var states: [[Float]] { rows.withLock { $0 } }

    func read(_ activation: Activation) {
        let new = (0..<activation.rows).map { Array(activation[$0]) }
        rows.withLock { $0 += new }
    }
}
