import Foundation
import Testing
import VanePlanted
import VaneTensors
import VaneTestSupport

@Suite("The probability of a text under the planted grammar", .tags(.planted))
struct LikelihoodTests {
    static let likelihood = PlantedLikelihood()
    private var likelihood: PlantedLikelihood { Self.likelihood }

    /// A grammar so small that its sentences can be written out.
    private func tiny(noise: Double) -> PlantedLikelihood {
        PlantedLikelihood(
            lexicon: [
                """
                who person=first: I
                who person=third gender=f: she; Ann
                who person=third gender=m: he
                verb: see/saw/seen
                maybe: _; very
                adj sentiment=positive: good; fine
                adj sentiment=negative: bad
                adj sentiment=-: plain; old
                thing: cat; egg; tin hat; hat
                """
            ],
            frames: [
                """
                x | {who} {verb.s} a {maybe} {adj} {thing}.
                x tense=past | The {thing} (was|has been) {adj}!
                y | Oh! And then {who}?
                z | Dear {thing},
                """
            ], sample: ["The cat was good!"], noise: noise)
    }

    private var tinySentences: Set<String> {
        let (people, verbs) = (["I", "She", "Ann", "He"], ["saw", "see", "sees", "will see"])
        let (adjectives, things) = (
            ["good", "fine", "bad", "plain", "old"], ["cat", "egg", "tin hat", "hat"]
        )
        var all: Set<String> = []
        for thing in things {
            all.insert("Dear \(thing),")
            for adjective in adjectives {
                for verb in ["was", "has been"] { all.insert("The \(thing) \(verb) \(adjective)!") }
                for (person, verb) in people.flatMap({ person in verbs.map { (person, $0) } }) {
                    all.insert("\(person) \(verb) \(adjective == "old" ? "an" : "a") \(adjective) \(thing).")
                    all.insert("\(person) \(verb) a very \(adjective) \(thing).")
                }
            }
        }
        for person in ["I", "she", "Ann", "he"] { all.insert("Oh! And then \(person)?") }
        return all
    }

    @Test("the probabilities of all sentences of a small grammar sum to 1", .tags(.law))
    func sum() {
        let exact = tiny(noise: 0)
        let total = tinySentences.map { exp(exact.logProbability(of: $0).logProbability) }.reduce(0, +)
        #expect(abs(total - 1) < 1e-9, "\(total)")
        // With noise the words alone share what the frames leave.
        for noise in [0.01, 0.2] {
            let noisy = tiny(noise: noise)
            let total = tinySentences.map { exp(noisy.logProbability(of: $0).logProbability) }.reduce(0, +)
            #expect(total > 1 - noise - 1e-9 && total < 1, "\(total) at \(noise)")
        }
    }

    @Test("small cases agree with a calculation by hand")
    func byHand() {
        let exact = tiny(noise: 0)
        // A frame of four in the past, of three otherwise: 1/3 · 1/4 + 2/3 · 1/3 = 11/36; a thing of four.
        let dear = exact.logProbability(of: "Dear cat,")
        #expect(abs(dear.logProbability - log(11.0 / 36 / 4)) < 1e-12)
        #expect(dear.words == 2 && dear.sentences == 1 && dear.grammaticalSentences == 1)
        #expect(abs(dear.perplexity - exp(-dear.logProbability / 2)) < 1e-9)
        // The third person and the gender, 1/4; one of two words for her.
        let then = exact.logProbability(of: "Oh! And then she?")
        #expect(abs(then.logProbability - log(11.0 / 36 / 8)) < 1e-12)
        #expect(then.sentences == 1 && then.words == 4)
        // Two sentences share their attributes: the first person twice is 1/2, not 1/4.
        let twice = exact.logProbability(of: "Oh! And then I? Oh! And then I?")
        let frames = log((1.0 / 16 + 2.0 / 9) / 3)
        #expect(abs(twice.logProbability - frames - log(0.5)) < 1e-12)
        // A change of gender is impossible without noise, and merely improbable with it.
        let mixed = "Oh! And then she? Oh! And then he?"
        #expect(exact.logProbability(of: mixed).logProbability == -.infinity)
        let noisy = tiny(noise: 0.01)
        let pure = noisy.logProbability(of: "Oh! And then she? Oh! And then she?").logProbability
        let change = noisy.logProbability(of: mixed).logProbability
        #expect(change.isFinite && change < pure - 2)
        #expect(exact.logProbability(of: "The cat sat.").logProbability == -.infinity)
        #expect(noisy.logProbability(of: "The cat sat.").logProbability.isFinite)
        // Nothing to be read from an impossible text.
        let nothing = exact.posterior(of: mixed)[.sentiment] ?? [:]
        #expect(nothing.values.allSatisfy { abs($0 - 1.0 / 3) < 1e-9 } && nothing.count == 3)
    }

