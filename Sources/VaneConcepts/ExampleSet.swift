import Crypto
import Foundation

/// Sentences that show a concept and sentences that do not.
public struct ExampleSet: Sendable, Hashable {
    /// Texts that show the concept.
    public let positive: [String]
    /// Texts that do not.
    public let negative: [String]
    /// Repeated texts that were left out.
    public let duplicates: Int

    /// The fewest texts a class may have: with fewer, a held-out quarter says nothing.
    public static let minimumPerClass = 8

    /// Texts of both classes; repetitions within a class are dropped.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` when a class is empty or has fewer than
    ///   ``minimumPerClass`` texts, or when a text stands in both.
    public init(positive: [String], negative: [String]) throws {
        let classes = [positive, negative].map(ExampleSet.unique)
        for (texts, name) in zip(classes, ["positive", "negative"]) {
            guard !texts.isEmpty else {
                throw ConceptError(
                    .unusableExamples, "there are no \(name) examples; a concept needs both classes")
            }
            guard texts.count >= ExampleSet.minimumPerClass else {
                throw ConceptError(
                    .unusableExamples,
                    "\(texts.count) \(name) examples are too few; at least \(ExampleSet.minimumPerClass) different "
                        + "ones a class are needed, a hundred are good")
            }
        }
        if let shared = classes[0].first(where: Set(classes[1]).contains) {
            throw ConceptError(
                .unusableExamples, "the text \"\(shared.prefix(60))\" stands in both classes")
        }
        self.positive = classes[0]
        self.negative = classes[1]
        duplicates = positive.count + negative.count - classes[0].count - classes[1].count
    }

    /// SHA-256 over all texts in their order, class by class, in hexadecimal.
    public var digest: String {
        var hash = SHA256()
        for (name, texts) in [("positive", positive), ("negative", negative)] {
            hash.update(data: Data("\(name) \(texts.count)\n".utf8))
            for text in texts { hash.update(data: Data("\(text.utf8.count) \(text)\n".utf8)) }
        }
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
