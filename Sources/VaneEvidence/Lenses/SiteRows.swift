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
        let taps = Set(sites).sorted().map { ($0, RowsTap()) }
        for (site, tap) in taps { hooks.add(tap, at: site) }
        let input = SequenceInput(
            state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
        logits = try network.forward([input], output: output, through: output == .none ? sites.max() : nil)
        var rows: [Site: Tensor] = [:]
        for (site, tap) in taps {
            let width = try network.layout.width(of: site)
            let read = tap.rows
            guard !read.isEmpty else {
                throw EvidenceError(.unusableSite, "nothing was read at \(site)")
            }
            rows[site] = try Tensor(read.flatMap(\.self), shape: [read.count, width])
        }
        self.rows = rows
    }

    /// The last row at a site, empty where none was read.
    func last(_ site: Site) -> [Float] {
        guard let matrix = rows[site] else { return [] }
        return Array(matrix.elements.suffix(matrix.width))
    }
}
