import Foundation

/// Calls the continuation of a prompt positive or not, knowing neither the model nor what was learnt from it.
public protocol TextJudge: Sendable {
    /// How often the judge is right, 0...1: measured where it was trained, 1 where it is right by construction.
    var accuracy: Double { get }

    /// Whether `text`, written after `prompt`, shows the concept.
    func isPositive(_ text: String, after prompt: String) -> Bool

    /// How likely the text is in the language it should be written in; nil where the judge does not know it.
    func likelihood(of text: String, after prompt: String) -> TextLikelihood?
}

extension TextJudge {
    /// Nothing is known about the true language.
    public func likelihood(of text: String, after prompt: String) -> TextLikelihood? { nil }
}

/// The probability of a text under a reference language.
public struct TextLikelihood: Sendable, Hashable {
    /// Natural logarithm of the probability.
    public var logProbability: Double
    /// Words it is spread over.
    public var words: Int

    /// A likelihood.
    public init(logProbability: Double, words: Int) {
        self.logProbability = logProbability
        self.words = words
    }

    /// `exp` of the mean negative log-probability of a word; NaN without words.
    public var perplexity: Double { words == 0 ? .nan : exp(-logProbability / Double(words)) }
}
