public import VaneSites

/// What to generate.
public struct GenerationRequest: Sendable {
    /// The prompt's tokens.
    public var prompt: [Int]
    /// The most tokens to generate.
    public var maximumTokens: Int
    /// How tokens are drawn.
    public var sampling: SamplingOptions
    /// Texts that end the generation; they are not part of the result.
    public var stop: [String]
    /// Taps and edits.
    public var hooks: Hooks
    /// Chooses tokens by the states they lead to instead of drawing them; nil if they are drawn.
    public var guidance: Guidance?

    /// A request.
    public init(
        prompt: [Int], maximumTokens: Int = 60, sampling: SamplingOptions = SamplingOptions(),
        stop: [String] = [],
        hooks: Hooks = Hooks(), guidance: Guidance? = nil
    ) {
        self.prompt = prompt
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stop = stop
        self.hooks = hooks
        self.guidance = guidance
    }
}

/// One step of a generation.
public struct GeneratedToken: Sendable, Hashable {
    /// The token; nil in a last step that only releases held-back text.
    public let id: Int?
    /// Text that became certain with this token: whole characters only, and nothing that could still turn out
    /// to be a stop text. May be empty.
    public let text: String
    /// Natural logarithm of the token's probability under the model (with its edits, before sampling
    /// options).
    public let logProbability: Double
    /// Why the generation ends here; nil if it goes on.
    public let finish: FinishReason?
}

/// Why a generation ended.
public enum FinishReason: String, Sendable, Codable {
    /// The model wrote an end-of-text token.
    case endOfText
    /// A stop text appeared.
    case stopText
    /// The number of tokens asked for was reached.
    case maximumTokens
    /// The model's context is full.
    case contextFull
}

/// A finished generation.
public struct Generation: Sendable, Hashable {
    /// The generated tokens, an end-of-text token excluded.
    public var tokens: [Int] = []
    /// The generated text.
    public var text = ""
    /// Log-probability of each token.
    public var logProbabilities: [Double] = []
    /// Why it ended.
    public var finish = FinishReason.maximumTokens

    /// Nothing generated yet.
    public init() {}
}
