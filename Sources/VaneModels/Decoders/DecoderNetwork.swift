public import VaneSites
public import VaneTensors

/// A decoder-only language model: embedding, blocks, final norm, head.
public final class DecoderNetwork: DifferentiableNetwork {
    /// The dimensions.
    public let layout: NetworkLayout
    let tokens: Tensor
    let positions: Tensor?
    let blocks: [DecoderBlock]
    let finalNorm: Normalisation
    let head: PackedMatrix

    /// - Parameters:
    ///   - tokens: `[vocabulary, width]`, any element type.
    ///   - positions: `[maximumPositions, width]` learnt positions, if the model has them.
    ///   - head: `[vocabulary, width]`.
    init(
        layout: NetworkLayout, tokens: Tensor, positions: Tensor?, blocks: [DecoderBlock],
        finalNorm: Normalisation, head: PackedMatrix
    ) {
        self.layout = layout
        self.tokens = tokens
        self.positions = positions
        self.blocks = blocks
        self.finalNorm = finalNorm
        self.head = head
    }

    /// A sequence of length 0.
    public func makeSequence() -> any SequenceState {
        DecoderState(
            network: ObjectIdentifier(self),
            caches: blocks.map {
                AttentionCache(heads: $0.attention.keyValueHeads, headWidth: $0.attention.headWidth)
            })
    }

    /// Appends tokens to each sequence of `batch`; see `SteerableNetwork`.
    public func forward(
        _ batch: [SequenceInput], output: NetworkOutput, through last: Site? = nil
    ) throws -> Tensor? {
        try forward(batch, output: output, through: last, watch: nil, checkpoints: nil)
    }

    /// As `forward(_:output:through:)` over parameters recorded on `tape`, with a checkpoint around each
    /// block: its operations run again when gradients are taken, which saves the memory of their operands and
    /// costs a second pass. Logits and gradients have the same bits as without. For sequences from their
    /// first token on, without hooks.
    ///
    /// - Throws: `SiteError` `notDifferentiable` for sequences with hooks or with tokens before the batch; as
    ///   `forward(_:output:through:)`.
    public func forward(
        _ batch: [SequenceInput], output: NetworkOutput, checkpointingBlocksOn tape: Tape
    ) throws -> Tensor? {
        let isWhole = batch.allSatisfy { $0.hooks.isEmpty && ($0.state as? DecoderState)?.count ?? 0 == 0 }
        guard isWhole else {
            throw SiteError(
                .notDifferentiable, "checkpoints need whole sequences without hooks: blocks run twice")
        }
        return try forward(batch, output: output, through: nil, watch: nil, checkpoints: tape)
    }

    /// As `forward(_:output:through:)`, with the activations at `sites` as variables on `tape`; see
    /// `DifferentiableNetwork`.
    public func forward(
        _ batch: [SequenceInput], output: NetworkOutput, watching sites: [Site], on tape: Tape
    ) throws -> (logits: Tensor?, activations: [Site: Tensor]) {
        for site in sites {
            _ = try layout.width(of: site)
            if case .head = site {
                throw SiteError(
                    .notDifferentiable, "\(site) is a part of a tensor; watch the attention's output instead")
            }
        }
        let watch = SiteWatch(sites, on: tape)
        let logits = try forward(batch, output: output, through: nil, watch: watch, checkpoints: nil)
        return (logits, watch.activations)
    }

    private func forward(
        _ batch: [SequenceInput], output: NetworkOutput, through last: Site?, watch: SiteWatch?,
        checkpoints: Tape?
    ) throws -> Tensor? {
        if let last { _ = try layout.width(of: last) }
        let (pass, ids) = try prepare(batch, watch)
        guard !batch.isEmpty else { return nil }

        var x = try tokens.gatherRows(ids)
        if let positions { x = try x.adding(positions.gatherRows(pass.positions)) }
        x = try pass.visit(.embedding, x)
        // Until every block has its keys, the states are unfit to go on from.
        for sequence in pass.sequences { sequence.state.isPartial = true }
        if last == .embedding { return nil }
        for (layer, block) in blocks.enumerated() {
            x = try run(block, layer, x, pass, checkpoints)
            if layer == last?.layer { return nil }
        }
        for sequence in pass.sequences {
            sequence.state.isPartial = false
            sequence.state.count += sequence.rows.count
        }
        return try logits(x, pass: pass, output: output, through: last)
    }

