import Foundation
import Synchronization
public import VaneSites
import VaneTensors

extension Concept {
    /// The probability the probe at `site` reads at each token, one list a text. Nothing is edited.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`; `SiteError`, also for a text without tokens.
    public func readout(of texts: [[Int]], at site: Site, in network: any SteerableNetwork) throws
        -> [[Double]]
    {
        let probe = try layer(at: site).probe
        var results: [[Double]] = []
        for start in stride(from: 0, to: texts.count, by: 16) {
            let taps = texts[start..<min(start + 16, texts.count)].map { ($0, ReadoutTap(probe)) }
            let batch = taps.map { tokens, tap in
                var hooks = Hooks()
                hooks.add(tap, at: site)
                return SequenceInput(
                    state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
            }
            _ = try network.forward(batch, output: .none, through: site)
            results += taps.map { $0.1.probabilities }
        }
        return results
    }

    /// The probability the probe at `site` reads for a whole text, pooled as the examples were; of several activations
    /// the mean logit decides.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`; `SiteError`.
    public func score(_ texts: [[Int]], at site: Site, in network: any SteerableNetwork) throws -> [Double] {
        let probe = try layer(at: site).probe
        let harvest = try Harvest(texts, at: [site], in: network, pooling: provenance.options.pooling)
        guard let activations = harvest.activations[site] else { return [] }
        return probe.logits(of: harvest.rows, in: activations).map { LinearProbe.sigmoid($0) }
    }
}

/// Reads a probe at every row.
private final class ReadoutTap: Tap {
    private let probe: LinearProbe
    private let values = Mutex<[Double]>([])

    init(_ probe: LinearProbe) { self.probe = probe }

    var probabilities: [Double] { values.withLock { $0 } }

    func read(_ activation: Activation) {
        for row in 0..<activation.rows {
            let probability = probe.probability(activation[row])
            values.withLock { $0.append(probability) }
        }
    }
}
