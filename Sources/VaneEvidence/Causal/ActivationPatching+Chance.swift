public import VaneSites
import VaneTensors

extension ActivationPatching {
    /// The effects of random moves: at each place the state moves as far as the patch moves it, along random
    /// directions.
    ///
    /// What a patch does counts as the other run's doing only where it is larger than this. Where the two
    /// runs have the same state
    /// nothing moves, and the effect is 0.
    ///
    /// - Parameters:
    ///   - clean: token ids of the clean prompt, as for the patching.
    ///   - corrupted: token ids of the other.
    ///   - objective: what is measured after the last token.
    ///   - draws: random directions for each place.
    ///   - seed: seeds them.
    ///   - network: the network.
    ///   - progress: called with the number of finished runs and their total.
    /// - Returns: `[sites][positions][draws]`, normalised as ``effects``.
    /// - Throws: ``EvidenceError`` `unusableInputs` for other prompts than were patched, `invalidOption`;
    ///   `SiteError`.
    public func chance(
        clean: [Int], corrupted: [Int], objective: Objective, draws: Int = 5, seed: UInt64 = 0,
        in network: any SteerableNetwork, progress: ((Int, Int) -> Void)? = nil
    ) throws -> [[[Double]]] {
        guard draws > 0 else {
            throw EvidenceError(.invalidOption, "chance takes at least one draw, not \(draws)")
        }
        let runs = try ObjectiveRuns(objective, in: network)
        guard clean.count == corrupted.count, positions.allSatisfy(clean.indices.contains) else {
            throw EvidenceError(
                .unusableInputs,
                "the prompts have \(clean.count) and \(corrupted.count) tokens; expected those that were patched"
            )
        }
        let (base, source) = direction == .denoising ? (corrupted, clean) : (clean, corrupted)
        let start = direction == .denoising ? self.corrupted : self.clean
        let states = try SiteRows(source, at: sites, in: network)
        var generator = SeededGenerator(seed: seed, stream: 740)
        var patched: [(tokens: [Int], hooks: Hooks)] = []
        for site in sites {
            let (width, rows) = (try network.layout.width(of: site), states.lists(site))
            for position in positions {
                for _ in 0..<draws {
                    var hooks = Hooks()
                    hooks.add(
                        PatchEdit(
                            .direction(generator.unitVector(width: width)), from: .rows(rows),
                            at: position..<position + 1, asFarAs: .whole), at: site)
                    patched.append((base, hooks))
                }
            }
        }
        let outcomes = try runs.values(patched) { progress?($0, patched.count) }
        let span = self.clean - self.corrupted
        return sites.indices.map { row in
            positions.indices.map { column in
                (0..<draws).map { draw in
                    let change = outcomes[(row * positions.count + column) * draws + draw] - start
                    return (direction == .denoising ? change : -change) / span
                }
            }
        }
    }
}
