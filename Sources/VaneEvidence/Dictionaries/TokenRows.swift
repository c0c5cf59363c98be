import Synchronization
import VaneConcepts
import VaneSites
import VaneTensors

/// The activations of every token of some texts at one site, `[tokens, width]`.
enum TokenRows {
    /// Reads whole texts in one pass each batch; rows in the order of the texts.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` for an empty text; `SiteError`.
    static func read(
        _ texts: ArraySlice<[Int]>, at site: Site, in network: any SteerableNetwork, batchTokens: Int
    ) throws -> Tensor {
        let width = try network.layout.width(of: site)
        let result = Tensor(zeros: [texts.reduce(0) { $0 + $1.count }, width])
        let texts = Array(texts)
        var first = 0
        for batch in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let inputs = try texts[batch].map { text in
                guard !text.isEmpty else { throw EvidenceError(.unusableInputs, "a text has no tokens") }
                var hooks = Hooks()
                hooks.add(RowTap(matrix: result, first: first), at: site)
                first += text.count
                return SequenceInput(
                    state: network.makeSequence(), tokens: text, hooks: hooks, promptLength: text.count)
            }
            _ = try network.forward(inputs, output: .none, through: site)
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
