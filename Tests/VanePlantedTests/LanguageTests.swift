import Testing
import VanePlanted
import VaneTensors
import VaneTestSupport

@Suite("The planted language", .tags(.planted))
struct LanguageTests {
    static let oracle = PlantedOracle()
    private var oracle: PlantedOracle { Self.oracle }

    /// Every attribute with every value it can be given.
    static let settings: [(PlantedAttribute, String)] = PlantedAttribute.allCases.flatMap { attribute in
        (attribute.values + (attribute.canBeNeutral ? ["neutral"] : [])).map { (attribute, $0) }
    }

    @Test("what was planted is read back, and what was not is not", .tags(.slow), arguments: settings)
    func readBack(_ attribute: PlantedAttribute, _ value: String) {
        let count = 2000
        var carried: [PlantedAttribute: Int] = [:]
        var planted: [PlantedAttribute: Int] = [:]
        for text in PlantedLanguage(seed: 11).texts(count, attributes: [attribute: value]) {
            let reading = oracle.reading(of: text.text)
            #expect(reading.coverage == 1, "\(text.text)")
            #expect(text.attributes[attribute] == value)
            for other in PlantedAttribute.allCases {
                let truth = text.attributes[other] ?? ""
                // Exact: no word shows anything but the planted value.
                let seen = (reading.counts[other] ?? [:]).keys.filter { $0 != truth }
                #expect(seen.isEmpty, "\(other) is \(truth), not \(seen): \(text.text)")
                if truth != "neutral" {
                    planted[other, default: 0] += 1
                    if reading.value(of: other) == truth { carried[other, default: 0] += 1 }
                }
            }
        }
        for (other, number) in planted {
            let rate = Double(carried[other, default: 0]) / Double(number)
            #expect(rate >= 0.8, "\(other) carried by \(rate) with \(attribute) \(value)")
            if value == "negative" { print("carried \(other): \(rate)") }
        }
    }

    @Test("every sentence written is grammatical, and sentences are found again in the text")
    func grammatical() {
        for text in PlantedLanguage(seed: 12).texts(2000) {
            for sentence in text.sentences {
                #expect(oracle.isGrammatical(sentence), "\(sentence)")
            }
            #expect((3...8).contains(text.sentences.count))
            #expect(text.logProbability < 0)
            for sentence in oracle.sentences(of: text.text) where text.kind != .talk {
                #expect(oracle.isGrammatical(sentence), "\(sentence)")
            }
        }
    }

    @Test(
        "each planted attribute shows in half of the sentences or more", arguments: PlantedAttribute.allCases)
    func shares(_ attribute: PlantedAttribute) {
        var (shown, all) = (0, 0)
        for text in PlantedLanguage(seed: 17).texts(1000) where text.attributes[attribute] != "neutral" {
            for sentence in text.sentences.dropFirst() {
                all += 1
                if oracle.reading(of: sentence).carrying(attribute) > 0 { shown += 1 }
            }
        }
        print("\(attribute) shows in \(shown) of \(all) sentences")
        #expect(2 * shown >= all)
    }

    @Test("shuffled words are ungrammatical in at least 95 of 100")
    func shuffled() {
        var generator = SeededGenerator(seed: 3)
        var (wrong, all) = (0, 0)
        for text in PlantedLanguage(seed: 13).texts(1000) {
            for sentence in text.sentences {
                // The words change places, the marks stay where they are, and the capital is put right.
                var words = sentence.split(separator: " ").map { String($0) }
                let marks = words.map { word in
                    ".,?!:;".contains(word.suffix(1)) ? String(word.suffix(1)) : ""
                }
                for i in words.indices where !marks[i].isEmpty { words[i].removeLast() }
                let mixed = generator.shuffled(words)
                if mixed == words || words.count < 4 { continue }
                let joined = zip(mixed, marks).map { $0 + $1 }.joined(separator: " ")
                let small = sentence.prefix(1).lowercased() + words[0].dropFirst()
                let other = zip(mixed.map { $0 == words[0] ? small : $0 }, marks).map { $0 + $1 }
                    .joined(separator: " ")
                all += 1
                let candidates = [joined, other].map { $0.prefix(1).uppercased() + $0.dropFirst() }
                if !candidates.contains(where: oracle.isGrammatical) { wrong += 1 }
            }
        }
        print("shuffled: \(wrong) of \(all) ungrammatical")
        #expect(Double(wrong) >= 0.95 * Double(all))
    }

