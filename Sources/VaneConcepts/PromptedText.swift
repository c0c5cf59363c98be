/// A text whose first part is given and whose rest is to be written.
public struct PromptedText: Sendable, Hashable {
    /// All tokens.
    public let tokens: [Int]
    /// How many of them are given; the first cannot be predicted, so at least 1.
    public let promptLength: Int

    /// A text of which all but the first `promptLength` tokens are to be written.
    public init(_ tokens: [Int], promptLength: Int = 1) {
        self.tokens = tokens
        self.promptLength = promptLength
    }

    /// A prompt and its continuation.
    public init(prompt: [Int], continuation: [Int]) {
        self.init(prompt + continuation, promptLength: prompt.count)
    }

    /// The tokens to be written.
    public var continuation: ArraySlice<Int> { tokens.dropFirst(promptLength) }

    /// The rows of a pass over all tokens but the last whose logits choose the continuation.
    var choosing: Range<Int> { promptLength - 1..<tokens.count - 1 }

    /// The text without what goes beyond `limit` tokens; nil when it gives or asks nothing.
    package func fitting(_ limit: Int) -> PromptedText? {
        let count = min(tokens.count, limit)
        guard promptLength >= 1 && promptLength < count else { return nil }
        return PromptedText(Array(tokens.prefix(count)), promptLength: promptLength)
    }
}

extension [PromptedText] {
    /// The texts as far as the network takes them.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` when none is left, calling them `name`.
    package func fitting(_ limit: Int, _ name: String) throws -> [PromptedText] {
        let texts = compactMap { $0.fitting(limit) }
        guard !texts.isEmpty else {
            throw ConceptError(
                .unusableExamples,
                "\(name) hold no text of at least two tokens with something given and something to be written"
            )
        }
        return texts
    }
}

/// Packs lists of tokens into forward passes.
package enum TokenBatches {
    /// Consecutive lists of these lengths that together have at most `limit` tokens; a longer one goes alone.
    package static func ranges(_ counts: [Int], limit: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        while start < counts.count {
            var end = start + 1
            var rows = counts[start]
            while end < counts.count, rows + counts[end] <= limit {
                rows += counts[end]
                end += 1
            }
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }
}
