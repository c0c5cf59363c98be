public import VaneSites

/// Path patching: how much of what a prompt changes goes from one component straight to another (Wang et al., arXiv
/// 2211.00593; Goldowsky-Dill et al., arXiv 2304.05969).
///
/// 1. All heads are held at their clean outputs but the sender, which writes what it writes in the corrupted run, and the
///    receiver, whose output is read. MLPs run on, unless they are held too.
/// 2. The clean run with the receiver's output of step 1 in place of its own gives the objective `m`.
///
/// The effect is `(m - m(clean)) / (m(corrupted) - m(clean))`: 0 for no path, 1 where all of the difference takes it. For the
/// output as receiver step 1 gives `m` at once: the sender's direct effect.
public struct PathPatching: Sendable {
    /// Where a path ends.
    public enum Receiver: Sendable, Hashable {
        /// A head or another site, in a later block than the sender.
        case site(Site)
        /// The logits.
        case output
    }

    /// The effect of one sender.
    public struct Effect: Sendable, Hashable {
        /// The sender.
        public let sender: Site
        /// The part of the objective's change that goes this way.
        public let effect: Double
    }

    private let runs: ObjectiveRuns
    private let clean: [Int]
    private let corrupted: [Int]
    private let frozen: [Site: [[Float]]]
    private let values: [Double]

    /// Reads both runs.
    ///
    /// - Parameters:
    ///   - clean: token ids of the clean prompt.
    ///   - corrupted: token ids of the other, as many.
    ///   - objective: what is measured after the last token.
    ///   - holdingMLPs: whether the MLPs are held at their clean outputs too, so that only the residual stream itself carries.
    ///   - network: the network.
    /// - Throws: ``EvidenceError`` `unusableInputs` for prompts of different lengths or with the same objective;
    ///   `SiteError`.
    public init(
        clean: [Int], corrupted: [Int], objective: Objective, holdingMLPs: Bool = false,
        in network: any SteerableNetwork
    ) throws {
        try ObjectiveRuns.require([clean, corrupted], "prompts")
        guard clean.count == corrupted.count else {
            throw EvidenceError(
                .unusableInputs,
                "patching compares position with position: the prompts have \(clean.count) and \(corrupted.count) tokens"
            )
        }
        runs = try ObjectiveRuns(objective, in: network)
        values = try runs.values(of: [clean, corrupted])
        guard values[0] != values[1], values.allSatisfy(\.isFinite) else {
            throw EvidenceError(
                .unusableInputs, "the objective is \(values[0]) after both prompts: there is nothing to trace"
            )
        }
        let layout = network.layout
        var held = (0..<layout.depth).flatMap { layer in
            (0..<layout.heads).map { Site.head(layer: layer, head: $0) }
        }
        if holdingMLPs { held += (0..<layout.depth).map(Site.mlpOutput) }
        let states = try SiteRows(clean, at: held, in: network)
        frozen = Dictionary(uniqueKeysWithValues: held.map { ($0, states.lists($0)) })
        self.clean = clean
        self.corrupted = corrupted
    }

    /// The effect of each sender on the way to `receiver`, in the order of `senders`.
    ///
    /// - Throws: ``EvidenceError`` `unusableSite` for a receiver that a sender does not come before; `SiteError`.
    public func effects(
        of senders: [Site], on receiver: Receiver, progress: ((Int) -> Void)? = nil
    ) throws -> [Effect] {
        let sources = try SiteRows(corrupted, at: senders, in: runs.network)
        return try senders.enumerated().map { number, sender in
            defer { progress?(number + 1) }
            var hooks = Hooks()
            var target: Site?
            if case .site(let site) = receiver {
                guard sender < site, sender.layer ?? -1 < site.layer ?? .max else {
                    throw EvidenceError(
                        .unusableSite,
                        "\(sender) is not in an earlier block than \(site), so no path leads there")
                }
                target = site
            }
            for (site, rows) in frozen where site != sender && site != target {
                hooks.add(PatchEdit(.whole, from: .rows(rows)), at: site)
            }
            hooks.add(PatchEdit(.whole, from: .rows(sources.lists(sender))), at: sender)
            let value: Double
            if let target {
                let received = try SiteRows(clean, at: [target], in: runs.network, under: hooks)
                var second = Hooks()
                second.add(PatchEdit(.whole, from: .rows(received.lists(target))), at: target)
                value = try runs.values(of: [clean], under: second)[0]
            } else {
                value = try runs.values(of: [clean], under: hooks)[0]
            }
            return Effect(sender: sender, effect: (value - values[0]) / (values[1] - values[0]))
        }
    }
}
