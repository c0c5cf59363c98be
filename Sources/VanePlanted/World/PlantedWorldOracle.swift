/// Reads the lines of the planted world: which belong to it, and which statements are true.
///
/// It reads by the same phrasings and tables that write the documents, so the two cannot drift apart.
public struct PlantedWorldOracle: Sendable {
    /// An oracle.
    public init() {}

    /// Whether a unit of ``statements(of:)`` is true; nil where nothing is claimed or it is not in this language.
    ///
    /// Claims are: statements of facts, of sums and of the dictionary; counts; a question line with its answer line; an
    /// English and a Velmarian line, either first, which must mean the same; a demonstration, true if some task
    /// has it. A sentence alone claims nothing.
    public func isTrue(_ statement: String) -> Bool? {
        let lines = statement.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        if lines.count == 2 { return isTrue(lines[0], lines[1]) }
        guard lines.count == 1 else { return nil }
        if let sum = PlantedCalendar.reading(statement: statement) { return sum.answer == sum.sum.answer }
        if let count = PlantedCalendar.reading(count: statement) { return count.isRight }
        let facts = PlantedFacts.shared
        if let fact = facts.reading(statement: Array(statement.utf8)) {
            return facts[fact.relation].objects[fact.subject] == fact.object
        }
        if let pair = Self.dictionary(PlantedTongue.statements, statement) {
            return PlantedTongue.velmarian(for: pair["e"] ?? "") == pair["v"]
        }
        guard let line = Self.demonstration(statement), Self.isDemonstration(line) else { return nil }
        return !tasks(for: statement).isEmpty
    }

    /// Whether documents could hold this line: spelling, spaces, capitals and order of words. It need not be true.
    /// The empty line between blocks of demonstrations counts.
    public func isGrammatical(_ line: String) -> Bool {
        if line.isEmpty { return true }
        if let question = Self.rest(of: line, after: "Question: ") { return answers(to: question) != nil }
        if let answer = Self.rest(of: line, after: "Answer: ") { return Self.answerNames.contains(answer) }
        if let text = Self.rest(of: line, after: "English: ") { return PlantedSentence(english: text) != nil }
        if let text = Self.rest(of: line, after: "Velmarian: ") {
            return PlantedSentence(velmarian: text) != nil
        }
        return isTrue(line) != nil || meanings(of: line) != nil
    }

    /// The claims of a document: its lines, but a question with its answer, and a sentence with its translation, are
    /// one claim of two lines. Empty lines are left out.
    public func statements(of document: String) -> [String] {
        let lines = document.split(separator: "\n").map { String($0) }
        var result: [String] = []
        var place = 0
        while place < lines.count {
            let opens = ["Question: ", "English: ", "Velmarian: "].contains { lines[place].hasPrefix($0) }
            let count = opens && place + 1 < lines.count ? 2 : 1
            result.append(lines[place..<(place + count)].joined(separator: "\n"))
            place += count
        }
        return result
    }

    /// What a sentence of either language says, with or without the language in front; nil for other text.
    public func sentence(of line: String) -> PlantedSentence? {
        if let text = Self.rest(of: line, after: "English: ") { return PlantedSentence(english: text) }
        if let text = Self.rest(of: line, after: "Velmarian: ") { return PlantedSentence(velmarian: text) }
        return PlantedSentence(english: line) ?? PlantedSentence(velmarian: line)
    }

    /// The meanings of the content words of a sentence, the same for both languages; nil for other text.
    public func meanings(of line: String) -> [String]? { sentence(of: line)?.meanings }

    /// The tasks that a block of demonstrations leaves open: those that have every line.
    public func tasks(for block: String) -> [PlantedTask] {
        let lines = block.split(separator: "\n").map { Self.demonstration(String($0)) }
        return PlantedTask.all.filter { task in
            lines.allSatisfy { line in line.map { task.answer(to: $0.query) == $0.answer } ?? false }
        }
    }

    /// The sum on the calendar that a unit of ``statements(of:)`` shows, true or not; nil for other text.
    public func sum(of statement: String) -> PlantedCalendar? {
        let lines = statement.split(separator: "\n").map { String($0) }
        guard let first = lines.first else { return nil }
        if let question = Self.rest(of: first, after: "Question: ") {
            return PlantedCalendar.reading(question: question)
        }
        return PlantedCalendar.reading(statement: first)?.sum ?? PlantedCalendar.reading(count: first)?.sum
    }

    // MARK: Pairs of lines

    private func isTrue(_ first: String, _ second: String) -> Bool? {
        if let question = Self.rest(of: first, after: "Question: ") {
            guard let answer = Self.rest(of: second, after: "Answer: "),
                let (right, range) = answers(to: question), range.contains(answer)
            else { return nil }
            return answer == right
        }
        guard first.prefix(7) != second.prefix(7), first.contains(": "), second.contains(": "),
            let one = sentence(of: first), let other = sentence(of: second)
        else { return nil }
        return one == other
    }

    /// The right answer to a question and all that make a claim; nil if nobody could ask it.
    private func answers(to question: String) -> (right: String, range: Set<String>)? {
        if let sum = PlantedCalendar.reading(question: question) {
            return (sum.answerName, Set(sum.unit.names))
        }
        let facts = PlantedFacts.shared
        if let (name, subject) = facts.reading(question: Array(question.utf8)),
            let object = facts[name].objects[subject]
        {
            return (object, facts[name].range)
        }
        for (place, pattern) in PlantedTongue.questions.enumerated() {
            guard let found = Self.dictionary([pattern], question) else { continue }
            if place == 0, let right = PlantedTongue.velmarian(for: found["e"] ?? "") {
                return (right, Self.velmarianWords)
            }
            if place == 1, let right = PlantedTongue.english(for: found["v"] ?? "") {
                return (right, Self.englishWords)
            }
        }
        return nil
    }

    private static let englishWords = Set(PlantedTongue.words.map(\.english))
    private static let velmarianWords = Set(PlantedTongue.words.map(\.velmarian))
    private static let answerNames: Set<String> = PlantedFacts.shared.names.union(englishWords)
        .union(velmarianWords).union(PlantedCalendar.days).union(PlantedCalendar.months)
    private static let taskAnswers: [(task: PlantedTask, answers: Set<String>)] = PlantedTask.all.map {
        ($0, Set($0.pairs.map(\.answer)))
    }

    private static func dictionary(_ patterns: [PlantedPattern], _ line: String) -> [Character: String]? {
        for pattern in patterns {
            let found = pattern.match(Array(line.utf8)) { slot, value in
                slot == "e" ? englishWords.contains(value) : velmarianWords.contains(value)
            }
            if let found { return found }
        }
        return nil
    }

    private static func rest(of line: String, after prefix: String) -> String? {
        line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : nil
    }

    private static func demonstration(_ line: String) -> (query: String, answer: String)? {
        let parts = line.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasPrefix(" "), !parts[0].isEmpty else { return nil }
        return (String(parts[0]), String(parts[1].dropFirst()))
    }

    /// Whether some task has this query and, perhaps for another one, this answer.
    private static func isDemonstration(_ line: (query: String, answer: String)) -> Bool {
        taskAnswers.contains { $0.task.answer(to: line.query) != nil && $0.answers.contains(line.answer) }
    }
}
