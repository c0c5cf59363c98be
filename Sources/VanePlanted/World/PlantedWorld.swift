import VaneTensors

/// The parts of the planted language that have right and wrong answers: facts of an invented world, sums on the
/// calendar, tasks told by demonstrations, and a second language with shared meanings.
///
///     let world = PlantedWorld(seed: 1)
///     print(world.document(.facts, at: 0))
///     let questions = world.questions(.calendar).filter(\.isHeldOut)
///
/// The tables are the same for every seed; the seed decides the documents and the demonstrations. A document is
/// a pure function of seed, kind and index, byte for byte. It has 20 to 100 words in lines, each of which
/// ``PlantedWorldOracle`` reads.
public struct PlantedWorld: Sendable {
    /// The kinds of documents and questions.
    public enum Kind: String, Sendable, CaseIterable {
        /// Statements and questions about places and people: ``PlantedFact``.
        case facts
        /// Sums on days and months: ``PlantedCalendar``.
        case calendar
        /// Blocks of 3 to 8 demonstrations of a task that is not named, an empty line between: ``PlantedTask``.
        case tasks
        /// Sentences in one or both languages, and the dictionary: ``PlantedSentence``, ``PlantedTongue``.
        case languages
    }

    let seed: UInt64

    /// The documents under a seed.
    public init(seed: UInt64) { self.seed = seed }

    /// Document `index` of a kind; its lines are joined by line breaks, with none at the end.
    public func document(_ kind: Kind, at index: Int) -> String {
        var source = generator(kind, index, purpose: 0)
        return switch kind {
        case .facts: Self.facts(&source)
        case .calendar: Self.calendar(&source)
        case .tasks: Self.tasks(&source)
        case .languages: Self.languages(&source)
        }
    }

    /// The first `count` documents of a kind.
    public func documents(_ kind: Kind, _ count: Int) -> [String] {
        (0..<count).map { document(kind, at: $0) }
    }

    /// A source of chance of its own for each kind, index and purpose.
    func generator(_ kind: Kind, _ index: Int, purpose: UInt64) -> SeededGenerator {
        let salt = PlantedLines.hash("world \(kind.rawValue) \(purpose)")
        return SeededGenerator(seed: seed ^ salt, stream: UInt64(truncatingIfNeeded: index))
    }

    /// The two lines of a question with its answer.
    static func asked(_ question: String, _ answer: String) -> String {
        "Question: \(question)\nAnswer: \(answer)"
    }

    // MARK: Writing

    /// Collects parts until there are enough words.
    private struct Lines {
        private var parts: [String] = []
        private var left: Int

        init(words: Int) { left = words }

        var isFull: Bool { left <= 0 }

        mutating func add(_ part: String) {
            parts.append(part)
            left -= part.split { $0 == " " || $0 == "\n" }.count
        }

        func text(separator: String = "\n") -> String { parts.joined(separator: separator) }
    }

    private static func pick<T>(_ list: [T], _ source: inout SeededGenerator) -> T {
        list[source.integer(below: list.count)]
    }

    private static func facts(_ source: inout SeededGenerator) -> String {
        var lines = Lines(words: 40 + source.integer(below: 36))
        for fact in source.shuffled(PlantedFact.all) {
            if lines.isFull { break }
            let asks = source.integer(below: 3) == 0 && !fact.isHeldOut
            lines.add(
                asks
                    ? asked(pick(fact.questions, &source), fact.object) : pick(fact.statements, &source))
        }
        return lines.text()
    }

    /// The sums that documents may show, by unit.
    private static let shownSums: [[PlantedCalendar]] = PlantedCalendar.Unit.allCases.map { unit in
        PlantedCalendar.all.filter { $0.unit == unit && !$0.isHeldOut }
    }

    private static func calendar(_ source: inout SeededGenerator) -> String {
        var lines = Lines(words: 40 + source.integer(below: 36))
        while !lines.isFull {
            let sum = pick(pick(shownSums, &source), &source)
            switch source.integer(below: 3) {
            case 0: lines.add(asked(pick(sum.questions, &source), sum.answerName))
            case 1: lines.add(pick(sum.statements, &source))
            default: lines.add(sum.counted)
            }
        }
        return lines.text()
    }

    private static func tasks(_ source: inout SeededGenerator) -> String {
        var lines = Lines(words: 30 + source.integer(below: 31))
        for task in source.shuffled(PlantedTask.all) {
            if lines.isFull { break }
            let count = 3 + source.integer(below: 6)
            let shown = source.shuffled(task.pairs.filter { !$0.isHeldOut }).prefix(count)
            lines.add(shown.map(\.line).joined(separator: "\n"))
        }
        return lines.text(separator: "\n\n")
    }

    private static func languages(_ source: inout SeededGenerator) -> String {
        var lines = Lines(words: 35 + source.integer(below: 31))
        let form = source.integer(below: 8)
        while !lines.isFull {
            if form < 2 {
                lines.add(dictionaryLine(pick(PlantedTongue.words, &source), &source))
                continue
            }
            let sentence = PlantedSentence.draw(&source)
            switch form {
            case 2, 3: lines.add("English: \(sentence.english)\nVelmarian: \(sentence.velmarian)")
            case 4: lines.add("Velmarian: \(sentence.velmarian)\nEnglish: \(sentence.english)")
            case 5: lines.add(sentence.english)
            default: lines.add(sentence.velmarian)
            }
        }
        return lines.text()
    }

    private static func dictionaryLine(
        _ word: PlantedTongue.Word, _ source: inout SeededGenerator
    ) -> String {
        let values: [Character: String] = ["e": word.english, "v": word.velmarian]
        let direction = source.integer(below: 2)
        if word.isHeldOut || source.integer(below: 2) == 0 {
            return PlantedTongue.statements[direction].write(values)
        }
        return asked(
            PlantedTongue.questions[direction].write(values), direction == 0 ? word.velmarian : word.english)
    }
}
