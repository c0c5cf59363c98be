import VaneTensors

/// The dictionary of the second planted language, Velmarian: words of English and of Velmarian with shared
/// meanings, one word each.
///
/// Velmarian nouns end in `-a` (plural `-ari`, place `-ano`), verbs in `-im` (past `-ost`), adjectives in `-ek`,
/// words of time in `-ul`. Every stem stands for one meaning.
public struct PlantedTongue: Sendable {
    /// One meaning with its word in both languages.
    public struct Word: Sendable, Hashable {
        /// What a word can be.
        public enum Class: String, Sendable, CaseIterable {
            /// A noun, with the groups `person`, `animal`, `food`, `thing` and `place`.
            case noun
            /// A verb, with the groups `alone`, `thing`, `food` and `being` by its object.
            case verb
            /// An adjective, with the groups `being`, `object` and `both`.
            case adjective
            /// A word of time, with the groups `present` and `past`.
            case time
        }

        /// The class.
        public let wordClass: Class
        /// The group within the class.
        public let group: String
        /// The English word as a dictionary lists it; it is also the name of the meaning.
        public let english: String
        /// The Velmarian word as a dictionary lists it.
        public let velmarian: String
        /// Documents never ask for the translation of this word, though they state it and use it: a fifth.
        public let isHeldOut: Bool
        /// English forms: nouns singular, plural; verbs base, third person, past, -ing; others the word.
        let forms: [String]
        /// The Velmarian stem.
        let stem: String
    }

    /// The dictionary.
    public static let words: [Word] = PlantedDictionary.shared.words

    /// The Velmarian word for an English word, both as a dictionary lists them; nil for other words.
    public static func velmarian(for english: String) -> String? {
        PlantedDictionary.shared.byEnglish[english]?.velmarian
    }

    /// The English word for a Velmarian word, both as a dictionary lists them; nil for other words.
    public static func english(for velmarian: String) -> String? {
        PlantedDictionary.shared.byVelmarian[velmarian]?.english
    }

    /// `The Velmarian word for house is ...` and `The word ... means house.`
    static let statements = [
        PlantedPattern("The Velmarian word for {e} is {v}."), PlantedPattern("The word {v} means {e}."),
    ]
    /// The same as questions: for the Velmarian word, and for the English word.
    static let questions = [
        PlantedPattern("What is the Velmarian word for {e}?"), PlantedPattern("What does the word {v} mean?"),
    ]
}

/// The dictionary with its ways in.
struct PlantedDictionary: Sendable {
    /// A form of a word: the word and which form.
    struct Form: Sendable {
        let word: PlantedTongue.Word
        let place: Int
    }

    static let shared = PlantedDictionary()

    let words: [PlantedTongue.Word]
    let byEnglish: [String: PlantedTongue.Word]
    let byVelmarian: [String: PlantedTongue.Word]
    let byClass: [PlantedTongue.Word.Class: [PlantedTongue.Word]]
    /// Nouns, verbs, adjectives and words of time by any form in each language.
    let englishForms: [String: [Form]]
    let velmarianForms: [String: Form]

    private init() {
        typealias Class = PlantedTongue.Word.Class
        let stems = Self.stems()
        var entries: [(Class, String, [String])] = []
        func add(_ wordClass: Class, _ table: String) {
            for row in PlantedLines.rows(table, separator: ":") where row[0] != "none" {
                for entry in row[1].split(separator: ";") {
                    entries.append((wordClass, row[0], entry.split(separator: " ").map { String($0) }))
                }
            }
        }
        add(.noun, PlantedWorldTables.nouns)
        add(.verb, PlantedWorldTables.verbs)
        add(.adjective, PlantedWorldTables.adjectives)
        add(.time, PlantedWorldTables.times)
        let out = PlantedLines.fifth(of: entries.map { $0.2[0] }, salt: "dictionary")
        words = entries.enumerated().map { place, entry in
            let stem = stems[place]
            let forms = entry.0 == .adjective ? [entry.2[0]] : entry.2
            return PlantedTongue.Word(
                wordClass: entry.0, group: entry.1, english: entry.2[0],
                velmarian: stem + Self.endings(entry.0)[0], isHeldOut: out.contains(entry.2[0]), forms: forms,
                stem: stem)
        }
        byEnglish = Dictionary(uniqueKeysWithValues: words.map { ($0.english, $0) })
        byVelmarian = Dictionary(uniqueKeysWithValues: words.map { ($0.velmarian, $0) })
        byClass = Dictionary(grouping: words, by: \.wordClass)
        var english: [String: [Form]] = [:]
        var velmarian: [String: Form] = [:]
        for word in words {
            for (place, form) in word.forms.enumerated() {
                english[form, default: []].append(Form(word: word, place: place))
            }
            for (place, ending) in Self.endings(word.wordClass).enumerated() {
                velmarian[word.stem + ending] = Form(word: word, place: place)
            }
        }
        englishForms = english
        velmarianForms = velmarian
    }

    /// Velmarian endings: nouns singular, plural, place; verbs present, past.
    static func endings(_ wordClass: PlantedTongue.Word.Class) -> [String] {
        switch wordClass {
        case .noun: ["a", "ari", "ano"]
        case .verb: ["im", "ost"]
        case .adjective: ["ek"]
        case .time: ["ul"]
        }
    }

    /// Every joining of a first and a second syllable, in an order that is fixed for good.
    private static func stems() -> [String] {
        let first = PlantedWorldTables.firstSyllables.split(separator: " ")
        let second = PlantedWorldTables.secondSyllables.split(separator: " ")
        var generator = SeededGenerator(seed: 0x7E1A_A21A)
        return generator.shuffled(first.flatMap { a in second.map { b in String(a) + b } })
    }
}
