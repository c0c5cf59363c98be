public import VaneSites

/// Activation patching: which states, at which positions, carry what tells one prompt from another (causal tracing
/// with interchange instead of noise; Meng et al., arXiv 2202.05262; Zhang and Nanda, arXiv 2309.16042).
///
/// The two prompts have as many tokens and differ in one thing. *Denoising* runs the corrupted prompt with one state
/// of the clean run in place of its own, *noising* the reverse. With `m` the objective,
///
///     denoising   (m(patched) - m(corrupted)) / (m(clean) - m(corrupted))
///     noising     (m(clean) - m(patched)) / (m(clean) - m(corrupted))
///
/// Denoising finds what suffices, noising what is needed: with a back-up elsewhere the second is small and the first
/// large. 0 is no effect, 1 the whole difference; values beyond are possible.
public struct ActivationPatching: Sendable, Hashable {
    /// Which run is patched.
    public enum Direction: String, Sendable, Hashable, Codable, CaseIterable {
        /// The corrupted run gets clean states.
        case denoising
        /// The clean run gets corrupted states.
        case noising
    }

    /// Where states were patched, one row of ``effects`` each.
    public let sites: [Site]
    /// The positions, one column each, counted from 0.
    public let positions: [Int]
    /// Which run was patched.
    public let direction: Direction
    /// The objective of the clean prompt.
    public let clean: Double
    /// The objective of the corrupted prompt.
    public let corrupted: Double
    /// The normalised effects, `[sites][positions]`.
    public let effects: [[Double]]

    /// Patches every site at every position.
    ///
    /// - Parameters:
    ///   - clean: token ids of the clean prompt.
    ///   - corrupted: token ids of the other, as many.
    ///   - objective: what is measured after the last token.
    ///   - sites: where to patch.
    ///   - positions: at which positions; all if nil.
    ///   - direction: which run is patched.
    ///   - part: what of a state is patched; of the same width at all sites.
    ///   - network: the network.
    ///   - progress: called with the number of finished runs and their total.
    /// - Throws: ``EvidenceError`` `unusableInputs` for prompts of different lengths or with the same objective,
    ///   `invalidOption`; `SiteError`.
    public init(
        clean: [Int], corrupted: [Int], objective: Objective, at sites: [Site], positions: [Int]? = nil,
        _ direction: Direction = .denoising, part: StatePart = .whole, in network: any SteerableNetwork,
        progress: ((Int, Int) -> Void)? = nil
    ) throws {
        try ObjectiveRuns.require([clean, corrupted], "prompts")
        guard clean.count == corrupted.count else {
            throw EvidenceError(
                .unusableInputs,
                "patching compares position with position: the prompts have \(clean.count) and \(corrupted.count) tokens"
            )
        }
        let positions = positions ?? Array(clean.indices)
        guard !sites.isEmpty, !positions.isEmpty, positions.allSatisfy(clean.indices.contains) else {
            throw EvidenceError(
                .invalidOption,
                "patching takes at least one site and positions from 0 to \(clean.count - 1)")
        }
        for site in sites { try part.check(width: network.layout.width(of: site), at: site) }
        let runs = try ObjectiveRuns(objective, in: network)
        let values = try runs.values(of: [clean, corrupted])
        guard values[0] != values[1], values.allSatisfy(\.isFinite) else {
            throw EvidenceError(
                .unusableInputs, "the objective is \(values[0]) after both prompts: there is nothing to trace"
            )
        }
        let (base, source) = direction == .denoising ? (corrupted, clean) : (clean, corrupted)
        let states = try SiteRows(source, at: sites, in: network)
        let patched = sites.flatMap { site in
            positions.map { position in
                var hooks = Hooks()
                hooks.add(
                    PatchEdit(part, from: .rows(states.lists(site)), at: position..<position + 1), at: site)
                return (tokens: base, hooks: hooks)
            }
        }
        let outcomes = try runs.values(patched) { progress?($0, patched.count) }
        let span = values[0] - values[1]
        let start = direction == .denoising ? values[1] : values[0]
        effects = sites.indices.map { row in
            positions.indices.map { column in
                let change = outcomes[row * positions.count + column] - start
                return (direction == .denoising ? change : -change) / span
            }
        }
        self.sites = sites
        self.positions = positions
        self.direction = direction
        self.clean = values[0]
        self.corrupted = values[1]
    }
}
