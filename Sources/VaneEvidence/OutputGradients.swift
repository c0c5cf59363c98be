import VaneConcepts
public import VaneSites
public import VaneTensors

/// The gradients of an ``Objective`` at the end of some texts with respect to the activations at some sites.
///
/// Moving the activation of token `i` by `δ` changes the objective by `g_i · δ` to first order. The tokens of
/// one text have nothing to do with another text, so one backward pass serves all texts of a batch.
public struct OutputGradients: Sendable {
    /// Which tokens' rows are kept of each text.
    public enum Rows: Hashable, Sendable {
        /// Every token's.
        case each
        /// The last token's.
        case last
        /// The sum over the tokens: the change when one vector is added to all of them. Activations are means.
        case sum
    }

    /// The objective per text.
    public let values: [Double]
    /// The rows of each text.
    public let rows: [Range<Int>]
    /// `[rows, width]` per site.
    public let gradients: [Site: Tensor]
    /// `[rows, width]` per site.
    public let activations: [Site: Tensor]

    /// Runs `texts` forward and back.
    ///
    /// - Parameters:
    ///   - objective: what to differentiate, read after each text's last token.
    ///   - texts: token ids.
    ///   - sites: where; no single heads. None gives the values alone.
    ///   - network: the network.
    ///   - kept: which tokens' rows to keep.
    ///   - edits: what is on meanwhile; see `DifferentiableNetwork` for where edits can be.
    ///   - batchTokens: tokens a pass takes at most; a longer text goes alone.
    ///   - progress: called with the number of texts done.
    /// - Throws: ``EvidenceError`` `unusableInputs` for an empty text, `invalidOption`; `SiteError`.
    public init(
        of objective: Objective, _ texts: [[Int]], at sites: [Site],
        in network: any DifferentiableNetwork, keeping kept: Rows = .each, under edits: Hooks = Hooks(),
        batchTokens: Int = 512, progress: ((Int) -> Void)? = nil
    ) throws {
        try objective.check(vocabulary: network.layout.vocabulary)
        if let empty = texts.firstIndex(where: \.isEmpty) {
            throw EvidenceError(.unusableInputs, "text \(empty + 1) has no tokens")
        }
        var values: [Double] = []
        var rows: [Range<Int>] = []
        var gradients: [Site: [Float]] = [:]
        var activations: [Site: [Float]] = [:]
        for batch in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let tape = Tape()
            let inputs = texts[batch].map {
                SequenceInput(
                    state: network.makeSequence(), tokens: $0, hooks: edits, promptLength: $0.count)
            }
            let (output, watched) = try network.forward(
                inputs, output: .lastLogits, watching: sites, on: tape)
            guard let output else {
                throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
            }
            let logits = output.elements
            let width = output.width
            var seed: [Float] = []
            seed.reserveCapacity(logits.count)
            for number in inputs.indices {
                let row = Array(logits[number * width..<(number + 1) * width])
                values.append(objective.value(of: row))
                seed += objective.slope(of: row)
            }
            let variables = try sites.map { site in
                guard let variable = watched[site] else {
                    throw EvidenceError(.unusableSite, "nothing was read at \(site)")
                }
                return variable
            }
            let slopes =
                variables.isEmpty
                ? []
                : try tape.pullback(of: output, along: Tensor(seed, shape: output.shape), at: variables)
            for (number, site) in sites.enumerated() {
                gradients[site, default: []] += OutputGradients.kept(
                    kept, of: slopes[number], inputs.map(\.tokens.count), mean: false)
                activations[site, default: []] += OutputGradients.kept(
                    kept, of: variables[number].detached, inputs.map(\.tokens.count), mean: true)
            }
            for input in inputs {
                let first = rows.last?.upperBound ?? 0
                rows.append(first..<first + (kept == .each ? input.tokens.count : 1))
            }
            progress?(batch.upperBound)
        }
        self.values = values
        self.rows = rows
        let count = rows.last?.upperBound ?? 0
        func matrices(_ parts: [Site: [Float]]) throws -> [Site: Tensor] {
            try parts.mapValues { try Tensor($0, shape: [count, $0.count / count]) }
        }
        self.gradients = try matrices(gradients)
        self.activations = try matrices(activations)
    }

    private static func kept(_ kept: Rows, of matrix: Tensor, _ counts: [Int], mean: Bool) -> [Float] {
        let values = matrix.contiguous().elements
        let width = matrix.width
        guard kept != .each else { return values }
        var result: [Float] = []
        var start = 0
        for count in counts {
            switch kept {
            case .each: break
            case .last:
                result += values[(start + count - 1) * width..<(start + count) * width]
            case .sum:
                var sums = [Double](repeating: 0, count: width)
                for row in start..<start + count {
                    for j in 0..<width { sums[j] += Double(values[row * width + j]) }
                }
                result += sums.map { Float(mean ? $0 / Double(count) : $0) }
            }
            start += count
        }
        return result
    }
}
