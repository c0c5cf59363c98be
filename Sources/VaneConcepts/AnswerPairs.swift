import Foundation

/// Pairs of one question with the answer that matches a behaviour and with the one that does not, as
/// contrastive activation addition reads them (row 110: Rimsky et al., arXiv 2312.06681).
///
/// A text is the question, `Answer:` after an empty line, and the answer less what closes it (`(A)` becomes
/// `(A`): with ``Pooling/last`` the activation at the answer's letter is read. If one letter is mostly the
/// matching one, the direction is that letter's; ``imbalance`` says so.
public struct AnswerPairs: Sendable, Hashable {
    /// The pairs, the matching answer first.
    public let pairs: [Pair]

    /// A question with both answers, each as it is read.
    public struct Pair: Sendable, Hashable {
        /// The question and the answer that matches the behaviour.
        public let matching: String
        /// The question and the other answer.
        public let other: String
        /// The matching answer alone.
        public let answer: String
    }

    /// Above this share of one matching answer the direction may be the answer's.
    public static let largestShare = 0.6

    /// How often each answer is the matching one.
    public var answers: [String: Int] {
        pairs.reduce(into: [:]) { $0[$1.answer, default: 0] += 1 }
    }

    /// What to say when one answer is the matching one in more than 60% of the pairs; nil if they are
    /// balanced.
    public var imbalance: String? {
        guard let most = answers.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            Double(most.value) > AnswerPairs.largestShare * Double(pairs.count)
        else { return nil }
        return
            "'\(most.key)' is the matching answer in \(most.value) of \(pairs.count) pairs: the direction may be that answer's, "
            + "not the behaviour's"
    }

    /// The pairs whose texts have at most `limit` tokens, both of them: a text that is cut loses its answer.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` when none is left.
    public func fitting(_ limit: Int, tokens: (String) -> Int) throws -> AnswerPairs {
        let kept = pairs.filter { tokens($0.matching) <= limit && tokens($0.other) <= limit }
        guard !kept.isEmpty || pairs.isEmpty else {
            throw ConceptError(
                .unusableExamples,
                "all \(pairs.count) pairs are longer than the model's \(limit) tokens and would lose their answer"
            )
        }
        return AnswerPairs(kept)
    }

    /// Pairs already read.
    public init(_ pairs: [Pair]) { self.pairs = pairs }

    /// The pairs as examples that belong together.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for too few different ones.
    public func examples() throws -> ExampleSet {
        try ExampleSet(pairs: pairs.map { (positive: $0.matching, negative: $0.other) })
    }

    /// Reads JSON lines with `question`, `answer_matching_behavior` and `answer_not_matching_behavior`.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` naming line and key.
    public init(contentsOf path: String) throws {
        pairs = try ExampleFile.objects(path: path).map { place, object in
            func text(_ key: String) throws -> String {
                guard let value = object[key] as? String else {
                    throw ExampleFile.malformed(place, "the key '\(key)' with a text is expected")
                }
                guard value.contains(where: { !$0.isWhitespace }) else {
                    throw ExampleFile.malformed(place, "the text of '\(key)' is empty")
                }
                return value
            }
            let question = try text("question")
            let matching = AnswerPairs.opened(try text("answer_matching_behavior"))
            let other = AnswerPairs.opened(try text("answer_not_matching_behavior"))
            guard matching != other else {
                throw ExampleFile.malformed(place, "both answers are '\(matching)'")
            }
            let stem = question + "\n\nAnswer: "
            return Pair(
                matching: stem + matching, other: stem + other,
                answer: matching)
        }
    }

    /// The answer without blanks around it, up to its last letter or digit, so that the text ends there.
    private static func opened(_ answer: String) -> String {
        let answer = answer.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let last = answer.lastIndex(where: { $0.isLetter || $0.isNumber }) else { return answer }
        return String(answer[...last])
    }
}
