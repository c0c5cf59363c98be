import VaneTensors

/// What a sentence of the two planted languages says. It has exactly one wording in each.
///
/// English: `Yesterday the old teacher carried a basket in the garden.` Time, subject, verb, object, place;
/// adjectives stand before their noun, and the verb agrees with its subject. Velmarian: subject, object, verb,
/// place, time; adjectives follow their noun; `lo` is `the`, `mi` is `a`; a place is the noun with `-ano`.
public struct PlantedSentence: Sendable, Hashable {
    /// A noun with what belongs to it.
    public struct Phrase: Sendable, Hashable {
        /// The meaning of the noun: its English dictionary word.
        public let noun: String
        /// Whether there are several.
        public let isPlural: Bool
        /// Whether it is a known one: `the` and not `a`.
        public let isDefinite: Bool
        /// The meaning of the adjective.
        public let adjective: String?
    }

    /// Who does it.
    public let subject: Phrase
    /// The meaning of the verb: its English base form.
    public let verb: String
    /// Whether it is past; otherwise present.
    public let isPast: Bool
    /// To whom or what it is done.
    public let object: Phrase?
    /// The place, one noun.
    public let place: String?
    /// The word of time.
    public let time: String?

    /// The meanings of the content words, in the order subject, verb, object, place, time; adjectives after their
    /// nouns. The same for both languages.
    public var meanings: [String] {
        [
            subject.noun, subject.adjective, verb, object?.noun, object?.adjective, place, time,
        ].compactMap { $0 }
    }

    /// No document of a world carries this sentence, in either language: about one sentence in eight.
    public var isHeldOut: Bool { PlantedLines.hash(english) % 8 == 0 }

    // MARK: Writing

    /// The sentence in English.
    public var english: String {
        var words: [String] = time.map { [$0] } ?? []
        words += Self.english(subject)
        let forms = Self.word(verb).forms
        words.append(forms[isPast ? 2 : subject.isPlural ? 0 : 1])
        if let object { words += Self.english(object) }
        if let place { words += ["in", "the", place] }
        return PlantedTokens.capitalised(words.joined(separator: " ")) + "."
    }

    /// The sentence in Velmarian.
    public var velmarian: String {
        var words = Self.velmarian(subject)
        if let object { words += Self.velmarian(object) }
        words.append(Self.word(verb).stem + (isPast ? "ost" : "im"))
        if let place { words.append(Self.word(place).stem + "ano") }
        if let time { words.append(Self.word(time).velmarian) }
        return PlantedTokens.capitalised(words.joined(separator: " ")) + "."
    }

    private static func english(_ phrase: Phrase) -> [String] {
        let rest = [phrase.adjective, word(phrase.noun).forms[phrase.isPlural ? 1 : 0]].compactMap { $0 }
        if phrase.isDefinite { return ["the"] + rest }
        if phrase.isPlural { return rest }
        return ["aeiou".contains(rest[0].prefix(1)) ? "an" : "a"] + rest
    }

    private static func velmarian(_ phrase: Phrase) -> [String] {
        let article = phrase.isDefinite ? ["lo"] : phrase.isPlural ? [] : ["mi"]
        let noun = word(phrase.noun).stem + (phrase.isPlural ? "ari" : "a")
        return article + [noun] + (phrase.adjective.map { [word($0).velmarian] } ?? [])
    }

    private static func word(_ english: String) -> PlantedTongue.Word {
        guard let word = PlantedDictionary.shared.byEnglish[english] else {
            preconditionFailure("\(english) is not in the dictionary")
        }
        return word
    }

    // MARK: Drawing

    /// A sentence drawn at random that is not held out unless asked.
    static func draw(_ generator: inout SeededGenerator, heldOut: Bool = false) -> PlantedSentence {
        while true {
            let sentence = draw(&generator)
            if sentence.isHeldOut == heldOut { return sentence }
        }
    }

    private static func draw(_ generator: inout SeededGenerator) -> PlantedSentence {
        let dictionary = PlantedDictionary.shared
        func pick(
            _ wordClass: PlantedTongue.Word.Class, _ generator: inout SeededGenerator,
            where fits: (String) -> Bool = { _ in true }
        ) -> PlantedTongue.Word {
            let words = (dictionary.byClass[wordClass] ?? []).filter { fits($0.group) }
            return words[generator.integer(below: words.count)]
        }
        func phrase(_ groups: [String], _ generator: inout SeededGenerator) -> Phrase {
            let noun = pick(.noun, &generator) { groups.contains($0) }
            let isBeing = beings.contains(noun.group)
            let hasAdjective = generator.integer(below: 5) < 2
            let adjective = hasAdjective ? pick(.adjective, &generator) { fits($0, isBeing: isBeing) } : nil
            return Phrase(
                noun: noun.english, isPlural: generator.integer(below: 3) == 0,
                isDefinite: generator.integer(below: 2) == 0, adjective: adjective?.english)
        }
        let verb = pick(.verb, &generator)
        let isPast = generator.integer(below: 2) == 0
        let subject = phrase(subjects(verb.group), &generator)
        let object = verb.group == "alone" ? nil : phrase(objects(verb.group), &generator)
        let hasPlace = generator.integer(below: object == nil ? 2 : 4) == 0
        let place = hasPlace ? pick(.noun, &generator) { $0 == "place" } : nil
        let hasTime = generator.integer(below: 3) == 0
        let time = hasTime ? pick(.time, &generator) { $0 == (isPast ? "past" : "present") } : nil
        return PlantedSentence(
            subject: subject, verb: verb.english, isPast: isPast, object: object, place: place?.english,
            time: time?.english)
    }