    @Test("the posterior of a small text is Bayes's rule")
    func bayes() {
        let posterior = tiny(noise: 0).posterior(of: "She sees a very good cat.")
        // 'good' fits positive texts alone, 'sees' the present, 'she' one gender of the third person.
        #expect(
            posterior[.sentiment]?.count == 3 && abs((posterior[.sentiment]?["positive"] ?? 0) - 1) < 1e-12)
        #expect(posterior[.sentiment]?["negative"] == 0 && posterior[.sentiment]?["neutral"] == 0)
        #expect(abs((posterior[.tense]?["present"] ?? 0) - 1) < 1e-12)
        #expect(abs((posterior[.person]?["third"] ?? 0) - 1) < 1e-12)
        // 'plain' and 'old' are neutral; no word has a topic, which stays as it was.
        let other = tiny(noise: 0).posterior(of: "The cat was old!")
        #expect(abs((other[.sentiment]?["neutral"] ?? 0) - 1) < 1e-12)
        let topics = other[.topic] ?? [:]
        #expect(topics.values.allSatisfy { abs($0 - 1 / Double(topics.count)) < 1e-12 })
        let noisy = tiny(noise: 0.1).posterior(of: "I saw a good cat. I saw a good cat.")
        #expect((noisy[.sentiment]?["positive"] ?? 0) > 0.99)
    }

    @Test("the log-probability is close to what the writer counted")
    func writer() {
        let texts = PlantedLanguage(seed: 31).texts(1000)
        let oracle = PlantedOracle()
        var (x, y, words, sentences, grammatical) = ([Double](), [Double](), 0, 0, 0)
        for text in texts {
            let score = likelihood.logProbability(of: text.text)
            x.append(text.logProbability)
            y.append(score.logProbability)
            words += score.words
            sentences += score.sentences
            grammatical += score.grammaticalSentences
            #expect(score.sentences == text.sentences.count, "\(text.text)")
            #expect(score.words == oracle.reading(of: text.text).words)
        }
        let difference = (y.reduce(0, +) - x.reduce(0, +)) / Double(words)
        let perplexity = exp(-y.reduce(0, +) / Double(words))
        let r = pearson(x, y)
        print("likelihood - writer: \(difference) nats a word, r = \(r), perplexity \(perplexity)")
        #expect(abs(difference) < 1)
        #expect(r > 0.8)
        #expect(grammatical == sentences)
    }

    @Test("other words, other orders and mixtures are less probable")
    func controls() {
        var generator = SeededGenerator(seed: 5)
        let texts = PlantedLanguage(seed: 32).texts(300)
        let pure = perplexity(texts.map(\.text))
        let shuffled = perplexity(
            texts.map { text in
                text.sentences.map { sentence in
                    generator.shuffled(sentence.dropLast().split(separator: " ")).joined(separator: " ") + "."
                }.joined(separator: " ")
            })
        // Sentences of different texts, with all their attributes.
        let mixed = perplexity(
            texts.indices.map { i in
                texts[i].sentences.indices.map { texts[(i + $0) % texts.count].sentences }
                    .enumerated().map { $0.element[min($0.offset, $0.element.count - 1)] }
                    .joined(separator: "\n") + "\n"
            })
        let english = perplexity(LanguageControls.sentences)
        print("perplexity: pure \(pure), mixed \(mixed), shuffled \(shuffled), English \(english)")
        #expect(mixed > 1.3 * pure)
        #expect(shuffled > 4 * pure)
        #expect(english > 4 * pure)
        for sentence in LanguageControls.sentences {
            let score = likelihood.logProbability(of: sentence)
            #expect(score.grammaticalSentences == 0 && score.logProbability.isFinite)
        }
    }

    @Test(
        "a text with two values of one attribute is less probable than a pure one",
        arguments: [
            (PlantedAttribute.sentiment, 0.95), (.topic, 0.9), (.formality, 0.75), (.tense, 0.8),
            (.person, 0.8),
            (.certainty, 0.5),
        ])
    func mixtures(_ attribute: PlantedAttribute, _ expected: Double) {
        var (worse, all) = (0, 0)
        var sums = (0.0, 0.0)
        for i in 0..<100 {
            let other = PlantedLanguage(seed: 33).text(at: i, kind: .review).attributes
            let halves = attribute.values.prefix(2).map { value in
                var given = other
                given[attribute] = value
                return PlantedLanguage(seed: 34).text(at: i, kind: .review, attributes: given).sentences
            }
            let (first, second) = (halves[0], halves[1])
            let pure = halves.map { perplexity([$0.joined(separator: " ")]) }
            let swapped = [
                first.prefix(first.count / 2) + second.suffix(second.count - second.count / 2),
                second.prefix(second.count / 2) + first.suffix(first.count - first.count / 2),
            ].map { perplexity([$0.joined(separator: " ")]) }
            all += 1
            if log(swapped[0] * swapped[1]) > log(pure[0] * pure[1]) { worse += 1 }
            sums.0 += log(pure[0] * pure[1]) / 200
            sums.1 += log(swapped[0] * swapped[1]) / 200
        }
        print("\(attribute): pure \(exp(sums.0)), mixed \(exp(sums.1)), worse \(worse) of \(all)")
        // A half without a word that carries the attribute mixes nothing.
        #expect(Double(worse) >= expected * Double(all))
        #expect(sums.1 > sums.0 + 0.04)
    }

    @Test("the posterior names the planted value")
    func posterior() {
        var right: [PlantedAttribute: Int] = [:]
        let count = 1000
        for text in PlantedLanguage(seed: 35).texts(count) {
            let posterior = likelihood.posterior(of: text.text)
            for attribute in PlantedAttribute.allCases {
                let values = posterior[attribute] ?? [:]
                #expect(abs(values.values.reduce(0, +) - 1) < 1e-9)
                // A draw leaves no attribute out but sentiment, so neutral is no answer for the others.
                let best = attribute.drawn.max { values[$0, default: 0] < values[$1, default: 0] }
                if best == text.attributes[attribute] { right[attribute, default: 0] += 1 }
            }
        }
        print("posterior: \(right) of \(count)")
        for attribute in PlantedAttribute.allCases {
            #expect(right[attribute, default: 0] >= count * 98 / 100, "\(attribute)")
        }
    }

    @Test("a text in which an attribute was left out is read as neutral")
    func neutral() {
        let given = Dictionary(
            uniqueKeysWithValues: PlantedAttribute.allCases.filter(\.canBeNeutral).map { ($0, "neutral") })
        var right: [PlantedAttribute: Int] = [:]
        for text in PlantedLanguage(seed: 36).texts(200, kind: .story, attributes: given) {
            let posterior = likelihood.posterior(of: text.text)
            for attribute in given.keys {
                // Of three values or more, the most probable.
                let best = posterior[attribute]?.max { $0.value < $1.value }?.key
                if best == "neutral" { right[attribute, default: 0] += 1 }
            }
        }
        print("neutral: \(right) of 200")
        for attribute in given.keys { #expect(right[attribute, default: 0] >= 180, "\(attribute)") }
    }

    @Test("noise makes what the grammar writes less probable, and what it does not more", .tags(.law))
    func noise() {
        let models = [0.001, 0.01, 0.05, 0.2].map { PlantedLikelihood(noise: $0) }
        for text in PlantedLanguage(seed: 37).texts(30) {
            let scores = models.map { $0.logProbability(of: text.text).logProbability }
            #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 > $1 }, "\(text.text)")
        }
        for sentence in LanguageControls.sentences {
            let scores = models.map { $0.logProbability(of: sentence).logProbability }
            #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 < $1 }, "\(sentence)")
        }
    }

    @Test("prompt and continuation together are the whole text", .tags(.law))
    func continuation() {
        for text in PlantedLanguage(seed: 38).texts(100) {
            let whole = likelihood.logProbability(of: text.text)
            #expect(likelihood.logProbability(of: text.text) == whole)
            #expect(likelihood.score(of: text.text, after: "") == whole)
            let cut = text.text.index(text.text.startIndex, offsetBy: text.text.count / 2)
            let (prompt, rest) = (String(text.text[..<cut]), String(text.text[cut...]))
            let score = likelihood.score(of: rest, after: prompt)
            let before = likelihood.logProbability(of: prompt)
            #expect(score.logProbability < 0)
            // In small talk a sentence can go on after a mark ("Oh! And then?"): then all of it is scored.
            #expect(score.words + before.words >= whole.words)
            if text.kind == .talk { continue }
            #expect(score.words + before.words == whole.words, "\(prompt)|\(rest)")
            #expect(abs(score.logProbability + before.logProbability - whole.logProbability) < 1e-8)
        }
    }

    @Test("an unfinished sentence is not scored, and one begun in the prompt counts as a whole")
    func unfinished() {
        let sentence = "Yesterday, I went to see a very lovely pie and a baker."
        let one = likelihood.logProbability(of: sentence)
        #expect(one.words == 12 && one.sentences == 1 && one.grammaticalSentences == 1)
        #expect(likelihood.logProbability(of: sentence + " Yesterday, I went") == one)
        #expect(likelihood.logProbability(of: "Yesterday, I went").words == 0)
        #expect(likelihood.logProbability(of: "Yesterday, I went").perplexity == 1)
        #expect(likelihood.logProbability(of: "").logProbability == 0)
        #expect(
            likelihood.score(of: " went to see a very lovely pie and a baker.", after: "Yesterday, I") == one)
        // The prompt tells the attributes, so the same sentence costs less after one of its kind.
        let after = likelihood.score(of: " " + sentence, after: sentence)
        #expect(after.words == 12 && after.logProbability > one.logProbability + 2)
        let odd = likelihood.score(
            of: " " + sentence, after: "Tomorrow, she will go to see an awful match and a runner.")
        #expect(odd.logProbability < after.logProbability - 2)
        // Text that no one planned for.
        for text in [
            "...", "A: ", "\n\n", "\"Quotes\" & naïve — dashes…\n", "!?",
            String(repeating: "word ", count: 500) + ".",
        ] {
            let score = likelihood.logProbability(of: text)
            #expect(score.logProbability.isFinite && score.logProbability <= 0)
        }
    }

    @Test("a text of a hundred words takes some milliseconds")
    func speed() {
        let texts = PlantedLanguage(seed: 39).texts(100)
        var words = 0
        let elapsed = ContinuousClock().measure {
            for text in texts { words += likelihood.logProbability(of: text.text).words }
        }
        let hundred = elapsed / words * 100
        print("likelihood: \(hundred) a hundred words")
        #expect(hundred < .milliseconds(50))
        let making = ContinuousClock().measure { _ = PlantedLikelihood() }
        print("likelihood: made in \(making)")
        #expect(making < .seconds(5))
    }

    private func perplexity(_ texts: [String]) -> Double {
        let scores = texts.map { likelihood.logProbability(of: $0) }
        let words = scores.reduce(0) { $0 + $1.words }
        return exp(-scores.reduce(0) { $0 + $1.logProbability } / Double(words))
    }

    private func pearson(_ x: [Double], _ y: [Double]) -> Double {
        let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        let xy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
        let xx = x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
        let yy = y.reduce(0) { $0 + ($1 - my) * ($1 - my) }
        return xy / (xx * yy).squareRoot()
    }
}