    private func run(
        _ block: DecoderBlock, _ layer: Int, _ x: Tensor, _ pass: ForwardPass, _ checkpoints: Tape?
    ) throws -> Tensor {
        guard let checkpoints else { return try block(x, layer: layer, pass: pass) }
        // The second run fills caches of its own, and must not hold on to those of the first.
        let blank = pass.restarted()
        return try checkpoints.checkpoint(
            first: { try block(x, layer: layer, pass: pass) },
            again: { try block(x, layer: layer, pass: blank.restarted()) })
    }

    private func logits(
        _ x: Tensor, pass: ForwardPass, output: NetworkOutput, through last: Site?
    ) throws -> Tensor? {
        let normalisesAll = output != .lastLogits || pass.sequences.contains { $0.hooks.has(.finalNorm) }
        var states = x
        if normalisesAll {
            states = try pass.visit(.finalNorm, finalNorm(x))
        }
        if last == .finalNorm || output == .none { return nil }
        if output == .lastLogits {
            states = try lastRows(of: states, pass)
            if !normalisesAll { states = try finalNorm(states) }
        }
        let result = try states.linear(head)
        return try output == .allLogits ? pass.visit(.logits, result) : pass.visitLast(.logits, result)
    }

    /// The last row of each sequence.
    private func lastRows(of x: Tensor, _ pass: ForwardPass) throws -> Tensor {
        if pass.sequences.allSatisfy({ $0.rows.count == 1 }) { return x }
        return try x.gatherRows(pass.sequences.map { Int32($0.rows.upperBound - 1) })
    }

    /// Checks the batch and lays its sequences out in rows.
    private func prepare(_ batch: [SequenceInput], _ watch: SiteWatch?) throws -> (ForwardPass, [Int32]) {
        var ids: [Int32] = []
        var positions: [Int32] = []
        var sequences: [ForwardPass.Sequence] = []
        for input in batch {
            guard !input.tokens.isEmpty else {
                throw SiteError(.unknownToken, "every sequence of a forward pass needs at least one token")
            }
            guard let state = input.state as? DecoderState, state.network == ObjectIdentifier(self) else {
                throw SiteError(.unusableState, "a sequence state of another network was passed in")
            }
            guard !sequences.contains(where: { $0.state === state }) else {
                throw SiteError(.unusableState, "a sequence state stands twice in one batch")
            }
            guard !state.isPartial else {
                throw SiteError(
                    .unusableState, "a sequence whose last pass stopped early cannot be continued")
            }
            let end = state.count + input.tokens.count
            guard end <= layout.maximumPositions else {
                throw SiteError(
                    .contextExceeded,
                    "\(end) tokens are more than the model's \(layout.maximumPositions) positions")
            }
            for site in input.hooks.sites { _ = try layout.width(of: site) }
            let start = ids.count
            for (i, token) in input.tokens.enumerated() {
                guard token >= 0 && token < layout.vocabulary else {
                    throw SiteError(
                        .unknownToken, "token \(token) is outside the vocabulary of \(layout.vocabulary)")
                }
                ids.append(Int32(token))
                positions.append(Int32(state.count + i))
            }
            state.tokens.removeLast(state.tokens.count - state.count)
            state.tokens += input.tokens
            sequences.append(
                ForwardPass.Sequence(
                    state: state, rows: start..<ids.count, hooks: input.hooks, firstPosition: state.count,
                    promptLength: input.promptLength, tokens: input.hooks.isEmpty ? [] : state.tokens,
                    notes: input.hooks.isEmpty ? nil : PassNotes()))
        }
        let isHooked = watch != nil || sequences.contains { !$0.hooks.isEmpty }
        return (
            ForwardPass(sequences: sequences, positions: positions, isHooked: isHooked, watch: watch), ids
        )
    }
}
