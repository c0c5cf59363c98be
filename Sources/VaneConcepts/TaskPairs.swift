import Foundation
import VaneTensors

/// Queries with their answers: what function vectors and task vectors learn a task from (rows 12, 23, 63).
public struct TaskPairs: Sendable, Hashable {
    /// A query and its answer.
    public struct Pair: Sendable, Hashable {
        /// What is asked.
        public let query: String
        /// What is answered.
        public let answer: String

        /// A query and its answer.
        public init(query: String, answer: String) {
            self.query = query
            self.answer = answer
        }
    }

    /// The pairs, each query once.
    public let pairs: [Pair]

    /// The fewest pairs of a task: a quarter to choose on, a quarter to test on.
    public static let minimum = 16

    /// Pairs; of those with one query the first is kept.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for fewer than ``minimum`` or a blank text.
    public init(_ pairs: [Pair]) throws {
        var seen: Set<String> = []
        self.pairs = pairs.filter { seen.insert($0.query).inserted }
        guard self.pairs.count >= TaskPairs.minimum else {
            throw ConceptError(
                .unusableExamples,
                "\(self.pairs.count) different queries are too few; a task needs at least \(TaskPairs.minimum)"
            )
        }
        guard pairs.allSatisfy({ !ExampleFile.isBlank($0.query) && !ExampleFile.isBlank($0.answer) }) else {
            throw ConceptError(.unusableExamples, "a query and an answer cannot be blank")
        }
    }

    /// Reads JSON lines with `query` and `answer` (`.jsonl`), or lines of a query, a tab and an answer.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` naming line and expectation; as
    ///   ``init(_:)``.
    public init(contentsOf path: String) throws {
        try self.init(TaskPairs.pairs(contentsOf: path))
    }

    /// The pairs of a file, as many as there are and as they stand.
    ///
    /// - Throws: ``ConceptError`` `missingFile`, or `malformedFile` naming line and expectation.
    public static func pairs(contentsOf path: String) throws -> [Pair] {
        try ExampleFile.columns(["query", "answer"], path: path).map {
            Pair(query: $0[0], answer: $0[1])
        }
    }
}

extension ExampleFile {
    /// Rows of texts: JSON lines with these keys (`.jsonl`, `.ndjson`), or so many texts a line with tabs
    /// between them. None is blank.
    ///
    /// - Parameters:
    ///   - names: what the columns hold.
    ///   - path: the file.
    /// - Throws: ``ConceptError`` `missingFile` or `malformedFile`, naming line and expectation.
    package static func columns(_ names: [String], path: String) throws -> [[String]] {
        let isJSON = ["jsonl", "ndjson"].contains((path as NSString).pathExtension.lowercased())
        let rows: [(place: String, texts: [String])] =
            isJSON
            ? try objects(path: path).map { place, object in
                (
                    place,
                    try names.map { name in
                        guard let text = object[name] as? String else {
                            throw malformed(place, "the key '\(name)' with a text is expected")
                        }
                        return text
                    }
                )
            }
            : try lines(read(path)).map { number, line in
                let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
                guard parts.count == names.count else {
                    throw malformed(
                        "\(path), line \(number)",
                        "\(names.joined(separator: ", ")) with tabs between them are expected, not "
                            + "\(parts.count) parts")
                }
                return ("\(path), line \(number)", parts.map { $0.trimmingCharacters(in: .whitespaces) })
            }
        for row in rows {
            guard row.texts.allSatisfy({ !isBlank($0) }) else {
                throw malformed(row.place, "a text is blank")
            }
        }
        return rows.map(\.texts)
    }
}

/// The prompts of a task: with demonstrations, with wrong ones, and without any.
///
/// A demonstration is a line of the template, `hot: cold` for `{query}: {answer}`; a prompt ends where the
/// answer is to be written. Half of the pairs demonstrate, a quarter is there to choose on and a quarter to
/// test on.
public struct TaskPrompts: Sendable, Hashable {
    /// The usual template.
    public static let template = "{query}: {answer}"