    // MARK: Sense

    private static let beings = ["person", "animal"]

    private static func fits(_ group: String, isBeing: Bool) -> Bool {
        group == "both" || group == (isBeing ? "being" : "object")
    }

    private static func subjects(_ group: String) -> [String] { group == "thing" ? ["person"] : beings }

    private static func objects(_ group: String) -> [String] { group == "being" ? beings : [group] }

    private var makesSense: Bool {
        func sound(_ phrase: Phrase, _ groups: [String]) -> Bool {
            let group = Self.word(phrase.noun).group
            guard groups.contains(group) else { return false }
            guard let adjective = phrase.adjective else { return true }
            return Self.fits(Self.word(adjective).group, isBeing: Self.beings.contains(group))
        }
        let group = Self.word(verb).group
        guard sound(subject, Self.subjects(group)), (object == nil) == (group == "alone") else {
            return false
        }
        if let object, !sound(object, Self.objects(group)) { return false }
        if let place, Self.word(place).group != "place" { return false }
        if let time, Self.word(time).group != (isPast ? "past" : "present") { return false }
        return true
    }

    private init(
        subject: Phrase, verb: String, isPast: Bool, object: Phrase?, place: String?, time: String?
    ) {
        (self.subject, self.verb, self.isPast) = (subject, verb, isPast)
        (self.object, self.place, self.time) = (object, place, time)
    }

    // MARK: Reading

    /// What an English sentence says; nil unless it is exactly the wording of a sentence.
    public init?(english line: String) {
        guard var words = Self.words(of: line) else { return nil }
        let forms = PlantedDictionary.shared.englishForms
        func form(_ wordClass: PlantedTongue.Word.Class) -> PlantedDictionary.Form? {
            words.first.flatMap { forms[$0]?.first { $0.word.wordClass == wordClass } }
        }
        func phrase() -> Phrase? {
            let isDefinite = words.first == "the"
            if ["the", "a", "an"].contains(words.first) { words.removeFirst() }
            let adjective = form(.adjective)
            if adjective != nil { words.removeFirst() }
            guard let noun = form(.noun) else { return nil }
            words.removeFirst()
            return Phrase(
                noun: noun.word.english, isPlural: noun.place == 1, isDefinite: isDefinite,
                adjective: adjective?.word.english)
        }
        let time = form(.time)
        if time != nil { words.removeFirst() }
        guard let subject = phrase(), let verb = form(.verb), verb.place < 3 else { return nil }
        words.removeFirst()
        let object = words.isEmpty || words[0] == "in" ? nil : phrase()
        var place: String?
        if words.count == 3, words[0] == "in", words[1] == "the" { place = words[2] }
        if let place, PlantedDictionary.shared.byEnglish[place] == nil { return nil }
        self.init(
            subject: subject, verb: verb.word.english, isPast: verb.place == 2, object: object, place: place,
            time: time?.word.english)
        // What the loose reading above let pass, the wording shows.
        guard makesSense, self.english == line else { return nil }
    }

    /// What a Velmarian sentence says; nil unless it is exactly the wording of a sentence.
    public init?(velmarian line: String) {
        guard var words = Self.words(of: line) else { return nil }
        let forms = PlantedDictionary.shared.velmarianForms
        func form(_ wordClass: PlantedTongue.Word.Class) -> PlantedDictionary.Form? {
            words.first.flatMap { forms[$0] }.flatMap { $0.word.wordClass == wordClass ? $0 : nil }
        }
        func phrase() -> Phrase? {
            let isDefinite = words.first == "lo"
            if ["lo", "mi"].contains(words.first) { words.removeFirst() }
            guard let noun = form(.noun), noun.place < 2 else { return nil }
            words.removeFirst()
            let adjective = form(.adjective)
            if adjective != nil { words.removeFirst() }
            return Phrase(
                noun: noun.word.english, isPlural: noun.place == 1, isDefinite: isDefinite,
                adjective: adjective?.word.english)
        }
        guard let subject = phrase() else { return nil }
        let object = form(.verb) == nil ? phrase() : nil
        guard let verb = form(.verb) else { return nil }
        words.removeFirst()
        let place = form(.noun)
        if place != nil { words.removeFirst() }
        let time = form(.time)
        self.init(
            subject: subject, verb: verb.word.english, isPast: verb.place == 1, object: object,
            place: place?.word.english, time: time?.word.english)
        guard makesSense, self.velmarian == line else { return nil }
    }

    private static func words(of line: String) -> [String]? {
        guard line.hasSuffix("."), line.prefix(1) != line.prefix(1).lowercased() else { return nil }
        return (line.prefix(1).lowercased() + line.dropFirst().dropLast()).split(separator: " ").map {
            String($0)
        }
    }
}
