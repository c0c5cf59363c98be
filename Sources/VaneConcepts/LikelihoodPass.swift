package import VaneSites
import VaneTensors

/// One pass over whole texts, with their likelihood and its gradients at some sites.
///
/// Edits hooked *at* a single watched site run before the site becomes a variable, so the gradients are those
/// with respect to the edited activation. For `h′ = h + v` the gradient with respect to `v` is their sum over
/// the rows that `v` was added to.
package struct LikelihoodPass {
    /// The rows of each text: its tokens but the last, which is only predicted.
    let rows: [Range<Int>]
    /// Predicted tokens of all texts.
    let count: Int
    /// The mean negative log-likelihood of a predicted token, nats.
    let loss: Double
    /// The gradient of ``loss`` per site, `[rows, width]`. The rows of one text depend on that text alone.
    let slopes: [Site: Tensor]
    /// The activation per site, after edits, `[rows, width]`.
    let activations: [Site: Tensor]
    /// The logits, `[rows, vocabulary]`.
    let logits: Tensor

    private let texts: [PromptedText]

    /// Runs `texts`, each under its own hooks.
    ///
    /// - Throws: `SiteError`, `TensorError`; ``ConceptError`` `unknownSite`.
    init(
        _ texts: [PromptedText], hooks: [Hooks] = [], at sites: [Site], in network: any DifferentiableNetwork
    ) throws {
        let tape = Tape()
        let inputs = LikelihoodPass.inputs(texts, hooks, network)
        let (output, variables) = try network.forward(
            inputs, output: .allLogits, watching: sites, on: tape)
        guard let output else { throw ConceptError(.unusableExamples, "the network gave no logits") }
        let watched = try sites.map { site in
            guard let variable = variables[site] else {
                throw ConceptError(.unknownSite, "nothing was read at \(site)")
            }
            return variable
        }
        var rows: [Range<Int>] = []
        for text in texts {
            let first = rows.last?.upperBound ?? 0
            rows.append(first..<first + text.tokens.count - 1)
        }
        let choosing = zip(texts, rows).flatMap { text, rows in
            text.choosing.map { Int32(rows.lowerBound + $0) }
        }
        let isWhole = choosing.count == rows.last?.upperBound
        let loss = try (isWhole ? output : output.gatherRows(choosing)).crossEntropy(
            texts.flatMap { text in text.continuation.map { Int32(clamping: $0) } })
        let gradients = sites.isEmpty ? [] : try tape.gradients(of: loss, at: watched)
        self.texts = texts
        self.rows = rows
        count = choosing.count
        self.loss = Double(loss.elements[0])
        slopes = Dictionary(zip(sites, gradients.map { $0.contiguous() })) { first, _ in first }
        activations = Dictionary(zip(sites, watched.map { $0.detached.contiguous() })) { first, _ in first }
        logits = output.detached.contiguous()
    }

    private static func inputs(
        _ texts: [PromptedText], _ hooks: [Hooks], _ network: any SteerableNetwork
    ) -> [SequenceInput] {
        texts.enumerated().map { number, text in
            SequenceInput(
                state: network.makeSequence(), tokens: Array(text.tokens.dropLast()),
                hooks: number < hooks.count ? hooks[number] : Hooks(), promptLength: text.tokens.count)
        }
    }

    /// How a text is written.
    package struct Writing {
        /// Negative log-likelihood of the continuation, nats, summed over its tokens.
        package var loss = 0.0
        /// The probability of the continuation's first token.
        package var first = 0.0
        /// Whether the likeliest token is the right one everywhere, so that greedy decoding writes the
        /// continuation.
        package var isGreedy = true
    }

    /// How each text is written.
    var writings: [Writing] { LikelihoodPass.writings(texts, rows, logits) }

    /// How each of `texts` is written under its hooks, without gradients, in passes of at most `batchTokens`
    /// tokens.
    package static func writings(
        of texts: [PromptedText], batchTokens: Int, in network: any SteerableNetwork,
        hooks: (PromptedText) throws -> Hooks = { _ in Hooks() }
    ) throws -> [Writing] {
        var results: [Writing] = []
        for range in TokenBatches.ranges(texts.map(\.tokens.count), limit: batchTokens) {
            let part = Array(texts[range])
            let batch = inputs(part, try part.map(hooks), network)
            guard let logits = try network.forward(batch, output: .allLogits, through: nil) else {
                throw ConceptError(.unusableExamples, "the network gave no logits")
            }
            var rows: [Range<Int>] = []
            for input in batch {
                let first = rows.last?.upperBound ?? 0
                rows.append(first..<first + input.tokens.count)
            }
            results += writings(part, rows, logits.contiguous())
        }
        return results
    }

    private static func writings(_ texts: [PromptedText], _ rows: [Range<Int>], _ logits: Tensor) -> [Writing]
    {
        let width = logits.width
        return logits.logSoftmax().read { scores in
            zip(texts, rows).map { text, rows in
                var writing = Writing()
                for (place, (row, token)) in zip(text.choosing, text.continuation).enumerated() {
                    let base = scores + (rows.lowerBound + row) * width
                    guard token >= 0 && token < width else {
                        // No network writes a token that it does not have.
                        writing.isGreedy = false
                        writing.loss = .infinity
                        continue
                    }
                    if place == 0 { writing.first = Numbers.exponential(Double(base[token])) }
                    writing.loss -= Double(base[token])
                    for other in 0..<width where base[other] > base[token] {
                        writing.isGreedy = false
                        break
                    }
                }
                return writing
            }
        }
    }
}
