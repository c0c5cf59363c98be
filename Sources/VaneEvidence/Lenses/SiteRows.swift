import Synchronization
import VaneConcepts
import VaneSites
import VaneTensors

/// Every token's activation at some sites for one text: what lenses and attributions look at.
struct SiteRows {
    /// `[tokens, width]` per site.
    let rows: [Site: Tensor]
    /// The logits asked for.
    let logits: Tensor?

    /// Runs one text.
    ///
    /// - Parameters:
    ///   - output: which logits to compute as well; with none the pass ends at the last site.
    ///   - edits: what is on meanwhile; activations are read after the edits at their site.
    /// - Throws: ``EvidenceError`` `unusableInputs` for a text without tokens; `SiteError`.
    init(
        _ tokens: [Int], at sites: [Site], in network: any SteerableNetwork, under edits: Hooks = Hooks(),
        output: NetworkOutput = .none
    ) throws {
        guard !tokens.isEmpty else { throw EvidenceError(.unusableInputs, "the text has no tokens") }
        var hooks = edits
        let taps = Set(sites).sorted().map { ($0, RowTap()) }
        for (site, tap) in taps { hooks.add(tap, at: site) }
        let input = SequenceInput(
            state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
        logits = try network.forward([input], output: output, through: output == .none ? sites.max() : nil)
        var rows: [Site: Tensor] = [:]
        for (site, tap) in taps {
            let width = try network.layout.width(of: site)
            let values = tap.values
            guard !values.isEmpty, values.count % width == 0 else {
                throw EvidenceError(.unusableSite, "nothing was read at \(site)")
            }
            rows[site] = try Tensor(values, shape: [values.count / width, width])
        }
        self.rows = rows
    }

    /// The last row at a site, empty where none was read.
    func last(_ site: Site) -> [Float] {
        guard let matrix = rows[site] else { return [] }
        return Array(matrix.elements.suffix(matrix.width))
    }
}

private final class RowTap: Tap {
    private let kept = Mutex<[Float]>([])

    var values: [Float] { kept.withLock { $0 } }

    func read(_ activation: Activation) {
        var values: [Float] = []
        values.reserveCapacity(activation.rows * activation.width)
        for row in 0..<activation.rows { values += activation[row] }
        kept.withLock { $0 += values }
    }
}
