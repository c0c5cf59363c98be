import Synchronization
import VaneConcepts
import VaneSites
import VaneTensors

/// The activations of every token of some texts, `[tokens, width]` a site.
enum TokenRows {
    /// Reads whole texts at one site in one pass each batch; rows in the order of the texts.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` for an empty text; `SiteError`.
    static func read(
        _ texts: ArraySlice<[Int]>, at site: Site, in network: any SteerableNetwork, batchTokens: Int
    ) throws -> Tensor {
        try read(texts, at: [site], in: network, batchTokens: batchTokens)[site] ?? Tensor(zeros: [0, 0])
    }

    /// Reads whole texts at several sites in one pass each batch.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` for an empty text; `SiteError`.
    static func read(
        _ texts: ArraySlice<[Int]>, at sites: [Site], in network: any SteerableNetwork, batchTokens: Int,
        progress: ((Double) -> Void)? = nil
    ) throws -> [Site: Tensor] {
        let count = texts.reduce(0) { $0 + $1.count }
        var result: [Site: Tensor] = [:]
        for site in sites { result[site] = Tensor(zeros: [count, try network.layout.width(of: site)]) }
        let texts = Array(texts)
        var first = 0
        for batch in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let inputs = try texts[batch].map { text in
                guard !text.isEmpty else { throw EvidenceError(.unusableInputs, "a text has no tokens") }
                var hooks = Hooks()
                for (site, matrix) in result { hooks.add(RowTap(matrix: matrix, first: first), at: site) }
                first += text.count
                return SequenceInput(
                    state: network.makeSequence(), tokens: text, hooks: hooks, promptLength: text.count)
            }
            _ = try network.forward(inputs, output: .none, through: sites.max())
            progress?(Double(first) / Double(max(count, 1)))
        }
        return result
    }
}

/// Copies a text's rows to their place.
private struct RowTap: Tap {
    let matrix: Tensor
    let first: Int

    func read(_ activation: Activation) {
        let width = matrix.width
        matrix.write { base in
            for row in 0..<activation.rows {
                let values = activation[row]
                for j in 0..<width { base[(first + row) * width + j] = values[j] }
            }
        }
    }
}