    /// Prompts with demonstrations, without the answer at the end.
    public let prompts: [[Int]]
    /// Prompts whose demonstrations are wrong, with the right answer.
    public let corrupted: [PromptedText]
    /// Queries without demonstrations to choose on.
    public let selection: [PromptedText]
    /// Queries without demonstrations to test on.
    public let test: [PromptedText]
    /// The test's queries with demonstrations.
    public let demonstrated: [PromptedText]

    /// Prompts of a task.
    ///
    /// - Parameters:
    ///   - task: the pairs.
    ///   - others: pairs of other tasks, which make the wrong demonstrations; if empty, these have each
    ///     other's answers. Where the form of an answer alone tells the task (`walked`), exchanged answers
    ///     still do, and no head is found: give others.
    ///   - template: what a line looks like; `{query}` comes before `{answer}`.
    ///   - demonstrations: lines in front of a query.
    ///   - most: the most prompts to learn from; wrong ones are a third as many.
    ///   - seed: seeds all draws.
    ///   - tokens: the model's tokens of a text.
    /// - Throws: ``ConceptError`` `invalidOption` for a template without its marks or no demonstration.
    public init(
        _ task: TaskPairs, others: [TaskPairs.Pair] = [], template: String = TaskPrompts.template,
        demonstrations: Int = 5, most: Int = 36, seed: UInt64 = 0, tokens: (String) -> [Int]
    ) throws {
        guard let query = template.range(of: "{query}"), let answer = template.range(of: "{answer}"),
            query.upperBound <= answer.lowerBound
        else {
            throw ConceptError(
                .invalidOption, "a template has {query} and behind it {answer}, not '\(template)'")
        }
        guard demonstrations >= 1 && most >= 3 else {
            throw ConceptError(
                .invalidOption,
                "a task needs at least one demonstration and 3 prompts, not \(demonstrations) and \(most)")
        }
        let between = template[query.upperBound..<answer.lowerBound]
        let kept = String(between.reversed().drop { $0.isWhitespace }.reversed())
        let gap = String(between.dropFirst(kept.count))
        let start = template[..<query.lowerBound]
        let end = template[answer.upperBound...]
        func line(_ query: String, _ answer: String) -> String { start + query + between + answer + end }
        func asked(_ lines: [String], _ pair: TaskPairs.Pair) -> PromptedText {
            PromptedText(
                prompt: tokens((lines + [start + pair.query + kept]).joined(separator: "\n")),
                continuation: tokens(gap + pair.answer))
        }
        var generator = SeededGenerator(seed: seed, stream: 12)
        let all = generator.shuffled(task.pairs)
        let quarter = all.count / 4
        let (test, selection) = (all.prefix(quarter), all.dropFirst(quarter).prefix(quarter))
        let shown = Array(all.dropFirst(2 * quarter))
        func drawn(_ pair: TaskPairs.Pair) -> [TaskPairs.Pair] {
            Array(generator.shuffled(shown.filter { $0 != pair }).prefix(demonstrations))
        }
        func lines(_ pair: TaskPairs.Pair) -> [String] { drawn(pair).map { line($0.query, $0.answer) } }
        prompts = shown.prefix(most).map { pair in
            let text = asked(lines(pair), pair)
            return Array(text.tokens.prefix(text.promptLength))
        }
        corrupted = shown.prefix(max(1, most / 3)).map { pair in
            guard others.isEmpty else {
                let strange = generator.shuffled(others.filter { $0.query != pair.query })
                return asked(strange.prefix(demonstrations).map { line($0.query, $0.answer) }, pair)
            }
            let wrong = drawn(pair)
            let answers = wrong.dropFirst().map(\.answer) + wrong.prefix(1).map(\.answer)
            return asked(zip(wrong, answers).map { line($0.query, $1) }, pair)
        }
        self.selection = selection.map { asked([], $0) }
        self.test = test.map { asked([], $0) }
        demonstrated = test.map { asked(lines($0), $0) }
    }
}
