import Foundation
import VaneTensors

/// An independent judge of texts: multinomial naive Bayes over words and pairs of neighbouring words.
///
/// `log P(+|t) - log P(-|t) = Σ log (c₊ + α)/(n₊ + α·V) - log (c₋ + α)/(n₋ + α·V)` over the distinct words
/// and pairs of `t`, both classes weighing the same (presence, not count; Wang and Manning, ACL 2012, call it
/// binarised MNB). It shares nothing with the model it judges; train it on other sentences than the
/// concept's.
public struct BagOfWordsJudge: TextJudge {
    private let ratios: [String: Double]
    /// Accuracy in five-fold cross-validation on its own training texts.
    public let accuracy: Double
    /// Training texts.
    public let trainingCount: Int

    /// Trains a judge. Repeated texts count once, so that none stands in two folds. Texts at the same place of both lists
    /// share a fold: they may be a pair that differs by the concept alone, and the one would make a judge call the other wrong.
    ///
    /// - Throws: ``EvaluationError`` `unusableJudge` with fewer than 20 different texts a class.
    public init(positive: [String], negative: [String], smoothing: Double = 1) throws {
        let places = max(positive.count, negative.count)
        let positive = BagOfWordsJudge.distinct(positive)
        let negative = BagOfWordsJudge.distinct(negative)
        guard positive.count >= 20 && negative.count >= 20 else {
            throw EvaluationError(
                .unusableJudge,
                "a judge needs at least 20 texts a class, not \(positive.count) and \(negative.count)")
        }
        let texts =
            positive.map { (features: BagOfWordsJudge.features($0.text), isPositive: true) }
            + negative.map { (features: BagOfWordsJudge.features($0.text), isPositive: false) }
        var generator = SeededGenerator(seed: 0)
        let order = generator.shuffled(0..<places)
        var folds = [Int](repeating: 0, count: order.count)
        for (place, number) in order.enumerated() { folds[number] = place % 5 }
        let foldOfText = (positive + negative).map { folds[$0.place] }
        var right = 0
        for fold in 0..<5 {
            let training = texts.indices.filter { foldOfText[$0] != fold }.map { texts[$0] }
            let ratios = BagOfWordsJudge.train(training, smoothing)
            for (text, place) in zip(texts, foldOfText) where place == fold {
                let logit = text.features.reduce(0) { $0 + (ratios[$1] ?? 0) }
                right += (logit > 0) == text.isPositive ? 1 : 0
            }
        }
        accuracy = Double(right) / Double(texts.count)
        trainingCount = texts.count
        ratios = BagOfWordsJudge.train(texts, smoothing)
    }

    /// Log-odds that `text` is positive.
    public func logit(_ text: String) -> Double {
        BagOfWordsJudge.features(text).reduce(0) { $0 + (ratios[$1] ?? 0) }
    }

    /// Whether the judge calls `text` positive. The prompt does not count.
    public func isPositive(_ text: String, after prompt: String = "") -> Bool { logit(text) > 0 }

    /// The different texts, each with its place in the list.
    private static func distinct(_ texts: [String]) -> [(place: Int, text: String)] {
        var seen: Set<String> = []
        return texts.enumerated().filter { seen.insert($0.element).inserted }.map { ($0.offset, $0.element) }
    }

    private static func train(
        _ texts: [(features: [String], isPositive: Bool)], _ smoothing: Double
    ) -> [String: Double] {
        var counts: [String: (positive: Double, negative: Double)] = [:]
        var totals = (positive: 0.0, negative: 0.0)
        for (features, isPositive) in texts {
            for feature in features {
                if isPositive {
                    counts[feature, default: (0, 0)].positive += 1
                    totals.positive += 1
                } else {
                    counts[feature, default: (0, 0)].negative += 1
                    totals.negative += 1
                }
            }
        }
        let vocabulary = smoothing * Double(counts.count)
        return counts.mapValues { count in
            log((count.positive + smoothing) / (totals.positive + vocabulary))
                - log((count.negative + smoothing) / (totals.negative + vocabulary))
        }
    }

    /// The distinct lower-case words and pairs of a text, in alphabetical order so that sums do not depend on
    /// hashing.
    package static func features(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text.lowercased() {
            if character.isLetter || character.isNumber || (character == "'" && !word.isEmpty) {
                word.append(character)
            } else {
                if !word.isEmpty { words.append(word) }
                word = ""
                if "!?".contains(character) { words.append(String(character)) }
            }
        }
        if !word.isEmpty { words.append(word) }
        let pairs = zip(words, words.dropFirst()).map { "\($0) \($1)" }
        return Set(words + pairs).sorted()
    }
}
