/// A task that only demonstrations tell: a word and what the task makes of it.
///
/// The tasks share their words: `hot` may ask for `cold`, `hotter`, `hottest`, `adjective`, itself or its
/// translation. A demonstration is one line, `hot: cold`; a document never names the task.
public struct PlantedTask: Sendable, Hashable {
    /// A query with its answer.
    public struct Pair: Sendable, Hashable {
        /// The word asked about.
        public let query: String
        /// What the task makes of it.
        public let answer: String
        /// No document shows the query under this task: a fifth of the pairs, regular ones only.
        public let isHeldOut: Bool

        /// The demonstration `hot: cold`.
        public var line: String { "\(query): \(answer)" }
    }

    /// The name, such as `opposite`. It stands in no document.
    public let name: String
    /// The pairs; no query comes twice.
    public let pairs: [Pair]
    private let answers: [String: String]

    /// All tasks.
    public static let all: [PlantedTask] = make()

    /// The task of this name; nil if there is none.
    public static func named(_ name: String) -> PlantedTask? { all.first { $0.name == name } }

    /// What the task makes of a word; nil where the task does not have it.
    public func answer(to query: String) -> String? { answers[query] }

    /// Queries mapped to answers; `mustLearn` are exceptions that nobody could guess, and never held out.
    private init(
        _ name: String, _ list: [(String, String)], mustLearn: (String, String) -> Bool = { _, _ in false }
    ) {
        let regular = list.filter { !mustLearn($0.0, $0.1) }.map(\.0)
        let out = PlantedLines.fifth(of: regular, salt: name, total: list.count)
        self.name = name
        pairs = list.map { Pair(query: $0.0, answer: $0.1, isHeldOut: out.contains($0.0)) }
        answers = Dictionary(uniqueKeysWithValues: list)
    }

    private static func make() -> [PlantedTask] {
        func rows(_ table: String) -> [[String]] {
            PlantedLines.rows(table, separator: ":").flatMap { row in
                row[1].split(separator: ";").map { $0.split(separator: " ").map { String($0) } }
            }
        }
        let nouns = rows(PlantedWorldTables.nouns)
        let verbs = rows(PlantedWorldTables.verbs)
        let adjectives = rows(PlantedWorldTables.adjectives)
        let swaps = PlantedLines.rows(PlantedWorldTables.oppositeVerbs, separator: ";")[0].flatMap { entry in
            let words = entry.split(separator: " ").map { String($0) }
            return [(words[0], words[1]), (words[1], words[0])]
        }
        let opposites = adjectives.map { ($0[0], $0[3]) } + swaps
        // Some words of each class; nouns come from every group.
        func some(_ list: [[String]], every step: Int) -> [String] {
            list.enumerated().filter { $0.offset % step == 0 }.map { $0.element[0] }
        }
        let (someNouns, someVerbs) = (some(nouns, every: 4), some(verbs, every: 3))
        let someAdjectives = some(adjectives, every: 3)
        let common = someNouns + someVerbs + someAdjectives
        let translated = common.compactMap { word in
            PlantedTongue.velmarian(for: word).map { (word, $0) }
        }
        func facts(_ relation: String) -> [(String, String)] {
            PlantedFact.all.filter { $0.relation == relation }.map { ($0.subject, $0.object) }
        }
        func irregular(_ ending: String) -> (String, String) -> Bool {
            { word, form in
                !form.hasSuffix(ending) || form.prefix(word.count - 1) != word.prefix(word.count - 1)
            }
        }
        return [
            PlantedTask("opposite", opposites),
            PlantedTask("comparative", adjectives.map { ($0[0], $0[1]) }, mustLearn: irregular("er")),
            PlantedTask("superlative", adjectives.map { ($0[0], $0[2]) }, mustLearn: irregular("est")),
            PlantedTask(
                "plural",
                nouns.enumerated().filter { $0.offset % 4 != 3 }.map { ($0.element[0], $0.element[1]) },
                mustLearn: irregular("s")),
            PlantedTask("past", verbs.map { ($0[0], $0[2]) }, mustLearn: irregular("ed")),
            PlantedTask("continuous", verbs.map { ($0[0], $0[3]) }),
            PlantedTask("third person", verbs.map { ($0[0], $0[1]) }),
            PlantedTask(
                "word class",
                someNouns.map { ($0, "noun") } + someVerbs.map { ($0, "verb") }
                    + someAdjectives.map { ($0, "adjective") }),
            PlantedTask("repetition", common.map { ($0, $0) }),
            PlantedTask("translation", translated),
            PlantedTask("back translation", translated.map { ($0.1, $0.0) }),
            PlantedTask("capital", facts("capital")),
            PlantedTask("language", facts("language")),
            PlantedTask("profession", facts("profession")),
            PlantedTask("home", facts("home")),
        ]
    }
}
