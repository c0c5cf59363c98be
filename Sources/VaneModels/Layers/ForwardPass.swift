public import VaneSites
import VaneTensors

/// One run through a network: the rows of every sequence and the hooks they carry.
struct ForwardPass {
    struct Sequence {
        let state: DecoderState
        /// Its rows in the batch's tensors.
        let rows: Range<Int>
        let hooks: Hooks
        /// The position of its first row.
        let firstPosition: Int
        let promptLength: Int
        /// The ids of all its tokens up to its last row.
        let tokens: [Int]
        /// What its hooks leave for each other in this pass; nil without hooks.
        let notes: PassNotes?
    }

    let sequences: [Sequence]
    /// The position of each row.
    let positions: [Int32]
    /// Whether any sequence has hooks or a site is watched; if not, a site costs this one check.
    let isHooked: Bool
    /// Records activations from watched sites on.
    let watch: SiteWatch?

    /// The same pass over states that remember nothing.
    func restarted() -> ForwardPass {
        let again = sequences.map {
            Sequence(
                state: $0.state.restarted(), rows: $0.rows, hooks: $0.hooks, firstPosition: $0.firstPosition,
                promptLength: $0.promptLength, tokens: $0.tokens, notes: $0.notes)
        }
        return ForwardPass(sequences: again, positions: positions, isHooked: isHooked, watch: watch)
    }

    /// Runs the hooks at `site` on `values`, one row a token, and returns what the pass goes on with.
    /// `values` was made by this pass and is not shared.
    @inline(__always)
    func visit(_ site: Site, _ values: Tensor) throws -> Tensor {
        isHooked ? try visited(site, values) { runHooks(site, values) } : values
    }

    /// As ``visit(_:_:)`` for tensors that hold one row a sequence, its last token.
    func visitLast(_ site: Site, _ values: Tensor) throws -> Tensor {
        guard isHooked else { return values }
        return try visited(site, values) {
            for (row, sequence) in sequences.enumerated() where sequence.hooks.has(site) {
                run(
                    sequence, site, values, rows: row..<row + 1,
                    from: sequence.firstPosition + sequence.rows.count - 1)
            }
        }
    }

    /// Runs the hooks of single heads of `layer` on `context`, `[rows, heads · headWidth]`.
    @inline(__always)
    func visitHeads(layer: Int, _ context: Tensor, headWidth: Int) throws {
        guard isHooked else { return }
        for sequence in sequences {
            for head in sequence.hooks.heads(in: layer) {
                let site = Site.head(layer: layer, head: head)
                try requireNoEdit(site, context)
                let columns = try context.detached.columns(head * headWidth..<(head + 1) * headWidth)
                run(sequence, site, columns, rows: sequence.rows, from: sequence.firstPosition)
            }
        }
    }

    private func visited(_ site: Site, _ values: Tensor, _ runHooks: () -> Void) throws -> Tensor {
        try requireNoEdit(site, values)
        runHooks()
        return watch?.visit(site, values) ?? values
    }

    /// An edit writes behind the tape's back, so its own part in a gradient would be lost without a word.
    private func requireNoEdit(_ site: Site, _ values: Tensor) throws {
        guard values.isRecorded, sequences.contains(where: { $0.hooks.hasEdit(at: site) }) else { return }
        throw SiteError(.notDifferentiable, "the gradient of an edit at \(site) is not known")
    }

    private func runHooks(_ site: Site, _ values: Tensor) {
        for sequence in sequences where sequence.hooks.has(site) {
            run(sequence, site, values, rows: sequence.rows, from: sequence.firstPosition)
        }
    }

    private func run(
        _ sequence: Sequence, _ site: Site, _ values: Tensor, rows: Range<Int>, from position: Int
    ) {
        values.write { base in
            sequence.hooks.run(
                Activation(
                    site: site, base: base + rows.lowerBound * values.rowStride, rows: rows.count,
                    width: values.width, rowStride: values.rowStride, firstPosition: position,
                    promptLength: sequence.promptLength, tokens: sequence.tokens,
                    notes: sequence.notes ?? PassNotes()))
        }
    }
}

/// What a decoder remembers of one sequence: keys and values of every block.
public final class DecoderState: BranchingState, @unchecked Sendable {
    // Sendable: one forward pass at a time holds a state; the engine's thread sees to that.
    /// The network it belongs to.
    let network: ObjectIdentifier
    var caches: [AttentionCache]
    /// Tokens so far.
    public internal(set) var count = 0
    /// The ids of the tokens so far; a pass that failed may leave some more behind, which the next one drops.
    var tokens: [Int] = []
    /// Whether a pass stopped early, so that later blocks lack keys: such a state cannot be continued.
    var isPartial = false

    init(network: ObjectIdentifier, caches: [AttentionCache]) {
        self.network = network
        self.caches = caches
    }

    /// A state of the same network with the same tokens, which goes on by itself.
    public func fork() -> any BranchingState {
        let copy = DecoderState(network: network, caches: caches)
        copy.count = count
        copy.tokens = tokens
        copy.isPartial = isPartial
        return copy
    }

    /// A state of the same network that remembers nothing.
    func restarted() -> DecoderState {
        DecoderState(
            network: network,
            caches: caches.map { AttentionCache(heads: $0.heads, headWidth: $0.headWidth) })
    }
}
