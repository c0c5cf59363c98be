import VaneTensors

/// A question of the planted world with its right answer.
///
/// A model is asked by letting it continue `prompt`. The text that it writes, up to the first line break, is right
/// if it is one of `accepted` after a space.
public struct PlantedQuestion: Sendable, Hashable {
    /// The text to continue; it ends in a colon and no space.
    public let prompt: String
    /// The right continuation, with the space in front; a line break or the end follows.
    public let answer: String
    /// Every answer that counts as right, without the space.
    public let accepted: [String]
    /// The kind.
    public let kind: PlantedWorld.Kind
    /// The relation, `day` or `month` (`day, counted` where the steps are asked for), the name of the task, or what is
    /// translated into what.
    public let topic: String
    /// What is asked about: the subject, the start, the query, the word or the sentence.
    public let subject: String
    /// Whether no document holds this question (``PlantedFact/isHeldOut``, ``PlantedCalendar/isHeldOut``,
    /// ``PlantedTask/Pair/isHeldOut``, ``PlantedTongue/Word/isHeldOut``, ``PlantedSentence/isHeldOut``).
    public let isHeldOut: Bool

    /// Whether a continuation is right: its first line, without spaces around, is accepted.
    public func isRight(_ continuation: String) -> Bool {
        let line = continuation.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
        return accepted.contains(PlantedLines.trimmed(line))
    }
}

extension PlantedWorld {
    /// All questions of a kind, in a fixed order.
    ///
    /// Facts and sums are asked in the first phrasing of a question, sums also to be counted out, words of the dictionary
    /// both ways. Tasks are
    /// asked after `demonstrations` lines (0 makes them ambiguous). Of sentences there are `sentences` each way, the
    /// first half held out.
    public func questions(_ kind: Kind, demonstrations: Int = 5, sentences: Int = 100) -> [PlantedQuestion] {
        switch kind {
        case .facts:
            PlantedFact.all.map { fact in
                question(
                    kind, fact.relation, fact.subject, "Question: \(fact.questions[0])\nAnswer:", fact.object,
                    fact.isHeldOut)
            }
        case .calendar:
            PlantedCalendar.all.flatMap { sum in
                [
                    (sum.unit.rawValue, "Question: \(sum.questions[0])\nAnswer:", sum.answerName),
                    (sum.unit.rawValue + ", counted", sum.countPrompt, sum.countAnswer),
                ].map { question(kind, $0.0, sum.unit.names[sum.start], $0.1, $0.2, sum.isHeldOut) }
            }
        case .tasks:
            PlantedTask.all.flatMap { task in
                task.pairs.enumerated().map { place, pair in
                    question(
                        kind, task.name, pair.query,
                        prompt(task, query: pair.query, demonstrations: demonstrations, at: place),
                        pair.answer, pair.isHeldOut)
                }
            }
        case .languages: dictionaryQuestions + sentenceQuestions(sentences)
        }
    }

    /// A prompt of a task: `demonstrations` lines that documents may show, never the query's own, then `query:`.
    ///
    /// The same index draws the same demonstrations for every query, but for the query itself. At most 40.
    public func prompt(
        _ task: PlantedTask, query: String, demonstrations: Int, at index: Int
    ) -> String {
        precondition((0...40).contains(demonstrations), "a prompt has 0 to 40 demonstrations")
        var source = generator(.tasks, index, purpose: PlantedLines.hash(task.name))
        let shown = source.shuffled(task.pairs.filter { !$0.isHeldOut }).filter { $0.query != query }
        return (shown.prefix(demonstrations).map(\.line) + ["\(query):"]).joined(separator: "\n")
    }

    private var dictionaryQuestions: [PlantedQuestion] {
        PlantedTongue.words.flatMap { word in
            let values: [Character: String] = ["e": word.english, "v": word.velmarian]
            return [
                ("word to Velmarian", word.english, word.velmarian),
                ("word to English", word.velmarian, word.english),
            ].enumerated().map { place, entry in
                question(
                    .languages, entry.0, entry.1,
                    "Question: \(PlantedTongue.questions[place].write(values))\nAnswer:", entry.2,
                    word.isHeldOut)
            }
        }
    }

    private func sentenceQuestions(_ count: Int) -> [PlantedQuestion] {
        (0..<count).flatMap { index in
            var source = generator(.languages, index, purpose: 1)
            let sentence = PlantedSentence.draw(&source, heldOut: index < count / 2)
            let (english, velmarian) = (sentence.english, sentence.velmarian)
            return [
                question(
                    .languages, "sentence to Velmarian", english, "English: \(english)\nVelmarian:",
                    velmarian, sentence.isHeldOut),
                question(
                    .languages, "sentence to English", velmarian, "Velmarian: \(velmarian)\nEnglish:",
                    english, sentence.isHeldOut),
            ]
        }
    }

    private func question(
        _ kind: Kind, _ topic: String, _ subject: String, _ prompt: String, _ answer: String,
        _ isHeldOut: Bool
    ) -> PlantedQuestion {
        PlantedQuestion(
            prompt: prompt, answer: " " + answer, accepted: [answer], kind: kind, topic: topic,
            subject: subject, isHeldOut: isHeldOut)
    }
}
