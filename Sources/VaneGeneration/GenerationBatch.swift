import VaneSites
import VaneTensors
package import VaneTokenizers

/// Several generations in lockstep, each with its own hooks and sampler. Runs on the caller's thread.
///
/// A generation's tokens do not depend on what else is in the batch.
package final class GenerationBatch {
    private let model: LanguageModel
    private var active: [Sequence]

    private struct Sequence {
        let index: Int
        let request: GenerationRequest
        let state: any SequenceState
        var sampler: Sampler
        var text: TextRelease
        var pending: [Int]
        var generated = 0
    }

    /// - Throws: ``GenerationError`` for a prompt or option that cannot be used.
    package init(_ model: LanguageModel, _ requests: [GenerationRequest]) throws {
        self.model = model
        let limit = model.network.layout.maximumPositions
        active = try requests.enumerated().map { index, request in
            try request.sampling.validate()
            guard !request.prompt.isEmpty else {
                throw GenerationError(.unusablePrompt, "the prompt has no tokens; write at least one word")
            }
            guard request.prompt.count < limit else {
                throw GenerationError(
                    .unusablePrompt,
                    "the prompt has \(request.prompt.count) tokens; the model takes \(limit), one of them new"
                )
            }
            return Sequence(
                index: index, request: request, state: model.network.makeSequence(),
                sampler: Sampler(request.sampling, prompt: request.prompt),
                text: TextRelease(model.tokenizer, prompt: request.prompt, stop: request.stop),
                pending: request.prompt)
        }
        active.removeAll { $0.request.maximumTokens <= 0 }
    }

    /// Whether every generation has ended.
    package var isFinished: Bool { active.isEmpty }

    /// One more token of every generation that has not ended.
    package func step() throws -> [(index: Int, token: GeneratedToken)] {
        let batch = active.map {
            SequenceInput(
                state: $0.state, tokens: $0.pending, hooks: $0.request.hooks,
                promptLength: $0.request.prompt.count)
        }
        guard let logits = try model.network.forward(batch, output: .lastLogits, through: nil) else {
            return []
        }
        var result: [(Int, GeneratedToken)] = []
        // The kernel that scores texts gives the tokens' log-probabilities too: the same bits in both places.
        let scores = logits.logSoftmax()
        let width = logits.width
        logits.read { base in
            scores.read { scores in
                for i in active.indices {
                    let id = active[i].sampler.draw(
                        UnsafeBufferPointer(start: base + i * width, count: width))
                    let token = advance(&active[i], id, Double(scores[i * width + id]))
                    result.append((active[i].index, token))
                }
            }
        }
        var position = -1
        active.removeAll { _ in
            position += 1
            return result[position].1.finish != nil
        }
        return result
    }

    private func advance(_ sequence: inout Sequence, _ id: Int, _ logProbability: Double) -> GeneratedToken {
        sequence.generated += 1
        sequence.pending = [id]
        var finish: FinishReason?
        var text = ""
        if model.endOfText.contains(id) {
            finish = .endOfText
        } else {
            text = sequence.text.append(id)
            if sequence.text.isStopped {
                finish = .stopText
            } else if sequence.generated >= sequence.request.maximumTokens {
                finish = .maximumTokens
            } else if sequence.state.count + 1 >= model.network.layout.maximumPositions {
                finish = .contextFull
            }
        }
        if finish != nil { text += sequence.text.finish() }
        return GeneratedToken(
            id: finish == .endOfText ? nil : id, text: text, logProbability: logProbability, finish: finish)
    }
}

/// Turns tokens into text that is certain: whole characters, and nothing that may become a stop text.
package struct TextRelease {
    private var decoder: StreamingDecoder
    private let stop: [String]
    private var held = ""
    package private(set) var isStopped = false

    package init(_ tokenizer: Tokenizer, prompt: [Int], stop: [String]) {
        decoder = tokenizer.streamingDecoder()
        // The prompt goes through the decoder so that a first token's leading space is kept or dropped
        // rightly.
        for id in prompt { _ = decoder.append(id) }
        self.stop = stop.filter { !$0.isEmpty }
    }

    package mutating func append(_ id: Int) -> String { release(decoder.append(id), isLast: false) }

    package mutating func finish() -> String { isStopped ? "" : release(decoder.finish(), isLast: true) }

    private mutating func release(_ new: String, isLast: Bool) -> String {
        held += new
        if let end = stop.compactMap({ held.firstRange(of: $0)?.lowerBound }).min() {
            isStopped = true
            defer { held = "" }
            return String(held[..<end])
        }
        let keep = isLast ? 0 : longestSuffixThatBeginsAStop()
        let released = held.dropLast(keep)
        defer { held = String(held.suffix(keep)) }
        return String(released)
    }

    private func longestSuffixThatBeginsAStop() -> Int {
        let longest = (stop.map(\.count).max() ?? 1) - 1
        for length in stride(from: min(longest, held.count), to: 0, by: -1) {
            let suffix = held.suffix(length)
            if stop.contains(where: { $0.hasPrefix(suffix) }) { return length }
        }
        return 0
    }
}
