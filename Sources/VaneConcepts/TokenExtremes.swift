import Synchronization
import VaneSites

/// The smallest and the largest value of every entry over the tokens of each text.
struct TokenExtremes {
    /// `[texts][width]`
    let low: [[Float]]
    /// `[texts][width]`
    let high: [[Float]]

    /// Reads whole texts at `site`, each under `hooks`.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for a text without tokens; `SiteError`.
    init(
        _ texts: [[Int]], at site: Site, in network: any SteerableNetwork, under hooks: Hooks = Hooks(),
        batchTokens: Int
    ) throws {
        var (low, high): ([[Float]], [[Float]]) = ([], [])
        for range in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let taps = range.map { _ in ExtremesTap() }
            let batch = try zip(range, taps).map { number, tap in
                guard !texts[number].isEmpty else {
                    throw ConceptError(.unusableExamples, "text \(number + 1) has no tokens")
                }
                var hooks = hooks
                hooks.add(tap, at: site)
                return SequenceInput(
                    state: network.makeSequence(), tokens: texts[number], hooks: hooks,
                    promptLength: texts[number].count)
            }
            _ = try network.forward(batch, output: .none, through: site)
            low += taps.map(\.extremes.low)
            high += taps.map(\.extremes.high)
        }
        (self.low, self.high) = (low, high)
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
