public import VaneTensors

/// A network that can be read and edited at its sites.
///
/// Models know nothing of concepts and concepts nothing of architectures; both know this protocol.
public protocol SteerableNetwork: AnyObject, Sendable {
    /// The dimensions: which sites there are and how wide they are.
    var layout: NetworkLayout { get }

    /// A sequence of length 0.
    func makeSequence() -> any SequenceState

    /// Appends tokens to each sequence of `batch` and runs the hooks on the way.
    ///
    /// Each sequence's results are the same bits whatever else is in the batch, and whether its tokens come
    /// in one call or in several.
    ///
    /// - Parameters:
    ///   - batch: the sequences; each state at most once, each with at least one token.
    ///   - output: which logits to compute.
    ///   - last: stop after the block of this site (or after the site, outside the blocks); nothing later is
    ///     computed and the result is nil.
    /// - Returns: nil for an empty batch; logits `[rows, vocabulary]`: one row a sequence for `.lastLogits`,
    ///   one a token, in the order of the batch, for `.allLogits`; nil for `.none` or when `last` stops
    ///   earlier.
    /// - Throws: ``SiteError`` for a hook at a site the network lacks, an unknown token or too many
    ///   positions.
    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor?
}

/// What a network remembers of one sequence.
public protocol SequenceState: AnyObject, Sendable {
    /// Tokens so far.
    var count: Int { get }
}

/// What a network remembers of one sequence, when several continuations of one beginning may run side by side.
public protocol BranchingState: SequenceState {
    /// A state of the same network with the same tokens so far, which goes on by itself.
    ///
    /// It costs nothing until one of the two grows, which then copies what is remembered.
    func fork() -> any BranchingState
}

/// New tokens for one sequence.
public struct SequenceInput: Sendable {
    /// What came before; it grows by the call.
    public let state: any SequenceState
    /// The new tokens.
    public let tokens: [Int]
    /// Taps and edits of this sequence.
    public let hooks: Hooks
    /// Tokens of the sequence that were given, not generated; the meaning of ``TokenScope``.
    public let promptLength: Int

    /// New tokens for `state`.
    public init(state: any SequenceState, tokens: [Int], hooks: Hooks = Hooks(), promptLength: Int) {
        self.state = state
        self.tokens = tokens
        self.hooks = hooks
        self.promptLength = promptLength
    }
}

/// Which logits a forward pass computes.
public enum NetworkOutput: Sendable {
    /// None: the caller wants what its taps read.
    case none
    /// Those of each sequence's last token.
    case lastLogits
    /// Those of every token.
    case allLogits
}
