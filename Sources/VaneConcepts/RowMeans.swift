import Synchronization
import VaneSites

/// The mean activation over some rows of each text, where every text has its own: what `Harvest` pools by one
/// rule for all.
enum RowMeans {
    /// One mean a text, `[texts][width]`.
    ///
    /// - Parameter rows: positions inside each text, at least one.
    static func read(
        _ texts: [[Int]], rows: [Range<Int>], at site: Site, in network: any SteerableNetwork,
        batchTokens: Int
    ) throws -> [[Float]] {
        var means: [[Float]] = []
        for range in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let taps = range.map { MeanTap(rows[$0]) }
            let batch = zip(range, taps).map { number, tap in
                var hooks = Hooks()
                hooks.add(tap, at: site)
                return SequenceInput(
                    state: network.makeSequence(), tokens: texts[number], hooks: hooks,
                    promptLength: texts[number].count)
            }
            _ = try network.forward(batch, output: .none, through: site)
            means += taps.map(\.mean)
        }
        return means
    }
}

private final class MeanTap: Tap {
    private let rows: Range<Int>
    private let kept = Mutex<[Float]>([])

    init(_ rows: Range<Int>) { self.rows = rows }

    var mean: [Float] { kept.withLock { $0 } }

    func read(_ activation: Activation) {
        let mean = Numbers.mean(rows.clamped(to: 0..<activation.rows).map { Array(activation[$0]) })
        kept.withLock { $0 = mean.map { Float($0) } }
    }
}
