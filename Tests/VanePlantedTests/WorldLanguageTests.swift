import Testing
import VanePlanted
import VaneTensors

@Suite("Tasks and the second language of the planted world")
struct WorldLanguageTests {
    private let world = PlantedWorld(seed: 1)
    private let oracle = PlantedWorldOracle()

    @Test("tasks have 25 to 70 pairs, a fifth held out, and share their words but no pair")
    func tasks() {
        var answers: [String: Set<String>] = [:]
        var pairs: Set<String> = []
        for task in PlantedTask.all {
            let out = task.pairs.count(where: \.isHeldOut)
            print("\(task.name): \(task.pairs.count) pairs, \(out) held out")
            #expect((25...70).contains(task.pairs.count), "\(task.name)")
            #expect(out == (task.pairs.count + 2) / 5, "\(task.name)")
            for pair in task.pairs {
                answers[pair.query, default: []].insert(pair.answer)
                #expect(pairs.insert(pair.line).inserted, "\(pair.line) belongs to two tasks")
                #expect(oracle.isTrue(pair.line) == true)
            }
        }
        let open = answers.count { $0.value.count > 1 }
        print("\(PlantedTask.all.count) tasks, \(answers.count) queries, \(open) with several answers")
        #expect(PlantedTask.all.count >= 8)
        #expect(Double(open) >= 0.6 * Double(answers.count))
        #expect(oracle.isTrue("hot: small") == false)
        #expect(oracle.isTrue("hot: banana") == nil)
        #expect(oracle.isTrue("banana: hot") == nil)
        #expect(!oracle.isGrammatical("hot:cold") && !oracle.isGrammatical("hot : cold"))
    }

    @Test("demonstrations decide the task: one is left, and with none several are")
    func demonstrations() {
        var (decided, open, all) = (0, 0, 0)
        for question in world.questions(.tasks) {
            let shown = question.prompt.split(separator: "\n").dropLast().joined(separator: "\n")
            let last = question.prompt.split(separator: "\n").last
            #expect(last == "\(question.subject):")
            #expect(shown.split(separator: "\n").count == 5)
            #expect(!shown.split(separator: "\n").contains { $0.hasPrefix("\(question.subject):") })
            let tasks = oracle.tasks(for: shown)
            #expect(tasks.contains { $0.name == question.topic })
            let answers = Set(tasks.compactMap { $0.answer(to: question.subject) })
            #expect(answers.contains(question.accepted[0]))
            all += 1
            decided += answers.count == 1 ? 1 : 0
            open += Set(PlantedTask.all.compactMap { $0.answer(to: question.subject) }).count > 1 ? 1 : 0
        }
        print("\(all) task questions: \(decided) decided by 5 demonstrations, \(open) open without")
        #expect(decided == all)
        #expect(Double(open) >= 0.6 * Double(all))
        let zero = world.questions(.tasks, demonstrations: 0)
        #expect(zero.allSatisfy { $0.prompt == "\($0.subject):" })
    }

    @Test("translation is one to one, and no Velmarian form is a word of English or of another meaning")
    func dictionary() {
        let words = PlantedTongue.words
        #expect((150...250).contains(words.count))
        #expect(Set(words.map(\.english)).count == words.count)
        #expect(Set(words.map(\.velmarian)).count == words.count)
        #expect(Set(words.map(\.english)).isDisjoint(with: words.map(\.velmarian)))
        let english = PlantedOracle()
        for word in words {
            #expect(PlantedTongue.velmarian(for: word.english) == word.velmarian)
            #expect(PlantedTongue.english(for: word.velmarian) == word.english)
            #expect(english.reading(of: word.velmarian).known == 0, "\(word.velmarian)")
            #expect(oracle.isTrue("The Velmarian word for \(word.english) is \(word.velmarian).") == true)
            #expect(oracle.isTrue("The word \(word.velmarian) means \(word.english).") == true)
        }
        for (word, next) in zip(words, words.dropFirst()) {
            #expect(oracle.isTrue("The Velmarian word for \(word.english) is \(next.velmarian).") == false)
            #expect(oracle.isTrue("The word \(next.velmarian) means \(word.english).") == false)
        }
        // Controls: the test of foreignness sees English.
        #expect(english.reading(of: "soup").known == 1)
        #expect(PlantedTongue.velmarian(for: "soup") == nil && PlantedTongue.english(for: "teacher") == nil)
        let classes = Dictionary(grouping: words, by: \.wordClass).mapValues(\.count)
        print("\(words.count) meanings: \(classes), \(words.count(where: \.isHeldOut)) held out")
    }

