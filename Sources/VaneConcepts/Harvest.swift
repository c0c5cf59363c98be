import Synchronization
public import VaneSites
public import VaneTensors

/// The activations of many texts at some sites: one row a text, or several with ``Pooling/tokens``.
public struct Harvest: Sendable {
    /// `[rows, width]` per site.
    public let activations: [Site: Tensor]
    /// The rows of each text.
    public let rows: [Range<Int>]
    /// Mean Euclidean norm of a single token's activation per site, over all texts.
    public let typicalNorms: [Site: Double]

    /// Runs `texts` (token ids) through `network` in one pass over all `sites`, which ends after the last
    /// site needed.
    ///
    /// Texts are packed side by side without padding; a text's rows are the same bits in any batch.
    ///
    /// - Parameters:
    ///   - texts: the token ids of each text.
    ///   - sites: where to read.
    ///   - network: the network to read.
    ///   - pooling: which tokens' activations stand for a text.
    ///   - massiveRatio: tokens whose largest entry is at least so many times the median of their entries are left out;
    ///     a text of nothing else keeps them.
    ///   - edits: what is on while the texts are read; an activation is read after the edits at its site.
    ///   - batchTokens: tokens a forward pass takes at most (a longer text goes alone).
    ///   - progress: called with the number of texts done.
    /// - Throws: ``ConceptError`` `unusableExamples` for a text without tokens; `SiteError`.
    public init(
        _ texts: [[Int]], at sites: [Site], in network: any SteerableNetwork, pooling: Pooling,
        massiveRatio: Double? = nil, under edits: Hooks = Hooks(), batchTokens: Int = 1024,
        progress: ((Int) -> Void)? = nil
    ) throws {
        let pooled = try texts.enumerated().map { number, text in
            guard !text.isEmpty else {
                throw ConceptError(.unusableExamples, "text \(number + 1) has no tokens")
            }
            return try pooling.rows(count: text.count)
        }
        var rows: [Range<Int>] = []
        for ranges in pooled {
            let first = rows.last?.upperBound ?? 0
            rows.append(first..<first + ranges.count)
        }
        self.rows = rows
        var collectors: [Site: Collector] = [:]
        for site in sites {
            collectors[site] = Collector(
                rows: rows.last?.upperBound ?? 0, width: try network.layout.width(of: site))
        }
        let last = sites.max()
        var start = 0
        while start < texts.count {
            var batch: [SequenceInput] = []
            var tokens = 0
            var end = start
            while end < texts.count, batch.isEmpty || tokens + texts[end].count <= batchTokens {
                var hooks = edits
                for (site, collector) in collectors {
                    hooks.add(
                        PoolingTap(
                            collector: collector, first: rows[end].lowerBound, pooled: pooled[end],
                            massiveRatio: massiveRatio),
                        at: site)
                }
                batch.append(
                    SequenceInput(
                        state: network.makeSequence(), tokens: texts[end], hooks: hooks,
                        promptLength: texts[end].count))
                tokens += texts[end].count
                end += 1
            }
            _ = try network.forward(batch, output: .none, through: last)
            start = end
            progress?(start)
        }
        activations = collectors.mapValues(\.matrix)
        typicalNorms = collectors.mapValues(\.meanNorm)
    }
}

/// The rows of one site, filled by the taps of all texts.
private final class Collector: Sendable {
    let matrix: Tensor
    private let norms = Mutex((sum: 0.0, count: 0))

    init(rows: Int, width: Int) { matrix = Tensor(zeros: [rows, width]) }

    var meanNorm: Double { norms.withLock { $0.count == 0 ? 0 : $0.sum / Double($0.count) } }

    func add(norm: Double, count: Int) {
        norms.withLock {
            $0.sum += norm
            $0.count += count
        }
    }
}

/// Averages ranges of a text's rows in double precision, in the order of the tokens.
private struct PoolingTap: Tap {
    let collector: Collector
    /// The collector's row for the first range.
    let first: Int
    let pooled: [Range<Int>]

    let massiveRatio: Double?

    func read(_ activation: Activation) {
        let kept = keptRows(activation)
        var norms = 0.0
        var count = 0
        for row in 0..<activation.rows where kept[row] {
            let values = activation[row]
            if let base = values.baseAddress {
                norms += Vectors.dot(base, base, count: values.count).squareRoot()
                count += 1
            }
        }
        collector.add(norm: norms, count: count)
        let width = activation.width
        for (number, range) in pooled.enumerated() {
            var mean = [Double](repeating: 0, count: width)
            let some = range.contains { kept[$0] }
            let rows = range.filter { kept[$0] || !some }
            for row in rows {
                let values = activation[row]
                for j in mean.indices { mean[j] += Double(values[j]) }
            }
            collector.matrix.write { base in
                let row = base + (first + number) * width
                for j in mean.indices { row[j] = Float(mean[j] / Double(rows.count)) }
            }
        }
    }

    /// Which rows carry no massive entry.
    private func keptRows(_ activation: Activation) -> [Bool] {
        guard let massiveRatio else { return [Bool](repeating: true, count: activation.rows) }
        return (0..<activation.rows).map { row in
            let magnitudes = activation[row].map(abs).sorted()
            let median = magnitudes[magnitudes.count / 2]
            return Double(magnitudes.last ?? 0) < massiveRatio * Double(median)
        }
    }
}
