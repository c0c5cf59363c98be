import Foundation
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

/// What one sequence gave: all logits and every row at every site.
struct ModelRun: Equatable {
    var logits: [[UInt32]] = []
    var sites: [Site: [[UInt32]]] = [:]

    /// The residual streams only.
    var residuals: [Site: [[UInt32]]] {
        sites.filter { if case .residual = $0.key { true } else { false } }
    }

    /// Runs `tokens` in pieces of these lengths through a sequence of its own.
    init(_ network: DecoderNetwork, _ tokens: [Int], pieces: [Int]? = nil, hooks: Hooks = Hooks()) throws {
        let recorder = ActivationRecorder()
        let state = network.makeSequence()
        let reading = hooks.followed(by: recorder.hooks(at: network.layout.everySite))
        var start = 0
        for length in pieces ?? [tokens.count] {
            let input = SequenceInput(
                state: state, tokens: Array(tokens[start..<start + length]), hooks: reading,
                promptLength: tokens.count)
            if let rows = try network.forward([input], output: .allLogits) { logits += rowBits(rows) }
            start += length
        }
        sites = recorder.rows.mapValues { bitPatterns($0) }
    }
}

/// The bits of each row.
func rowBits(_ tensor: Tensor) -> [[UInt32]] {
    let width = tensor.shape[1]
    let bits = bitPatterns(tensor.elements)
    return (0..<tensor.shape[0]).map { Array(bits[$0 * width..<($0 + 1) * width]) }
}

/// The ids that follow greedily, one cached step at a time, up to and with `end`.
func greedy(_ network: DecoderNetwork, _ prompt: [Int], count: Int, end: Int? = nil) throws -> [Int] {
    let state = network.makeSequence()
    var chosen: [Int] = []
    var next = prompt
    while chosen.count < count, chosen.last != end || end == nil {
        let input = SequenceInput(state: state, tokens: next, promptLength: prompt.count)
        guard let logits = try network.forward([input], output: .lastLogits)?.elements,
            let best = logits.indices.max(by: { logits[$0] < logits[$1] })
        else { break }
        chosen.append(best)
        next = [best]
    }
    return chosen
}

/// −mean log p(ids[i + 1] | ids[...i]), summed in double precision from the logits of all positions.
func meanNegativeLogLikelihood(_ logits: Tensor, _ ids: [Int]) -> Double {
    let width = logits.shape[1]
    let scores = logits.elements.map(Double.init)
    let losses = (0..<ids.count - 1).map { position -> Double in
        let row = scores[position * width..<(position + 1) * width]
        let largest = row.max() ?? 0
        let logSum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
        return logSum - row[row.startIndex + ids[position + 1]]
    }
    return losses.reduce(0, +) / Double(losses.count)
}
