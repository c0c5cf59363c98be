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

    /// The rows at a site as lists, none where none was read.
    func lists(_ site: Site) -> [[Float]] {
        guard let matrix = rows[site] else { return [] }
        let (values, width) = (matrix.elements, matrix.width)
        return (0..<matrix.rowCount).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    /// The rows of many texts at one site, read in batches.
    ///
    /// - Parameters:
    ///   - texts: token ids, some of each.
    ///   - site: where.
    ///   - network: the network.
    ///   - batchTokens: tokens a pass takes at most; a longer text goes alone.
    /// - Returns: `[texts][tokens][width]`
    /// - Throws: ``EvidenceError`` `unusableInputs`; `SiteError`.
    static func rows(
        of texts: [[Int]], at site: Site, in network: any SteerableNetwork, batchTokens: Int = 1024
    ) throws -> [[[Float]]] {
        try ObjectiveRuns.require(texts, "texts")
        var result: [[[Float]]] = []
        result.reserveCapacity(texts.count)
        for range in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let taps = range.map { _ in RowsTap() }
            let batch = zip(texts[range], taps).map { text, tap in
                var hooks = Hooks()
                hooks.add(tap, at: site)
                return SequenceInput(
                    state: network.makeSequence(), tokens: text, hooks: hooks, promptLength: text.count)
            }
            _ = try network.forward(batch, output: .none, through: site)
            result += taps.map(\.rows)
        }
        return result
    }

    /// The last row at a site, empty where none was read.
    func last(_ site: Site) -> [Float] {
        guard let matrix = rows[site] else { return [] }
        return Array(matrix.elements.suffix(matrix.width))
    }
}
