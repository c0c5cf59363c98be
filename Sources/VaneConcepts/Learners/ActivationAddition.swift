public import VaneSites

/// What one prompt leaves in the stream beyond another, position by position (row 56: ActAdd, Steering
/// Language Models Without Optimization, arXiv 2308.10248):
///
///     block = h(p+) - h(p-)     [T, width]
///
/// The shorter prompt is padded on the right, by spaces in the paper, to the length T of the longer. A plan
/// adds multiples of the block to the first positions of a prompt. Both prompts should begin with the same
/// token that begins the prompts to steer: the block is zero there.
///
/// The paper reads the stream in front of a block; in front of block l is `blocks[l - 1].residual`, or
/// `embedding`.
public struct ActivationAddition: Sendable, Hashable, Codable {
    /// The token that fills up the shorter prompt.
    public var padding: Int

    /// A learner that pads with the token `padding`.
    public init(padding: Int) { self.padding = padding }

    /// The block of differences at `site`, `[T][width]`.
    ///
    /// - Parameters:
    ///   - positive: token ids of the prompt to steer towards.
    ///   - negative: token ids of the prompt to steer away from.
    ///   - site: where to read, and to add.
    ///   - network: the network to read.
    /// - Throws: ``ConceptError`` `unusableExamples` for a prompt without tokens or two that leave the same;
    ///   `SiteError`.
    public func block(
        _ positive: [Int], against negative: [Int], at site: Site, in network: any SteerableNetwork
    ) throws -> [[Float]] {
        guard !positive.isEmpty, !negative.isEmpty else {
            throw ConceptError(.unusableExamples, "a prompt to contrast has no tokens")
        }
        let count = max(positive.count, negative.count)
        let states = try [positive, negative].map { prompt in
            let tap = RowsTap()
            var hooks = Hooks()
            hooks.add(tap, at: site)
            let tokens = prompt + [Int](repeating: padding, count: count - prompt.count)
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: count)
            _ = try network.forward([input], output: .none, through: site)
            return tap.rows
        }
        let block = zip(states[0], states[1]).map { zip($0, $1).map { $0 - $1 } }
        guard block.contains(where: { $0.contains { $0 != 0 } }) else {
            throw ConceptError(.unusableExamples, "the two prompts leave the same states at \(site)")
        }
        return block
    }
}
