/// What a text shows: for each attribute, how many of its words or phrases carry each value.
public struct PlantedReading: Sendable, Equatable {
    /// Words in the text, marks not counted.
    public internal(set) var words = 0
    /// Words that belong to the vocabulary of the planted language.
    public internal(set) var known = 0
    /// Words and phrases by attribute and value; what is absent was not seen.
    public internal(set) var counts: [PlantedAttribute: [String: Int]] = [:]

    /// Known words among all words, 0 for an empty text.
    public var coverage: Double { words == 0 ? 0 : Double(known) / Double(words) }

    /// Words and phrases that carry the attribute, whatever the value.
    public func carrying(_ attribute: PlantedAttribute) -> Int {
        counts[attribute]?.values.reduce(0, +) ?? 0
    }

    /// The value that most words carry; nil where none does or two are equal.
    public func value(of attribute: PlantedAttribute) -> String? {
        let ranked = (counts[attribute] ?? [:]).sorted { $0.value > $1.value }
        guard let best = ranked.first, ranked.count < 2 || best.value > ranked[1].value else { return nil }
        return best.key
    }
}

/// Reads the attributes of a text exactly, and decides whether a sentence belongs to the planted language.
///
/// A word or phrase carries a value when every use that the grammar makes of it has that value; what is
/// ambiguous carries nothing. So a generated text is not read against what was planted in it.
public struct PlantedOracle: Sendable {
    private let matcher: PlantedMatcher
    private let phrases: PlantedPhrases

    /// An oracle for the planted language. It costs some milliseconds to make: keep it.
    public init() {
        matcher = PlantedMatcher(PlantedVariants(grammar: .shared))
        phrases = PlantedPhrases(grammar: .shared)
    }

    /// Which attributes `text` shows, counted over its words and phrases, the longest phrase first.
    public func reading(of text: String) -> PlantedReading {
        var tokens: [String] = []
        for line in text.split(separator: "\n") {
            tokens += PlantedTokens.split(Self.withoutSpeaker(line))
            tokens.append(".")
        }
        return phrases.reading(of: tokens)
    }

    /// Whether some frame produces `sentence` with some filling: spelling, word order, spaces, capital, `a` and
    /// `an`, and the agreement of tense, person and gender. Other attributes may mix.
    ///
    /// A sentence is a unit of `PlantedText/sentences`; in small talk the speaker (`A: `) may stand before it.
    public func isGrammatical(_ sentence: String) -> Bool {
        let body = Self.withoutSpeaker(sentence)
        let tokens = PlantedTokens.split(body)
        return PlantedTokens.join(tokens) == body && matcher.frame(of: tokens) != nil
    }

    /// The units of a text that `isGrammatical(_:)` takes: split at line breaks and after `.`, `?` and `!`.
    public func sentences(of text: String) -> [String] {
        text.split(separator: "\n").flatMap { line in
            var result: [String] = []
            var current = ""
            for character in Self.withoutSpeaker(line) {
                if current.isEmpty && character == " " { continue }
                current.append(character)
                if ".?!".contains(character) {
                    result.append(current)
                    current = ""
                }
            }
            return current.isEmpty ? result : result + [current]
        }
    }

    /// The part of `text` after a speaker's letter.
    static func withoutSpeaker(_ text: some StringProtocol) -> String {
        text.hasPrefix("A: ") || text.hasPrefix("B: ") ? String(text.dropFirst(3)) : String(text)
    }
}

/// The words and phrases of the language with the attribute values that all their uses share.
struct PlantedPhrases: Sendable {
    private struct Phrase {
        let tokens: [String]
        let tags: Tags
    }

    private var byFirst: [String: [(tokens: [String], tags: Tags)]] = [:]
    private let vocabulary: Set<String>
    /// Words that carry nothing because their uses differ, with the attribute.
    private(set) var ambiguous: [(String, PlantedAttribute)] = []

    init(grammar: PlantedGrammar) {
        vocabulary = Set(grammar.vocabulary.map { $0.lowercased() }).union(["a", "an"])
        var uses: [String: (tokens: [String], tags: [Tags])] = [:]
        func add(_ words: [String], _ tags: Tags) {
            let tokens = words.map { $0.lowercased() }
            let key = tokens.joined(separator: " ")
            var use = uses[key] ?? (tokens, [])
            use.tags.append(tags)
            uses[key] = use
        }
        for slot in grammar.slots {
            for filler in slot.fillers where !filler.words.isEmpty {
                add(filler.words, filler.tags)
            }
        }
        for frame in grammar.frames {
            for case .literal(let token) in frame.variants.joined() {
                let word = grammar.vocabulary[token]
                if uses[word.lowercased()] != nil { add([word], frame.tags) }
            }
        }
        for (key, use) in uses {
            var tags = use.tags[0]
            for attribute in PlantedAttribute.allCases {
                let values = Set(use.tags.map { $0[attribute.index] })
                if values.count > 1 {
                    tags[attribute.index] = Tags.any
                    if values.contains(where: { $0 >= 0 }) { ambiguous.append((key, attribute)) }
                }
            }
            byFirst[use.tokens[0], default: []].append((use.tokens, tags))
        }
        for key in byFirst.keys { byFirst[key]?.sort { $0.tokens.count > $1.tokens.count } }
    }

    func reading(of tokens: [String]) -> PlantedReading {
        let lower = tokens.map { $0.lowercased() }
        var reading = PlantedReading()
        for (i, token) in lower.enumerated() where !PlantedTokens.isMark(token) {
            reading.words += 1
            if vocabulary.contains(token) || vocabulary.contains(tokens[i]) { reading.known += 1 }
        }
        var position = 0
        while position < lower.count {
            let phrase = byFirst[lower[position]]?.first {
                lower[position...].starts(with: $0.tokens)
            }
            guard let phrase else {
                position += 1
                continue
            }
            for attribute in PlantedAttribute.allCases where phrase.tags[attribute.index] >= 0 {
                let value = attribute.values[Int(phrase.tags[attribute.index])]
                reading.counts[attribute, default: [:]][value, default: 0] += 1
            }
            position += phrase.tokens.count
        }
        return reading
    }
}

extension PlantedOracle {
    /// How large the language is.
    public struct Size: Sendable, Equatable {
        /// Different words, as written in the tables: each verb and noun counted once, whatever its forms.
        public let words: Int
        /// Different words with all the inflected forms that texts show.
        public let forms: Int
        /// Sentence frames.
        public let frames: Int
        /// Sentence frames by part of a text, such as `story.open`; a shared frame counts in each.
        public let framesByPart: [String: Int]
        /// Entries of each class, over all values of its attributes.
        public let entries: [String: Int]
    }

    /// How large the language is, counted from the tables.
    public var size: Size {
        let grammar = PlantedGrammar.shared
        let written = grammar.entries.values.joined().map { $0.split(separator: "/")[0] }
        var words = Set(written.flatMap { PlantedTokens.split($0).map { $0.lowercased() } })
        for case .literal(let token) in grammar.frames.flatMap(\.variants).joined() {
            words.insert(grammar.vocabulary[token].lowercased())
        }
        return Size(
            words: words.count { !PlantedTokens.isMark($0) && $0 != "_" },
            forms: Set(grammar.vocabulary.map { $0.lowercased() }).count { !PlantedTokens.isMark($0) },
            frames: grammar.frames.count, framesByPart: grammar.byPart.mapValues(\.count),
            entries: grammar.entries.mapValues(\.count))
    }
}
