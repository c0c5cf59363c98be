extension Engine {
    /// The direction of some words in the model's unembedding, at each of `sites`.
    ///
    /// - Parameters:
    ///   - words: words or short phrases, as they stand inside a sentence.
    ///   - others: words of the opposite; none if empty.
    ///   - sites: where; the stream after the last block if nil.
    /// - Throws: `ConceptError` `unusableExamples` for words without tokens or that cancel, `invalidOption`
    ///   for a network whose weights cannot be read; `SiteError`.
    public func directions(
        ofWords words: [String], against others: [String] = [], at sites: SiteSelector? = nil
    ) throws -> [Site: [Float]] {
        let network = try readableNetwork
        let layout = network.layout
        let places = try sites?.sites(in: layout) ?? [.residual(layout.depth - 1)]
        let direction = try WordDirection(network).direction(
            of: words.map(tokens(ofWord:)), against: others.map(tokens(ofWord:)))
        for site in places {
            guard try layout.width(of: site) == direction.count else {
                throw ConceptError(
                    .invalidOption, "words have directions in the residual stream only, not at \(site)")
            }
        }
        return Dictionary(places.map { ($0, direction) }) { first, _ in first }
    }

    /// The network, whose weights can be read.
    nonisolated var readableNetwork: any ReadableNetwork {
        get throws {
            guard let network = model.network as? any ReadableNetwork else {
                throw ConceptError(
                    .invalidOption,
                    "\(model.identity.name) shows no unembedding; give examples instead of words")
            }
            return network
        }
    }

    /// The tokens of a word with a blank in front, as it stands inside a sentence. Tokenizers that put that
    /// blank there themselves would make a token of a second one.
    func tokens(ofWord word: String) -> [Int] {
        let tokens = model.tokenizer.encode(" " + word)
        var decoder = model.tokenizer.streamingDecoder()
        let isBlank =
            tokens.first.map { decoder.append($0).allSatisfy { $0 == " " || $0 == "\u{FFFD}" } } ?? false
        return isBlank && tokens.count > 1 ? model.tokenizer.encode(word) : tokens
    }

    /// Texts the model writes from nothing: what stands for its language when no texts are at hand.
    ///
    /// - Throws: `ConceptError` `unusableExamples` for a model without a token that starts a document;
    ///   `GenerationError`.
    public func ownTexts(
        count: Int = 64, tokens: Int = 40, seed: UInt64 = 0, progress: (@Sendable (Double) -> Void)? = nil
    ) async throws -> [[Int]] {
        guard let start = model.endOfText.min() else {
            throw ConceptError(
                .unusableExamples,
                "\(model.identity.name) has no token that starts a document, so it cannot write texts of its own; give some "
                    + "with --background")
        }
        let limit = max(1, min(tokens, model.network.layout.maximumPositions - 1))
        let requests = (0..<count).map { number in
            GenerationRequest(
                prompt: [start], maximumTokens: limit,
                sampling: SamplingOptions(temperature: 1, seed: seed &+ UInt64(number)))
        }
        let total = Double(max(count, 1))
        return try await generate(requests) { progress?(Double($0) / total) }.map(\.tokens).filter {
            !$0.isEmpty
        }
    }

    /// A concept from words alone, untested: see
    /// `Concept/untested(_:directions:from:background:caution:seed:in:model:)`.
    ///
    /// - Parameters:
    ///   - name: the concept's name.
    ///   - words: words of the concept.
    ///   - others: words of the opposite; none if empty.
    ///   - background: texts that stand for the language; the model writes some if empty.
    ///   - sites: where; the stream after the last block if nil.
    ///   - seed: seeds what the model writes.
    ///   - progress: called with the part of the texts that the model has written, 0...1.
    /// - Throws: as ``directions(ofWords:against:at:)`` and ``ownTexts(count:tokens:seed:progress:)``.
    public func concept(
        _ name: String, ofWords words: [String], against others: [String] = [], background: [String] = [],
        at sites: SiteSelector? = nil, seed: UInt64 = 0, progress: (@Sendable (Double) -> Void)? = nil
    ) async throws -> Concept {
        let directions = try directions(ofWords: words, against: others, at: sites)
        let texts =
            background.isEmpty
            ? try await ownTexts(seed: seed, progress: progress)
            : background.map { model.tokenizer.encode($0) }
        return try Concept.untested(
            name, directions: directions, from: Engine.source(ofWords: words, against: others),
            background: texts,
            caution: [
                "it says which words become likelier, not what texts mean; give examples to have it tested"
            ], seed: seed, in: model.network, model: model.identity)
    }

    /// How provenance names the words a direction comes from.
    public static func source(ofWords words: [String], against others: [String]) -> String {
        "unembedding of the words \(words.joined(separator: ", "))"
            + (others.isEmpty ? "" : " against \(others.joined(separator: ", "))") + " (row 22)"
    }
}