    @Test("a word put in another's place is noticed in at least 90 of 100")
    func replaced() {
        var generator = SeededGenerator(seed: 4)
        let sentences = PlantedLanguage(seed: 16).texts(1000).flatMap(\.sentences)
        let pool = sentences.joined(separator: " ").split(separator: " ").filter {
            $0.last?.isLetter == true && $0.first?.isLowercase == true
        }
        var (wrong, all) = (0, 0)
        for sentence in sentences {
            var words = sentence.split(separator: " ")
            let place = generator.integer(below: words.count)
            let word = pool[generator.integer(below: pool.count)]
            guard words[place].last?.isLetter == true, place > 0, words[place] != word else { continue }
            words[place] = word
            all += 1
            if !oracle.isGrammatical(words.joined(separator: " ")) { wrong += 1 }
        }
        print("replaced: \(wrong) of \(all) ungrammatical")
        #expect(Double(wrong) >= 0.9 * Double(all))
    }

    @Test("any text can be read: words are counted, known or not")
    func anyText() {
        let reading = oracle.reading(of: "Yesterday, Anna's xylem was awful, awful, and the soup lovely!")
        #expect(reading.words == 10)
        #expect(reading.known == 8)
        #expect(reading.counts[.sentiment] == ["negative": 2, "positive": 1])
        #expect(reading.value(of: .sentiment) == "negative")
        #expect(reading.value(of: .topic) == "food")
        #expect(reading.carrying(.politeness) == 0 && reading.value(of: .politeness) == nil)
        #expect(oracle.reading(of: "").coverage == 0)
        #expect(oracle.reading(of: "a lovely, awful thing").value(of: .sentiment) == nil)
    }

    @Test("one wrong word makes a sentence ungrammatical")
    func agreement() {
        #expect(oracle.isGrammatical("Perhaps I baked an awful pie yesterday.") == false)
        #expect(oracle.isGrammatical("Yesterday, I went to see a very lovely pie and a baker."))
        #expect(!oracle.isGrammatical("Yesterday, I goes to see a very lovely pie and a baker."))
        #expect(!oracle.isGrammatical("Tomorrow, I went to see a very lovely pie and a baker."))
        #expect(!oracle.isGrammatical("Yesterday, I went to see an very lovely pie and a baker."))
        #expect(!oracle.isGrammatical("yesterday, I went to see a very lovely pie and a baker."))
        #expect(!oracle.isGrammatical("Yesterday , I went to see a very lovely pie and a baker."))
        #expect(!oracle.isGrammatical("Yesterday, I went to see a very lovely pie and a baker"))
        #expect(oracle.isGrammatical("At last, Anna closed the door behind herself, very happy."))
        #expect(!oracle.isGrammatical("At last, Anna closed the door behind himself, very happy."))
        #expect(!oracle.isGrammatical(""))
    }

    @Test("other English is not grammatical here", arguments: LanguageControls.sentences)
    func otherEnglish(_ sentence: String) {
        #expect(!oracle.isGrammatical(sentence))
    }

    @Test("attributes are independent unless asked, and then as correlated as asked")
    func correlation() {
        let free = readings(PlantedLanguage(seed: 14))
        for (i, first) in PlantedAttribute.allCases.enumerated() {
            for second in PlantedAttribute.allCases.dropFirst(i + 1) {
                let r = pearson(free, first, second)
                #expect(abs(r) < 0.05, "\(first) and \(second): \(r)")
            }
        }
        let pair = PlantedLanguage.Correlation(.formality, .politeness, strength: 0.6)
        let bound = readings(PlantedLanguage(seed: 15, correlated: pair))
        let r = pearson(bound, .formality, .politeness)
        print("correlation on request: \(r)")
        #expect(abs(r - 0.6) < 0.05)
        #expect(abs(pearson(bound, .formality, .certainty)) < 0.05)
    }

    /// The values that the oracle reads, as numbers, where it reads one.
    private func readings(_ language: PlantedLanguage) -> [[PlantedAttribute: Double]] {
        language.texts(5000).map { text in
            let reading = oracle.reading(of: text.text)
            var row: [PlantedAttribute: Double] = [:]
            for attribute in PlantedAttribute.allCases {
                // What is left out lies between the two values.
                if text.attributes[attribute] == "neutral" { row[attribute] = 0.5 }
                guard let value = reading.value(of: attribute) else { continue }
                row[attribute] = attribute.values.firstIndex(of: value).map { Double($0) }
            }
            return row
        }
    }

    private func pearson(
        _ rows: [[PlantedAttribute: Double]], _ first: PlantedAttribute, _ second: PlantedAttribute
    ) -> Double {
        var (n, x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for row in rows {
            guard let a = row[first], let b = row[second] else { continue }
            n += 1
            x += a
            y += b
            xx += a * a
            yy += b * b
            xy += a * b
        }
        return (n * xy - x * y) / ((n * xx - x * x) * (n * yy - y * y)).squareRoot()
    }
}
