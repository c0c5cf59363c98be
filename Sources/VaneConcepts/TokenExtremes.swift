import Synchronization
import VaneSites

/// The smallest and the largest value of every entry over the tokens of each text.
struct TokenExtremes {
    /// `[texts][width]`
    let low: [[Float]]
    /// `[texts][width]`
    let high: [[Float]]

    /// Reads whole texts at `sites` in one pass, each under `hooks`.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for a text without tokens; `SiteError`.
    static func read(
        _ texts: [[Int]], at sites: [Site], in network: any SteerableNetwork, under hooks: Hooks = Hooks(),
        batchTokens: Int
    ) throws -> [Site: TokenExtremes] {
        let taps = sites.map { _ in texts.map { _ in ExtremesTap() } }
        for range in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let batch = try range.map { number in
                guard !texts[number].isEmpty else {
                    throw ConceptError(.unusableExamples, "text \(number + 1) has no tokens")
                }
                var hooks = hooks
                for (site, taps) in zip(sites, taps) { hooks.add(taps[number], at: site) }
                return SequenceInput(
                    state: network.makeSequence(), tokens: texts[number], hooks: hooks,
                    promptLength: texts[number].count)
            }
            _ = try network.forward(batch, output: .none, through: sites.max())
        }
        let extremes = taps.map { taps in
            TokenExtremes(low: taps.map(\.extremes.low), high: taps.map(\.extremes.high))
        }
        return Dictionary(zip(sites, extremes)) { first, _ in first }
    }
}

private final class ExtremesTap: Tap {
    private let kept = Mutex<(low: [Float], high: [Float])>(([], []))

    var extremes: (low: [Float], high: [Float]) { kept.withLock { ($0.low, $0.high) } }

    func read(_ activation: Activation) {
        guard activation.rows > 0 else { return }
        var low = Array(activation[0])
        var high = low
        for row in 1..<max(activation.rows, 1) {
            for (j, value) in activation[row].enumerated() {
                low[j] = min(low[j], value)
                high[j] = max(high[j], value)
            }
        }
        kept.withLock { $0 = (low, high) }
    }
}
