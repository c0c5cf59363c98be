/// A latent attribute of a text of the planted language. The attributes decide the words.
public enum PlantedAttribute: String, CaseIterable, Sendable {
    case sentiment, topic, formality, politeness, tense, person, certainty

    /// The values that can be planted, in a fixed order.
    ///
    /// Beside these every attribute but `tense` and `person` can be `"neutral"`: not planted, and not shown by
    /// any word.
    public var values: [String] {
        switch self {
        case .sentiment: ["negative", "positive"]
        case .topic:
            ["food", "sport", "weather", "travel", "music", "school", "garden", "work", "film"]
        case .formality: ["casual", "formal"]
        case .politeness: ["rude", "polite"]
        case .tense: ["past", "present", "future"]
        case .person: ["first", "third"]
        case .certainty: ["unsure", "sure"]
        }
    }

    /// Whether a text can leave the attribute out; grammar forces a tense and a person on every text.
    public var canBeNeutral: Bool { self != .tense && self != .person }

    /// What an unconstrained draw chooses from: the values, and for attributes of two values that can be left out
    /// `"neutral"` between them. So a text shows about two thirds of these; with all of them it reads overloaded.
    package var drawn: [String] {
        canBeNeutral && values.count == 2 ? [values[0], "neutral", values[1]] : values
    }

    /// The place of the attribute in a `Tags` vector.
    var index: Int {
        switch self {
        case .sentiment: 0
        case .topic: 1
        case .formality: 2
        case .politeness: 3
        case .tense: 4
        case .person: 5
        case .certainty: 6
        }
    }
}

/// A kind of text of the planted language.
public enum PlantedKind: String, CaseIterable, Sendable {
    /// A short story, a review, a letter with greeting and signature, a report, or small talk in which two
    /// speakers `A` and `B` take turns, one line each.
    case story, review, letter, report, talk
}

/// A text of the planted language with what was planted in it.
public struct PlantedText: Sendable, Equatable {
    /// The kind of the text.
    public let kind: PlantedKind
    /// The value of every attribute, `"neutral"` where it was not planted.
    public let attributes: [PlantedAttribute: String]
    /// The sentences in order, each a unit that `PlantedOracle/isGrammatical(_:)` accepts.
    public let sentences: [String]
    /// The text itself: sentences joined by spaces, or by line breaks in letters and small talk.
    public let text: String
    /// The natural logarithm of the joint probability of the choices that made this text. Given values
    /// (kind or attributes) are no choice. A lower bound of the text's probability, since two series of choices
    /// can give the same text.
    public let logProbability: Double
}
