import Foundation
import VaneTensors

/// Documents of a topic model with known topics: latent Dirichlet allocation (Blei, Ng and Jordan, 2003).
///
///     θ ~ Dirichlet(concentration, …, concentration)                         for each document
///     k ~ θ,   w ~ φ_k                                                       for each of its words
///     φ_k(w) = (1 - overlap) · own_k(w) [w belongs to k] + overlap / vocabulary
///
/// Word `w` belongs to topic `w / wordsPerTopic`. `own_k` is drawn from a Dirichlet distribution with
/// `wordConcentration`, so words of a topic differ in frequency. With an overlap of 0 each word tells its topic.
///
/// For row 162 (how transformers learn topic structure) and wherever a direction stands for a topic. Seed and
/// index decide a document.
public struct TopicCorpus: Sendable {
    /// What a corpus is made with.
    public struct Options: Sendable, Hashable {
        /// Topics.
        public var topics = 10
        /// Words that belong to each.
        public var wordsPerTopic = 20
        /// Of the Dirichlet distribution over topics: below 1 few topics make up a document.
        public var concentration = 0.1
        /// Of the Dirichlet distribution over the words of a topic: the larger, the more alike.
        public var wordConcentration = 5.0
        /// How often a topic draws any word of the vocabulary, 0...1.
        public var overlap = 0.0

        /// The options as they are set above.
        public init() {}
    }

    /// A document with all that decided it.
    public struct Document: Sendable, Equatable {
        /// `θ`: the share of each topic.
        public let mixture: [Double]
        /// The topic that each word was drawn from.
        public let topics: [Int]
        /// Its words.
        public let tokens: [Int]
    }

    /// What the corpus was made with.
    public let options: Options
    /// The seed.
    public let seed: UInt64
    /// The seed of the documents: others who use the same seed draw other numbers.
    private let root: UInt64
    /// `φ_k(w)`, `[topics, vocabulary]`.
    public let topicWords: [[Double]]

    /// The words.
    public var vocabulary: Int { options.topics * options.wordsPerTopic }

    /// A corpus under a seed.
    ///
    /// - Throws: ``PlantedError`` `invalidParameter` for an option outside its range.
    public init(_ options: Options = Options(), seed: UInt64) throws(PlantedError) {
        try PlantedError.expect(options.topics > 0, "there must be topics, not \(options.topics)")
        try PlantedError.expect(
            options.wordsPerTopic > 0, "a topic must have words, not \(options.wordsPerTopic)")
        for (name, value) in [
            ("concentration", options.concentration), ("word concentration", options.wordConcentration),
        ] {
            try PlantedError.expect(value > 0 && value.isFinite, "the \(name) must be above 0, not \(value)")
        }
        try PlantedError.expect(
            (0...1).contains(options.overlap), "the overlap must lie in 0...1, not \(options.overlap)")
        self.options = options
        self.seed = seed
        var generator = SeededGenerator(seed: seed, stream: 0x546F_7069_6373_2121)
        root = generator.next()
        let (count, size) = (options.topics, options.wordsPerTopic)
        topicWords = (0..<count).map { topic in
            let own = generator.dirichlet(count: size, concentration: options.wordConcentration)
            let common = options.overlap / Double(count * size)
            return (0..<count * size).map { word in
                common + (word / size == topic ? (1 - options.overlap) * own[word % size] : 0)
            }
        }
    }

    /// The topic that a word belongs to.
    public func topic(of word: Int) -> Int { word / options.wordsPerTopic }

    /// The probability of a word in documents of this mixture, `Σ_k θ_k φ_k(w)`.
    public func probability(of word: Int, mixture: [Double]) -> Double {
        zip(mixture, topicWords).reduce(0) { $0 + $1.0 * $1.1[word] }
    }

    /// The probability that two words at different places of one document are these two in this order:
    /// `Σ_kl E[θ_k θ_l] φ_k(first) φ_l(second)`, where for `K` topics and a concentration `α`
    /// `E[θ_k θ_l] = α (α + [k = l]) / (K α (K α + 1))`.
    public func probability(of first: Int, with second: Int) -> Double {
        let (count, a) = (Double(options.topics), options.concentration)
        let sums = topicWords.reduce((0.0, 0.0, 0.0)) {
            ($0.0 + $1[first], $0.1 + $1[second], $0.2 + $1[first] * $1[second])
        }
        return (a * sums.0 * sums.1 + sums.2) / (count * (count * a + 1))
    }

    /// Document `index` of the corpus, with so many words. Its beginning does not depend on its length.
    public func document(at index: Int, length: Int) -> Document {
        precondition(index >= 0 && length >= 0, "documents count from 0")
        var generator = SeededGenerator(seed: root, stream: UInt64(index))
        let mixture = generator.dirichlet(count: options.topics, concentration: options.concentration)
        var (topics, tokens) = ([Int](), [Int]())
        for _ in 0..<length {
            let topic = LogLinearCorpus.draw(mixture, &generator)
            topics.append(topic)
            tokens.append(LogLinearCorpus.draw(topicWords[topic], &generator))
        }
        return Document(mixture: mixture, topics: topics, tokens: tokens)
    }
}

extension SeededGenerator {
    /// Shares that sum to 1 from the symmetric Dirichlet distribution: gamma variables over their sum.
    mutating func dirichlet(count: Int, concentration: Double) -> [Double] {
        // In logarithms, since with a small concentration all of them can be too small for a number.
        let logs = (0..<count).map { _ in logGamma(shape: concentration) }
        let largest = logs.max() ?? 0
        let weights = logs.map { exp($0 - largest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// The logarithm of a gamma variable of this shape and scale 1 (Marsaglia and Tsang, 2000). Below shape 1
    /// a variable of shape + 1 is multiplied by `U^(1/shape)`.
    private mutating func logGamma(shape: Double) -> Double {
        if shape < 1 { return logGamma(shape: shape + 1) + log(1 - uniform()) / shape }
        let d = shape - 1 / 3.0
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = 1 + c * x
            if v <= 0 { continue }
            let cube = v * v * v
            if log(1 - uniform()) < 0.5 * x * x + d * (1 - cube + log(cube)) { return log(d * cube) }
        }
    }
}
