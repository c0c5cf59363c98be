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
        var state: any SequenceState
        var sampler: Sampler
        var text: TextRelease
        var pending: [Int]
        var generated = 0
        var branches: Branches?

        /// What it brings to the next pass: one row of logits each.
        var inputs: [SequenceInput] {
            let length = request.prompt.count
            guard let branches, !branches.candidates.isEmpty else {
                return [
                    SequenceInput(
                        state: state, tokens: pending, hooks: branches?.hooks(of: 0) ?? request.hooks,
                        promptLength: length)
                ]
            }
            return branches.candidates.enumerated().map { number, candidate in
                SequenceInput(
                    state: candidate.state, tokens: [candidate.token], hooks: branches.hooks(of: number),
                    promptLength: length)
            }
        }
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
            let state = model.network.makeSequence()
            if let guidance = request.guidance {
                try guidance.validate()
                guard state is any BranchingState else {
                    throw GenerationError(
                        .invalidOption,
                        "guidance needs a network whose sequences can be continued in two ways")
                }
            }
            return Sequence(
                index: index, request: request, state: state,
                sampler: Sampler(request.sampling, prompt: request.prompt),
                text: TextRelease(model.tokenizer, prompt: request.prompt, stop: request.stop),
                pending: request.prompt,
                branches: request.guidance.map { Branches($0, request.hooks) })
        }
        active.removeAll { $0.request.maximumTokens <= 0 }
    }

    /// Whether every generation has ended.
    package var isFinished: Bool { active.isEmpty }

    /// One more token of every generation that has not ended; a guided one has none in its first step, which
    /// only finds candidates.
    package func step() throws -> [(index: Int, token: GeneratedToken)] {
        let parts = active.map(\.inputs)
        let batch = Array(parts.joined())
        guard let logits = try model.network.forward(batch, output: .lastLogits, through: nil) else {
            return []
        }
        var result: [(Int, GeneratedToken)] = []
        var isFinished: [Bool] = []
        // The kernel that scores texts gives the tokens' log-probabilities too: the same bits in both places.
        let scores = logits.logSoftmax()
        let width = logits.width
        try logits.read { base in
            try scores.read { scores in
                var row = 0
                for i in active.indices {
                    let all = (0..<parts[i].count).map { offset in
                        Row(
                            logits: UnsafeBufferPointer(start: base + (row + offset) * width, count: width),
                            scores: UnsafeBufferPointer(start: scores + (row + offset) * width, count: width))
                    }
                    row += parts[i].count
                    let tokens =
                        active[i].branches == nil
                        ? [draw(&active[i], all[0])] : try choose(&active[i], all)
                    result += tokens.map { (active[i].index, $0) }
                    isFinished.append(tokens.last?.finish != nil)
                }
            }
        }
        var position = -1
        active.removeAll { _ in
            position += 1
            return isFinished[position]
        }
        return result
    }

    /// The logits of a next token with their log-probabilities.
    private struct Row {
        let logits: UnsafeBufferPointer<Float>
        let scores: UnsafeBufferPointer<Float>
    }

    private func draw(_ sequence: inout Sequence, _ row: Row) -> GeneratedToken {
        let id = sequence.sampler.draw(row.logits)
        sequence.pending = [id]
        return advance(&sequence, id, Double(row.scores[id]), written: sequence.state.count + 1)
    }

    /// Chooses among the candidates that have run, one a row, and finds the next ones.
    private func choose(_ sequence: inout Sequence, _ rows: [Row]) throws -> [GeneratedToken] {
        guard var branches = sequence.branches else { return [] }
        defer { sequence.branches = branches }
        var tokens: [GeneratedToken] = []
        var row = rows[0]
        if branches.candidates.isEmpty {
            branches.begin()
        } else {
            let number = try branches.choose()
            let chosen = branches.candidates[number]
            row = rows[number]
            sequence.state = chosen.state
            sequence.sampler.accept(chosen.token)
            tokens.append(
                advance(&sequence, chosen.token, chosen.logProbability, written: chosen.state.count))
            if tokens.last?.finish != nil { return tokens }
        }
        let likely = sequence.sampler.candidates(branches.guidance.candidates, row.logits)
        if let end = likely.first, model.endOfText.contains(end) {
            return tokens + [
                advance(&sequence, end, Double(row.scores[end]), written: sequence.state.count + 1)
            ]
        }
        branches.candidates = likely.compactMap { id in
            guard !model.endOfText.contains(id), let state = sequence.state as? any BranchingState else {
                return nil
            }
            return Branches.Candidate(token: id, logProbability: Double(row.scores[id]), state: state.fork())
        }
        return tokens
    }

    /// Notes a token, with which the text has `written` tokens.
    private func advance(
        _ sequence: inout Sequence, _ id: Int, _ logProbability: Double, written: Int
    ) -> GeneratedToken {
        sequence.generated += 1
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
            } else if written >= model.network.layout.maximumPositions {
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
