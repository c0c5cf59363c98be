public import VaneSites
import VaneTensors

/// Style vectors by training: the mean of the positive less the mean of the negative sentences' own
/// vectors. Row 26 (*Style Vectors for Steering Generative LLMs*, Konen et al., EACL Findings 2024) where a
/// vector is added at every token, row 149 (latent steering vectors, arXiv 2205.05124) at the start token
/// alone.
///
///     v = mean z(x | concept) - mean z(x | not)        z(x): see ``LatentVectors``
///
/// The concept grows along what makes the network *write* it, and that is how to judge the direction:
/// added, it moves the likelihood of new texts of the concept against others. It is not made to read. A
/// state in which a word was just written is ready for what follows and not for the word again, so where
/// classes differ by a few fixed words their texts lie *lower* along the direction at the same block: on
/// two such templates it steers well and reads with an AUROC of 0. On freer texts it reads by chance or
/// little better.
///
/// A sentence's vector does not depend on its label, so it is searched once and serves shuffled labels and
/// halves too. Each costs hundreds of passes: only the first ``sentences`` of a class are taken, cut to
/// ``tokens`` tokens.
public struct StyleVectors: NetworkLearner {
    /// Where a sentence's vector is added while it is searched.
    public var positions: LatentVectors.Positions
    /// Sentences of a class at most; the training texts come in drawn order.
    public var sentences: Int
    /// Tokens of a sentence at most.
    public var tokens: Int
    /// Steps of the search for a sentence's vector at most.
    public var steps: Int

    /// A learner.
    public init(
        _ positions: LatentVectors.Positions = .all, sentences: Int = 24, tokens: Int = 24, steps: Int = 100
    ) {
        self.positions = positions
        self.sentences = sentences
        self.tokens = tokens
        self.steps = steps
    }

    /// Style vectors, or latent vectors.
    public var method: LearningMethod {
        let cost = "up to \(steps) forward and backward passes over \(sentences) texts a class, a block"
        return switch positions {
        case .all:
            LearningMethod(
                id: "style-vectors", name: "style vectors by training", rows: [26],
                summary: "means of vectors that make the model write each sentence, added at every token",
                cost: cost, caution: Self.writing)
        case .first:
            LearningMethod(
                id: "latent-vectors", name: "latent steering vectors", rows: [149],
                summary: "the same with vectors added at the start token alone", cost: cost,
                caution: Self.writing)
        }
    }

    /// The difference of the means at each site.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for a model without a token that starts a document, or a
    ///   number that is not positive; as ``LatentVectors/vectors(of:start:at:in:progress:)``.
    public func directions(_ texts: TrainingTexts) throws -> [Site: [Double]] {
        guard sentences > 0 && tokens > 0 && steps > 0 else {
            throw ConceptError(
                .invalidOption,
                "sentences, tokens and steps must be positive, not \(sentences), \(tokens) and \(steps)")
        }
        guard let start = texts.start else {
            throw ConceptError(
                .invalidOption, "\(method.name) need a token that starts a document; this model has none")
        }
        let limit = min(tokens, texts.network.layout.maximumPositions - 1)
        let classes = [texts.positive, texts.negative].map {
            $0.prefix(sentences).map { Array($0.prefix(limit)) }
        }
        let search = LatentVectors(positions: positions, steps: steps, seed: texts.options.seed)
        return try texts.perSite { site, progress in
            let vectors = try texts.found.vectors(of: classes[0] + classes[1], at: site) { missing in
                let count = Double(missing.count)
                return try search.vectors(of: missing, start: start, at: site, in: texts.network) {
                    progress(Double($0) / count)
                }.map(\.vector)
            }
            let shown = Numbers.mean(Array(vectors.prefix(classes[0].count)))
            let hidden = Numbers.mean(Array(vectors.dropFirst(classes[0].count)))
            return zip(shown, hidden).map { $0 - $1 }
        }
    }
}