    @Test("both lines of a pair carry the same meanings; a pair of other sentences is false")
    func meanings() {
        let questions = world.questions(.languages, sentences: 1000).filter { $0.topic.hasPrefix("sentence") }
        var (different, shapes) = (0, Set<Int>())
        var previous = ""
        for question in questions where question.topic == "sentence to Velmarian" {
            let pair = question.prompt + question.answer
            let lines = pair.split(separator: "\n").map { String($0) }
            #expect(oracle.isTrue(pair) == true, "\(pair)")
            #expect(oracle.meanings(of: lines[0]) == oracle.meanings(of: lines[1]))
            #expect(oracle.isTrue("\(lines[1])\n\(lines[0])") == true)
            #expect(oracle.isTrue("\(lines[0])\n\(lines[0])") == nil)
            #expect(question.isHeldOut == oracle.sentence(of: lines[0])?.isHeldOut)
            shapes.insert(oracle.meanings(of: lines[0])?.count ?? 0)
            if !previous.isEmpty, previous != lines[1] {
                #expect(oracle.isTrue("\(lines[0])\n\(previous)") == false)
                different += 1
            }
            previous = lines[1]
        }
        print("\(different) wrong translations are false; sentences carry \(shapes.sorted()) meanings")
        #expect(different > 900)
    }

    @Test("wrong agreement, order, endings and sense are no sentences")
    func grammar() throws {
        let right = "Yesterday the old teachers carried a basket in the garden."
        let sentence = try #require(PlantedSentence(english: right))
        #expect(sentence.meanings == ["teacher", "old", "carry", "basket", "garden", "yesterday"])
        #expect(PlantedSentence(velmarian: sentence.velmarian) == sentence)
        #expect(oracle.isGrammatical("Velmarian: " + sentence.velmarian))
        for wrong in [
            "Yesterday the old teachers carry a basket in the garden.",
            "Yesterday the teachers old carried a basket in the garden.",
            "Yesterday the old teachers carried a basket in the garden",
            "yesterday the old teachers carried a basket in the garden.",
            "Yesterday the old teachers carried an basket in the garden.",
            "Yesterday the old teachers carried in the garden.",
            "Yesterday the old baskets carried a teacher in the garden.",
            "Now the old teachers carried a basket.", "The teacher carry a basket.",
            "The teacher carries the garden.", "The hot teacher carries a basket.", "The.",
        ] {
            #expect(!oracle.isGrammatical(wrong), "\(wrong)")
        }
        // Words of a Velmarian sentence in another order are another sentence or none.
        var generator = SeededGenerator(seed: 3)
        let words = sentence.velmarian.dropLast().lowercased().split(separator: " ")
        for _ in 0..<50 {
            let mixed = generator.shuffled(words).joined(separator: " ")
            let line = mixed.prefix(1).uppercased() + mixed.dropFirst() + "."
            if line != sentence.velmarian { #expect(PlantedSentence(velmarian: line) != sentence) }
        }
    }

    @Test("questions take the right answer and no other", arguments: PlantedWorld.Kind.allCases)
    func questions(_ kind: PlantedWorld.Kind) {
        let questions = world.questions(kind)
        let out = questions.count(where: \.isHeldOut)
        print("\(kind): \(questions.count) questions, \(out) held out")
        #expect(out * 10 > questions.count && out * 2 < questions.count)
        for question in questions {
            #expect(question.prompt.hasSuffix(":") && question.answer.hasPrefix(" ") && question.kind == kind)
            #expect(question.isRight(question.answer) && question.isRight(question.answer + "\nmore"))
            #expect(
                !question.isRight("") && !question.isRight(" wrong")
                    && !question.isRight("\n" + question.answer))
            if !question.topic.hasPrefix("sentence") && !question.topic.hasSuffix("counted") {
                #expect((1...3).contains(question.accepted[0].split(separator: " ").count))
            }
            if kind != .tasks { #expect(oracle.isTrue(question.prompt + question.answer) == true) }
        }
    }
}
