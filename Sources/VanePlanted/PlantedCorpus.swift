import VaneTensors

/// The training corpus of the default model: texts of the planted language, and documents of the planted world
/// (facts, calendar, in-context tasks, two languages) between them.
///
/// Document `i` depends on the seed and on `i` alone, so any part of the corpus can be drawn again, byte for
/// byte, and no document has to be stored.
public struct PlantedCorpus: Sendable {
    private let language: PlantedLanguage
    private let world: PlantedWorld
    private let thesaurus: PlantedThesaurus
    private let seed: UInt64
    private let lists: Int
    private let briefs: Int

    /// Percent of the documents that are of each kind of the world; the others are texts.
    private static let shares: [(PlantedWorld.Kind, Int)] = [
        (.facts, 6), (.calendar, 5), (.tasks, 7), (.languages, 5),
    ]

    /// The corpus under a seed.
    ///
    /// - Parameters:
    ///   - seed: decides every document.
    ///   - lists: percent of the documents that are lists of words which belong together (``PlantedThesaurus``); the
    ///     rest is mixed as without them.
    ///   - namedLists: percent of the lists that name their value.
    ///   - briefs: percent of the texts that stand under a line which says what they are (``PlantedBrief``).
    public init(seed: UInt64, lists: Int = 0, namedLists: Int = 0, briefs: Int = 0) {
        precondition(
            [lists, namedLists, briefs].allSatisfy { (0...100).contains($0) },
            "a percentage is between 0 and 100")
        self.seed = seed
        self.lists = lists
        self.briefs = briefs
        thesaurus = PlantedThesaurus(seed: seed, named: namedLists)
        language = PlantedLanguage(seed: seed)
        world = PlantedWorld(seed: seed)
    }

    /// Document `index`.
    public func document(at index: Int) -> String {
        // A stream of its own: the texts draw from streams 0, 1, 2, ... of the same seed.
        var generator = SeededGenerator(seed: ~seed, stream: UInt64(index))
        var point = generator.integer(below: 100)
        if lists > 0, generator.integer(below: 100) < lists { return thesaurus.document(at: index) }
        for (kind, share) in Self.shares {
            if point < share { return world.document(kind, at: index) }
            point -= share
        }
        let text = language.text(at: index)
        guard briefs > 0, generator.integer(below: 100) < briefs,
            let brief = PlantedBrief(of: text, &generator).line(&generator)
        else { return text.text }
        return brief + "\n" + text.text
    }
}
