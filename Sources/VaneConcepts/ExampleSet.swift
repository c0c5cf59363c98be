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
    /// Texts that stood in both classes and were left out of both.
    public let contradictions: Int

    /// The fewest texts a class may have: with fewer, a held-out quarter says nothing.
    public static let minimumPerClass = 8

    /// Texts of both classes. Repetitions within a class are dropped, and so are texts that stand in both: they
    /// say nothing about the difference.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` when a class is empty or has fewer than
    ///   ``minimumPerClass`` texts of its own.
    public init(positive: [String], negative: [String]) throws {
        let shared = Set(positive).intersection(negative)
        let classes = [positive, negative].map { ExampleSet.unique($0).filter { !shared.contains($0) } }
        let others = shared.isEmpty ? "" : " (\(shared.count) that stand in both classes do not count)"
        for (texts, (given, name)) in zip(classes, [(positive, "positive"), (negative, "negative")]) {
            guard !given.isEmpty else {
                throw ConceptError(
                    .unusableExamples, "there are no \(name) examples; a concept needs both classes")
            }
            guard texts.count >= ExampleSet.minimumPerClass else {
                throw ConceptError(
                    .unusableExamples,
                    "\(texts.count) \(name) examples\(others) are too few; at least "
                        + "\(ExampleSet.minimumPerClass) different ones a class are needed, a hundred are good"
                )
            }
        }
        self.positive = classes[0]
        self.negative = classes[1]
        contradictions = shared.count
        duplicates = positive.count + negative.count - classes[0].count - classes[1].count - 2 * shared.count
    }

    /// Pairs of texts that differ in the concept and as little else as possible, the one that shows it first; the i-th positive
    /// and the i-th negative text belong together. Repeated pairs are dropped, and so are pairs of one text with itself.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` with fewer than ``minimumPerClass`` pairs.
    public init(pairs: [(positive: String, negative: String)]) throws {
        var seen: Set<[String]> = []
        let differing = pairs.filter { $0.positive != $0.negative }
        let kept = differing.filter { seen.insert([$0.positive, $0.negative]).inserted }
        guard kept.count >= ExampleSet.minimumPerClass else {
            throw ConceptError(
                .unusableExamples,
                "\(kept.count) different pairs are too few; at least \(ExampleSet.minimumPerClass) are needed"
            )
        }
        positive = kept.map(\.positive)
        negative = kept.map(\.negative)
        contradictions = pairs.count - differing.count
        duplicates = differing.count - kept.count
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
